/** What requests may say. Unknown fields are refused: a misspelt one must not be ignored. */
import type { Context } from 'hono';
import { z } from 'zod';
import { ipEntryFault } from '#platform/ip-allow-list.ts';
import { readPublicKey } from './api-public-key.ts';
import { refusals } from './refusal.ts';
import type { routes } from './routes.ts';
import { EVENTS_MAX } from './security-events.ts';

/** The firewall's own limit. */
const BODY_BYTES_MAX = 8 * 1024;
/** RFC 5321 leaves 254 characters for an address. */
const EMAIL_CHARS_MAX = 254;
/** NIST SP 800-63B: length is what counts; no rules of composition. */
const PASSWORD_CHARS = { min: 8, max: 128 };
const LABEL_CHARS_MAX = 64;
const REASON_CHARS_MAX = 200;
/** A recovery code with its dashes has 19. */
const CODE_CHARS_MAX = 32;
const TOKEN_CHARS_MAX = 1_024;
const PEM_CHARS_MAX = 2_048;
const IP_ENTRIES_MAX = 30;
const USERS_MAX = 100;
/** PostgreSQL stores no NUL, and nobody means to type the others. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;

const text = (charsMax: number) =>
  z.string('must be a text').max(charsMax, `must have at most ${charsMax} characters`);
const line = (charsMax: number) =>
  z
    .string('must be a text')
    .regex(PRINTABLE, 'must not have control characters')
    .trim()
    .min(1, 'must not be empty')
    .max(charsMax, `must have at most ${charsMax} characters`);
const flag = z.boolean('must be true or false');

const email = z
  .email('must be an e-mail address')
  .max(EMAIL_CHARS_MAX, `must have at most ${EMAIL_CHARS_MAX} characters`)
  .toLowerCase();
/** Whatever was a password once remains one, also when the least length is raised. */
const password = text(PASSWORD_CHARS.max);
const newPassword = password.min(PASSWORD_CHARS.min, `must have at least ${PASSWORD_CHARS.min} characters`);
const code = text(CODE_CHARS_MAX);
const token = text(TOKEN_CHARS_MAX);
const empty = z.strictObject({});

const ipEntry = text(EMAIL_CHARS_MAX).superRefine((entry, context) => {
  const fault = ipEntryFault(entry);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const apiKeyTerms = z
  .strictObject({
    label: line(LABEL_CHARS_MAX),
    type: z.enum(['HMAC', 'ED25519', 'RSA'], 'must be HMAC, ED25519 or RSA').default('HMAC'),
    publicKey: text(PEM_CHARS_MAX).optional(),
    /** Trading has to be asked for. */
    canTrade: flag.default(false),
    canWithdraw: flag.default(false),
    ipAllowList: z
      .array(ipEntry, 'must be a list')
      .max(IP_ENTRIES_MAX, `must have at most ${IP_ENTRIES_MAX} entries`)
      .default([]),
  })
  .transform((terms, context) => {
    const refuse = (field: string, message: string) => {
      context.addIssue({ code: 'custom', path: [field], message });
      return z.NEVER;
    };
    if (terms.canWithdraw && terms.ipAllowList.length === 0)
      return refuse('ipAllowList', 'must name the addresses that may withdraw');
    const { publicKey, ...rest } = terms;
    if (terms.type === 'HMAC')
      return publicKey === undefined ? rest : refuse('publicKey', 'is not for HMAC: leave it out');
    if (publicKey === undefined) return refuse('publicKey', `must be given for ${terms.type}`);
    const reading = readPublicKey(terms.type, publicKey);
    return 'fault' in reading ? refuse('publicKey', reading.fault) : { ...rest, publicKey: reading.pem };
  });

/** A number in a query, which is a text there. */
const whole = (max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`);
const limit = (most: number) => whole(most).default(most);

export interface RequestSchema {
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
}

/** By route: what its body and its query must be. Without a schema there must be none. */
export const requests = {
  jwks: {},
  signUp: { body: z.strictObject({ email, password: newPassword }) },
  verifyEmail: { body: z.strictObject({ token }) },
  logIn: { body: z.strictObject({ email, password, code: code.optional() }) },
  refresh: { body: z.strictObject({ refreshToken: token }) },
  requestPasswordReset: { body: z.strictObject({ email }) },
  resetPassword: { body: z.strictObject({ token, password: newPassword }) },
  me: {},
  resendVerification: { body: empty },
  logOut: { body: empty },
  sessions: {},
  endSession: {},
  endAllSessions: {},
  stepUp: { body: z.strictObject({ code }) },
  securityEvents: {
    query: z.strictObject({
      before: whole(Number.MAX_SAFE_INTEGER).optional(),
      limit: limit(EVENTS_MAX),
    }),
  },
  changePassword: { body: z.strictObject({ currentPassword: password, password: newPassword }) },
  startTwoFactor: { body: z.strictObject({ password }) },
  enableTwoFactor: { body: z.strictObject({ code }) },
  disableTwoFactor: { body: z.strictObject({ password }) },
  renewRecoveryCodes: { body: empty },
  createApiKey: { body: apiKeyTerms },
  apiKeys: {},
  revokeApiKey: {},
  users: {
    query: z.strictObject({
      after: whole(Number.MAX_SAFE_INTEGER).default(0),
      limit: limit(USERS_MAX),
      email: email.optional(),
    }),
  },
  freeze: { body: z.strictObject({ reason: line(REASON_CHARS_MAX) }) },
  unfreeze: { body: z.strictObject({ reason: line(REASON_CHARS_MAX) }) },
  setRole: {
    body: z.strictObject({ role: z.enum(['user', 'operator', 'admin'], 'must be user, operator or admin') }),
  },
  resetTwoFactor: { body: z.strictObject({ reason: line(REASON_CHARS_MAX) }) },
} satisfies Readonly<Record<keyof typeof routes, RequestSchema>>;

type Requests = typeof requests;
type OutputOf<T> = T extends z.ZodType<infer Output> ? Output : undefined;
/** What a route's handler gets. */
export type BodyOf<N extends keyof Requests> = Requests[N] extends { body: infer Body }
  ? OutputOf<Body>
  : undefined;
export type QueryOf<N extends keyof Requests> = Requests[N] extends { query: infer Query }
  ? OutputOf<Query>
  : undefined;

/**
 * The body, as the schema has it; without a schema there must be none.
 * @throws {Refusal} naming the first fault.
 */
export async function readBody(context: Context, schema: z.ZodType | undefined): Promise<unknown> {
  if (schema === undefined) {
    if ((await readText(context)) !== '') throw refusals.malformedBody('must be empty');
    return undefined;
  }
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw refusals.unsupportedMediaType();
  return parsed(schema, parseJson(await readText(context)));
}

/** @throws {Refusal} naming the first fault. */
export function readQuery(context: Context, schema: z.ZodType | undefined): unknown {
  const { searchParams } = new URL(context.req.url);
  const names = [...searchParams.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw refusals.invalidField(repeated, 'must be given once');
  const query = parsed(schema ?? empty, Object.fromEntries(searchParams));
  return schema === undefined ? undefined : query;
}

function parsed(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
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

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw refusals.malformedJson();
  }
}
