/** What requests may say. Unknown fields are refused: a misspelt one must not be ignored. */
import type { Context } from 'hono';
import { z } from 'zod';
import { refusals } from './refusal.ts';

/** The firewall's own limit. */
const BODY_BYTES_MAX = 8 * 1024;
/** NIST SP 800-63B: length is what counts; no rules of composition. */
const PASSWORD_CHARS = { min: 8, max: 128 };

export const credentials = z.strictObject({
  email: z.email('must be an e-mail address').max(254, 'must have at most 254 characters'),
  password: z
    .string('must be a text')
    .min(PASSWORD_CHARS.min, `must have at least ${PASSWORD_CHARS.min} characters`)
    .max(PASSWORD_CHARS.max, `must have at most ${PASSWORD_CHARS.max} characters`),
});

export const apiKeyRequest = z.strictObject({
  label: z.string('must be a text').min(1, 'must not be empty').max(64, 'must have at most 64 characters'),
  /** Trading has to be asked for. */
  canTrade: z.boolean('must be true or false').default(false),
});

/**
 * The body, as the schema has it.
 * @throws {Refusal} naming the first field at fault.
 */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw refusals.unsupportedMediaType();
  const parsed = schema.safeParse(parseJson(await readText(context)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.code === 'unrecognized_keys' ? issue.keys[0]! : issue.path.join('.');
  const fault =
    issue.code === 'unrecognized_keys' ? 'is no field of this request; leave it out' : issue.message;
  throw refusals.invalidField(field, fault);
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
