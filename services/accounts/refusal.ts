/** How the JSON API refuses: a status, a stable code, and a sentence with the mend. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** The field at fault, when there is one. */
  readonly field: string | undefined;

  constructor(status: number, code: string, message: string, field?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }

  toResponse(): Response {
    return Response.json(
      { code: this.code, message: this.message, ...(this.field === undefined ? {} : { field: this.field }) },
      { status: this.status },
    );
  }
}

export const refusals = {
  unsupportedMediaType: () =>
    new Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON: send Content-Type: application/json.'),
  bodyTooLarge: (bytesMax: number) =>
    new Refusal(413, 'BODY_TOO_LARGE', `The body is over ${bytesMax} bytes: send less.`),
  malformedJson: () => new Refusal(400, 'MALFORMED_JSON', 'The body is not JSON: check quotes and commas.'),
  invalidField: (field: string, fault: string) =>
    new Refusal(400, 'INVALID_FIELD', `${field === '' ? 'The body' : `"${field}"`}: ${fault}.`, field),
  unauthenticated: () =>
    new Refusal(
      401,
      'UNAUTHENTICATED',
      'No valid access token: log in and send Authorization: Bearer <token>.',
    ),
  wrongCredentials: () => new Refusal(401, 'WRONG_CREDENTIALS', 'The address or the password is wrong.'),
  emailTaken: () =>
    new Refusal(409, 'EMAIL_TAKEN', 'This address has an account: log in, or use another address.', 'email'),
  tooManyAttempts: () => new Refusal(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts: wait a minute.'),
  tooManyApiKeys: (most: number) =>
    new Refusal(409, 'TOO_MANY_API_KEYS', `There are ${most} API keys already: revoke one first.`),
  unknownApiKey: () =>
    new Refusal(404, 'UNKNOWN_API_KEY', 'There is no such API key of yours, or it is revoked.'),
} as const;
