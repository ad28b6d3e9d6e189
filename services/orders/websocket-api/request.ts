/**
 * What a client sends over the WebSocket API, read from its JSON. Numbers keep the digits that they were written with:
 * they are amounts, a signature covers them, and ids go beyond what a number holds.
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/request-format
 */
import { type ApiError, apiErrors } from '#platform/spot-api/errors.ts';
import { Parameters } from '#platform/spot-api/parameters.ts';

const ID_CHARS_MAX = 36;
const INTEGER = /^-?\d{1,19}$/;
/** Methods may name the API's version. */
const VERSION = 'v3/';

export interface WsRequest {
  /** As JSON, exactly as it came. */
  readonly idJson: string;
  readonly method: string;
  readonly params: WsParams;
}

/** The message is no request; what of its id could be read is told with the refusal. */
export class RequestFault extends Error {
  readonly refusal: ApiError;
  readonly idJson: string;

  constructor(refusal: ApiError, idJson = 'null') {
    super(refusal.message);
    this.refusal = refusal;
    this.idJson = idJson;
  }
}

/** @throws {RequestFault} −1135 */
export function parseRequest(text: string): WsRequest {
  const request = parseJson(text);
  if (!isObject(request)) throw new RequestFault(apiErrors.invalidJson());
  const idJson = readId(request.id);
  const { method, params = {} } = request;
  if (typeof method !== 'string')
    throw new RequestFault(
      apiErrors.invalidJson("Invalid 'method' in JSON request; expected a string."),
      idJson,
    );
  if (!isObject(params))
    throw new RequestFault(
      apiErrors.invalidJson("Invalid 'params' in JSON request; expected an object."),
      idJson,
    );
  const name = method.startsWith(VERSION) ? method.slice(VERSION.length) : method;
  return { idJson, method: name, params: new WsParams(params) };
}

/** A number as it was written. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, ...[context]: { source?: string }[]) =>
      typeof value === 'number' ? new NumberText(context!.source!) : value,
    );
  } catch {
    throw new RequestFault(apiErrors.invalidJson());
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  );
}

function readId(id: unknown): string {
  if (id === null || (typeof id === 'string' && id.length <= ID_CHARS_MAX)) return JSON.stringify(id);
  if (id instanceof NumberText && INTEGER.test(id.text)) return id.text;
  const expected = `an integer, a string of at most ${ID_CHARS_MAX} characters, or null`;
  throw new RequestFault(apiErrors.invalidJson(`Invalid 'id' in JSON request; expected ${expected}.`));
}

/** Of no method: they say how it is answered, and who asks. */
const OF_THE_REQUEST = ['returnRateLimits', 'apiKey', 'signature'] as const;

/** The parameters of a request, each as the text that it would have in a query. */
export class WsParams {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** @throws {ApiError} −1130 */
  text(name: string): string | undefined {
    return Object.hasOwn(this.#values, name) ? textOf(name, this.#values[name]) : undefined;
  }

  /**
   * Whether the reply tells the rate limits; undefined when the request does not say.
   * @throws {ApiError} −1130
   */
  get returnRateLimits(): boolean | undefined {
    const value = this.text('returnRateLimits');
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw apiErrors.invalidValue('returnRateLimits');
    return value === 'true';
  }

  /** Those of the method alone, as a query. @throws {ApiError} −1130 */
  query(): string {
    return Object.keys(this.#values)
      .filter((name) => !(OF_THE_REQUEST as readonly string[]).includes(name))
      .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(this.text(name)!)}`)
      .join('&');
  }

  /** @throws {ApiError} */
  parameters(): Parameters {
    return new Parameters(this.query());
  }

  /**
   * What may have been signed: everything but the signature in the order of the names, as it is or percent-encoded, as
   * some clients do. One character per byte. @throws {ApiError} −1130
   */
  signedPayloads(): string[] {
    const pairs = Object.keys(this.#values)
      .filter((name) => name !== 'signature')
      .sort()
      .map((name) => [name, this.text(name)!] as const);
    const payload = (encode: (value: string) => string) =>
      pairs.map(([name, value]) => `${name}=${encode(value)}`).join('&');
    const plain = Buffer.from(
      payload((value) => value),
      'utf8',
    ).toString('latin1');
    const encoded = payload(encodeURIComponent);
    return plain === encoded ? [plain] : [plain, encoded];
  }
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'boolean') return String(value);
  // A list of symbols, say.
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return JSON.stringify(value);
  throw apiErrors.invalidValue(name);
}
