/** What every endpoint of the dialect does around its own work: weigh, read the parameters, answer, refuse. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { TimeUs } from '#domain/ids.ts';
import { clientAddress } from '../client-address.ts';
import type { Log } from '../log.ts';
import { isOutage } from '../outage.ts';
import type { Handler } from '../routes.ts';
import { ApiError, apiErrors } from './errors.ts';
import type { RequestWeights } from './limits.ts';
import { Parameters } from './parameters.ts';

/** A larger body is refused: the longest order is a fraction of it, and the firewall's own limit is this too. */
const BODY_BYTES_MAX = 8 * 1024;
/** Where a reply tells the weight that the client has used this minute. */
export const WEIGHT_HEADER = 'X-MBX-USED-WEIGHT-1M';
/** What a request costs before its parameters tell its weight. */
const WEIGHT_MIN = 1;
/** When to try again what needed something that is away. */
const OUTAGE_RETRY_MS = 1_000;

/** A request, with the exact bytes that its signature covers as texts of one character per byte. */
export interface ApiRequest {
  readonly query: string;
  readonly body: string;
  readonly parameters: Parameters;
  /** What the client's limits are counted by. */
  readonly address: string;
  header(name: string): string | undefined;
  /** A time as this client wants it: whole milliseconds, or microseconds when it asks so. */
  time(timeUs: TimeUs): number;
}

export interface ApiReply {
  /** Rendered by `JSON.stringify`. */
  readonly json: unknown;
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request weighs nothing after all. */
  readonly weightless?: boolean;
}

export interface EndpointDeps {
  /** Load balancers of ours in front of the service; see `client-address.ts`. */
  readonly trustedHops: number;
  readonly weights: RequestWeights;
  readonly log: Log;
}

/** A route's weight; a function reads it from the parameters, as in the dialect's tables. */
export type Weight = number | ((parameters: Parameters) => number);

/** What a request is answered with, whichever way it came. */
export interface Answer {
  readonly json: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** When trying again makes sense. */
  readonly retryAfterMs?: number | undefined;
}

/** Mounts `handle` as a handler that weighs, answers and refuses as the dialect does. */
export function endpoint(
  deps: EndpointDeps,
  weight: Weight,
  handle: (request: ApiRequest) => ApiReply | Promise<ApiReply>,
): Handler {
  return async (context) => {
    const address = clientAddress(context, deps.trustedHops);
    const answer = await attend(deps, address, weight, () => readRequest(context, address), handle);
    return reply(answer, deps.weights.headers(address));
  };
}

/** Weighs a request, has it handled, and turns a refusal into its answer. */
export async function attend<R extends Pick<ApiRequest, 'parameters'>>(
  { weights, log }: Omit<EndpointDeps, 'trustedHops'>,
  address: string,
  weight: Weight,
  read: () => R | Promise<R>,
  handle: (request: R) => ApiReply | Promise<ApiReply>,
): Promise<Answer> {
  try {
    // Weighed before it is read, so that a malformed request is not a free one.
    const leastWeight = typeof weight === 'number' ? weight : WEIGHT_MIN;
    weights.use(address, leastWeight);
    const request = await read();
    const weighed = typeof weight === 'number' ? weight : weight(request.parameters);
    if (weighed > leastWeight) weights.use(address, weighed - leastWeight);
    const { json, status = 200, headers = {}, weightless } = await handle(request);
    if (weightless) weights.giveBack(address, weighed);
    return { json, status, headers };
  } catch (error) {
    const refusal = refusalOf(error, log);
    return { json: refusal, status: refusal.status, headers: {}, retryAfterMs: refusal.retryAfterMs };
  }
}

function refusalOf(error: unknown, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (isOutage(error)) {
    log.warn({ err: error }, 'a request cannot be served now');
    return apiErrors.overloaded(OUTAGE_RETRY_MS, error);
  }
  log.error({ err: error }, 'a request failed');
  return apiErrors.unknown(error);
}

/** The HTTP response with an answer; `told` are the headers that every one has. */
export function reply(answer: Answer, told: Readonly<Record<string, string>> = {}): Response {
  const { json, status, retryAfterMs } = answer;
  const headers: Record<string, string> = { ...told, ...answer.headers };
  if (retryAfterMs !== undefined) headers['Retry-After'] = String(Math.ceil(retryAfterMs / 1000));
  headers['Content-Type'] = 'application/json;charset=UTF-8';
  return new Response(JSON.stringify(json), { status, headers });
}

/** The Node.js request, which `@hono/node-server` hands on; a test without a server has none. */
function incomingOf(context: Context): Partial<IncomingMessage> | undefined {
  return (context.env as { incoming?: Partial<IncomingMessage> } | undefined)?.incoming;
}

async function readRequest(context: Context, address: string): Promise<ApiRequest> {
  // A URL object would percent-encode what came raw; the signature covers what came.
  const url = incomingOf(context)?.url ?? context.req.raw.url;
  const mark = url.indexOf('?');
  const query = mark === -1 ? '' : url.slice(mark + 1);
  const body = await readBody(context);
  const scale = timeScale(context.req.header('x-mbx-time-unit'));
  return {
    query,
    body,
    parameters: new Parameters(query, body),
    address,
    header: (name) => context.req.header(name),
    time: (timeUs) => Math.floor(timeUs / scale),
  };
}

/**
 * Microseconds per unit of time in what a client is told.
 * @throws {ApiError} −1194
 */
export function timeScale(unit = 'MILLISECOND'): number {
  switch (unit.toUpperCase()) {
    case 'MILLISECOND':
      return 1000;
    case 'MICROSECOND':
      return 1;
    default:
      throw apiErrors.invalidTimeUnit();
  }
}

async function readBody(context: Context): Promise<string> {
  const { method } = context.req;
  if (method === 'GET' || isBodyless(incomingOf(context)?.headers)) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw apiErrors.bodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Told by the headers alone, which spares most orders a stream. */
function isBodyless(headers: IncomingMessage['headers'] | undefined): boolean {
  if (headers === undefined || headers['transfer-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) === 0;
}
