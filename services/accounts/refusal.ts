/** How the JSON API refuses: a status, a stable code, and a sentence with the mend. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** The field at fault, when there is one. */
  readonly field: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { field, headers = {} }: { readonly field?: string; readonly headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
    this.headers = headers;
  }

  /** As a client sees it. */
  toJSON(): { readonly code: string; readonly message: string; readonly field?: string } {
    const { code, message, field } = this;
    return field === undefined ? { code, message } : { code, message, field };
  }
}

export const refusals = {
  unknownRoute: () => new Refusal(404, 'UNKNOWN_ROUTE', 'There is nothing here: check method and path.'),
  unsupportedMediaType: () =>
    new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON: send Content-Type: application/json.'),
  /** The rest of the body is not read, so the connection cannot be used again. */
  bodyTooLarge: (bytesMax: number) =>
    new Refusal(413, 'BODY_TOO_LARGE', `The body is over ${bytesMax} bytes: send less.`, {
      headers: { Connection: 'close' },
    }),
  malformedJson: () => new Refusal(400, 'MALFORMED_JSON', 'The body is not JSON: check quotes and commas.'),
  malformedBody: (fault: string) => new Refusal(400, 'MALFORMED_BODY', `The body ${fault}.`),
  invalidField: (field: string, fault: string) =>
    new Refusal(400, 'INVALID_FIELD', `${field} ${fault}.`, { field }),
  unknownField: (field: string) =>
    new Refusal(400, 'UNKNOWN_FIELD', `${field} is no field of this request: leave it out.`, { field }),
  unauthenticated: () =>
    new Refusal(
      401,
      'UNAUTHENTICATED',
      'There is no valid access token: log in and send it as Authorization: Bearer <token>.',
      { headers: { 'WWW-Authenticate': 'Bearer' } },
    ),
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
  roleRequired: (role: string) => new Refusal(403, 'ROLE_REQUIRED', `This is for the role ${role}.`),
  /** RFC 9470 has the header. */
  stepUpRequired: (maxAgeSeconds: number) =>
    new Refusal(
      401,
      'STEP_UP_REQUIRED',
      'This needs a new one-time code: send one to /api/users/me/step-up.',
      {
        headers: {
          'WWW-Authenticate': `Bearer error="insufficient_user_authentication", max_age=${maxAgeSeconds}`,
        },
      },
    ),
  twoFactorIsOn: () =>
    new Refusal(409, 'TWO_FACTOR_IS_ON', 'Two-factor is on already: turn it off first to change the device.'),
  twoFactorIsOff: () => new Refusal(409, 'TWO_FACTOR_IS_OFF', 'Two-factor is off: turn it on first.'),
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
  internal: () => new Refusal(500, 'INTERNAL', 'The request failed on our side: try again later.'),
} as const;
