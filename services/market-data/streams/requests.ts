/** What clients ask of a stream connection, read from their JSON. */

const ID_CHARS_MAX = 36;
const INTEGER = /^-?\d+$/;
const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

/** A bigint beyond what a number holds: ids have 64 bits. */
export type RequestId = number | bigint | string | null;

export interface StreamRequest {
  readonly method: (typeof METHODS)[number];
  readonly params: readonly unknown[];
  readonly id: RequestId;
}

/** A request that is refused; the socket stays open. Codes as in the dialect. */
export class RequestError extends Error {
  readonly code: number;
  readonly id: RequestId;

  constructor(code: number, message: string, id: RequestId = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

/** @throws {RequestError} 3 for text that is not JSON, 2 for JSON that is not a request. */
export function parseRequest(text: string): StreamRequest {
  const { method, params = [], id = null } = (parseJson(text) ?? {}) as Record<string, unknown>;
  if (!isRequestId(id)) {
    throw new RequestError(2, 'Invalid request: request ID must be an integer or a short text');
  }
  if (method === undefined) throw new RequestError(2, 'Invalid request: missing field `method`', id);
  // Only a text may be quoted back: an object can be made so that turning it into one throws.
  if (typeof method !== 'string') throw new RequestError(2, 'Invalid request: `method` must be a text', id);
  if (!isMethod(method)) {
    const expected = METHODS.map((each) => `\`${each}\``).join(', ');
    throw new RequestError(2, `Invalid request: unknown variant ${method}, expected one of ${expected}`, id);
  }
  if (!Array.isArray(params)) throw new RequestError(2, 'Invalid request: params must be a list', id);
  return { method, params, id };
}

/** JSON whose ids keep all their digits. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown, ...[context]: { source?: string }[]) =>
      key === 'id' && typeof value === 'number' && INTEGER.test(context?.source ?? '')
        ? exactInteger(context?.source as string)
        : value,
    );
  } catch {
    throw new RequestError(3, 'Invalid JSON: expected value');
  }
}

function exactInteger(source: string): number | bigint {
  const value = Number(source);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === 'string') return id.length <= ID_CHARS_MAX;
  if (typeof id === 'bigint') return BigInt.asIntN(64, id) === id;
  return id === null || Number.isSafeInteger(id);
}

function isMethod(method: string): method is StreamRequest['method'] {
  return (METHODS as readonly string[]).includes(method);
}
