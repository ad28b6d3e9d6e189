/** What requests may say. Unknown fields are refused: a misspelt one must not be ignored. */
import type { Context } from 'hono';
import { z } from 'zod';
import { refusals } from './refusal.ts';

/** The firewall's own limit. */
const BODY_BYTES_MAX = 8 * 1024;
/** RFC 5321 leaves 254 characters for an address. */
const EMAIL_CHARS_MAX = 254;
/** NIST SP 800-63B: length is what counts; no rules of composition. */
const PASSWORD_CHARS = { min: 8, max: 128 };
const LABEL_CHARS_MAX = 64;
/** PostgreSQL stores no NUL, and nobody means to type the others. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;

const email = z
  .email('must be an e-mail address')
  .max(EMAIL_CHARS_MAX, `must have at most ${EMAIL_CHARS_MAX} characters`)
  .toLowerCase();
const password = z
  .string('must be a text')
  .max(PASSWORD_CHARS.max, `must have at most ${PASSWORD_CHARS.max} characters`);

export const signUpRequest = z.strictObject({
  email,
  password: password.min(PASSWORD_CHARS.min, `must have at least ${PASSWORD_CHARS.min} characters`),
});

/** Whatever was a password once remains one, also when the least length is raised. */
export const logInRequest = z.strictObject({ email, password });

export const apiKeyRequest = z.strictObject({
  label: z
    .string('must be a text')
    .regex(PRINTABLE, 'must not have control characters')
    .trim()
    .min(1, 'must not be empty')
    .max(LABEL_CHARS_MAX, `must have at most ${LABEL_CHARS_MAX} characters`),
  /** Trading has to be asked for. */
  canTrade: z.boolean('must be true or false').default(false),
});

/**
 * The body, as the schema has it.
 * @throws {Refusal} naming the first fault.
 */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw refusals.unsupportedMediaType();
  const parsed = schema.safeParse(parseJson(await readText(context)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') throw refusals.unknownField(issue.keys[0]!);
  const field = issue.path.join('.');
  throw field === ''
    ? refusals.malformedBody('must be a JSON object')
    : refusals.invalidField(field, issue.message);
}

async function readText(context: Context): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw refusals.bodyTooLarge(BODY_BYTES_MAX);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusals.malformedJson();
  }
}
