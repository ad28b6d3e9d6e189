/** What this service refuses, beside what every service may. */
import { refusals as common, Refusal } from '#platform/people-api/refusal.ts';

export const refusals = {
  ...common,
  wrongCredentials: () =>
    new Refusal(401, 'WRONG_CREDENTIALS', 'The e-mail address or the password is wrong: check both.'),
  /** Said to whoever has the password. */
  twoFactorRequired: () =>
    new Refusal(401, 'TWO_FACTOR_REQUIRED', 'A one-time code is needed: log in with the field code too.', {
      field: 'code',
    }),
  wrongCode: () =>
    new Refusal(403, 'WRONG_CODE', 'The one-time code is wrong, was used or is too old: wait for the next.', {
      field: 'code',
    }),
  wrongPassword: (field: string) =>
    new Refusal(403, 'WRONG_PASSWORD', 'The password is wrong: check it.', { field }),
  accountFrozen: () => new Refusal(403, 'ACCOUNT_FROZEN', 'The account is frozen: write to the support.'),
  emailNotVerified: () =>
    new Refusal(403, 'EMAIL_NOT_VERIFIED', 'The e-mail address is not confirmed: open the link in the mail.'),
  invalidRefreshToken: () =>
    new Refusal(401, 'INVALID_REFRESH_TOKEN', 'The session has ended, or the token was used before: log in.'),
  invalidEmailToken: () =>
    new Refusal(400, 'INVALID_TOKEN', 'The link was used or is too old: ask for a new one.', {
      field: 'token',
    }),
  twoFactorIsOn: () =>
    new Refusal(409, 'TWO_FACTOR_IS_ON', 'Two-factor is on already: turn it off first to change the device.'),
  unknownSession: () =>
    new Refusal(404, 'UNKNOWN_SESSION', 'There is no such session of yours, or it has ended: list them.'),
  unknownUser: () => new Refusal(404, 'UNKNOWN_USER', 'There is no such user: list them.'),
  notBelowYou: () =>
    new Refusal(403, 'NOT_BELOW_YOU', 'This user does not stand below you: ask somebody of a higher role.'),
  tooManyAttempts: (retryAfterMs: number) =>
    new Refusal(
      429,
      'TOO_MANY_ATTEMPTS',
      'There were too many attempts: wait for as long as Retry-After says.',
      {
        headers: { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) },
      },
    ),
  tooManyApiKeys: (most: number) =>
    new Refusal(409, 'TOO_MANY_API_KEYS', `There are ${most} API keys already: revoke one first.`),
  unknownApiKey: () =>
    new Refusal(404, 'UNKNOWN_API_KEY', 'There is no such API key of yours, or it is revoked: list them.'),
  busy: () =>
    new Refusal(503, 'BUSY', 'Too many log in at once: try again in a moment.', {
      headers: { 'Retry-After': '1' },
    }),
} as const;
