interface RefusalOptions extends ErrorOptions {
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the JSON API of people refuses: a status, a stable code, and a sentence with the mend. */
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
    { field, headers = {}, cause }: RefusalOptions = {},
  ) {
    super(message, { cause });
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

/** What every service may say; each has its own words beside these. */
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
  twoFactorIsOff: () => new Refusal(409, 'TWO_FACTOR_IS_OFF', 'Two-factor is off: turn it on first.'),
  /** Something that the request needs is away: that says nothing about the request, or who sent it. */
  unavailable: (cause?: unknown) =>
    new Refusal(503, 'UNAVAILABLE', 'Something that this needs does not answer: try again in a moment.', {
      headers: { 'Retry-After': '1' },
      cause,
    }),
  internal: (cause?: unknown) =>
    new Refusal(500, 'INTERNAL', 'The request failed on our side: try again later.', { cause }),
} as const;
