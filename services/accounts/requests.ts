/** What requests to this service may say. */
import { z } from 'zod';
import { ipEntryFault } from '#platform/ip-allow-list.ts';
import { empty, flag, limit, line, type RequestSchema, text, whole } from '#platform/people-api/requests.ts';
import { readPublicKey } from './api-public-key.ts';
import type { routes } from './routes.ts';
import { EVENTS_MAX } from './security-events.ts';

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

const email = z
  .email('must be an e-mail address')
  .max(EMAIL_CHARS_MAX, `must have at most ${EMAIL_CHARS_MAX} characters`)
  .toLowerCase();
/** Whatever was a password once remains one, also when the least length is raised. */
const password = text(PASSWORD_CHARS.max);
const newPassword = password.min(PASSWORD_CHARS.min, `must have at least ${PASSWORD_CHARS.min} characters`);
const code = text(CODE_CHARS_MAX);
const token = text(TOKEN_CHARS_MAX);

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
