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
  jwks: { summary: 'The keys to verify access tokens with.' },
  docs: { summary: 'This description, as a page.' },
  openapi: { summary: 'This description, for tools.' },
  signUp: {
    summary: 'Signs up. The answer is the same for an address that has an account; its owner gets a mail.',
    body: z.strictObject({ email, password: newPassword }),
  },
  verifyEmail: {
    summary: 'Confirms an e-mail address by the token that was mailed.',
    body: z.strictObject({ token }),
  },
  logIn: {
    summary:
      'Opens a session, and gives an access token and a refresh token. With two-factor it needs the one-time code too.',
    body: z.strictObject({ email, password, code: code.optional() }),
  },
  refresh: {
    summary:
      'Exchanges a refresh token, once, for the next and an access token. One that was used before ends its session.',
    body: z.strictObject({ refreshToken: token }),
  },
  requestPasswordReset: {
    summary: 'Mails a token for a new password, if the address has an account; the answer does not tell.',
    body: z.strictObject({ email }),
  },
  resetPassword: {
    summary: 'Sets a new password by the token that was mailed, and ends all sessions.',
    body: z.strictObject({ token, password: newPassword }),
  },
  me: { summary: 'Who you are.' },
  resendVerification: { summary: 'Mails the token that confirms your address again.', body: empty },
  logOut: { summary: 'Ends this session at once.', body: empty },
  sessions: { summary: 'Your sessions, the newest first.' },
  endSession: { summary: 'Ends one of your sessions at once.' },
  endAllSessions: { summary: 'Ends all your sessions at once, this one too.' },
  stepUp: {
    summary: 'Gives a one-time code, and an access token that is good for what needs a new one.',
    body: z.strictObject({ code }),
  },
  securityEvents: {
    summary: 'What happened to your account, the newest first.',
    query: z.strictObject({
      before: whole(Number.MAX_SAFE_INTEGER).optional(),
      limit: limit(EVENTS_MAX),
    }),
  },
  changePassword: {
    summary: 'Sets a new password, ends all sessions, and opens another.',
    body: z.strictObject({ currentPassword: password, password: newPassword }),
  },
  startTwoFactor: {
    summary: 'Makes a secret for an authenticator app; it is on once a code has been given.',
    body: z.strictObject({ password }),
  },
  enableTwoFactor: {
    summary: 'Turns two-factor on by a code of the app, and gives the recovery codes, once.',
    body: z.strictObject({ code }),
  },
  disableTwoFactor: { summary: 'Turns two-factor off.', body: z.strictObject({ password }) },
  renewRecoveryCodes: { summary: 'Gives new recovery codes; the old ones are no longer good.', body: empty },
  createApiKey: {
    summary: 'Makes an API key. The secret of an HMAC key is told in this answer alone.',
    body: apiKeyTerms,
  },
  apiKeys: { summary: 'Your API keys.' },
  revokeApiKey: { summary: 'Revokes an API key at once.' },
  users: {
    summary: 'Users, by account.',
    query: z.strictObject({
      after: whole(Number.MAX_SAFE_INTEGER).default(0),
      limit: limit(USERS_MAX),
      email: email.optional(),
    }),
  },
  freeze: {
    summary: 'Freezes an account: its sessions end, and its API keys work no more.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
  unfreeze: {
    summary: 'Lets a frozen account go on.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
  setRole: {
    summary: 'Changes a role, and ends the sessions of before.',
    body: z.strictObject({ role: z.enum(['user', 'operator', 'admin'], 'must be user, operator or admin') }),
  },
  resetTwoFactor: {
    summary: 'Turns two-factor off for somebody who lost the device, and ends their sessions.',
    body: z.strictObject({ reason: line(REASON_CHARS_MAX) }),
  },
} satisfies Readonly<Record<keyof typeof routes, RequestSchema>>;
