/**
 * A client's connection to the WebSocket API. Requests are served as they come, several at once, and each is answered as
 * it is done.
 */
import type { WebSocket } from 'ws';
import type { TimeUs } from '#domain/ids.ts';
import { type Answer, attend, type EndpointDeps, WEIGHT_HEADER } from '#platform/spot-api/endpoint.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';
import type { RateLimit } from '#platform/spot-api/limits.ts';
import { ClientSocket } from '../client-socket.ts';
import { Call, type CallDeps, type CallFrom, type Method } from './call.ts';
import { methods } from './methods.ts';
import { parseRequest, RequestFault, type WsRequest } from './request.ts';
import { Session, type SessionDeps } from './session.ts';

/** Requests of one connection that are served at once; more are refused. */
const REQUESTS_MAX = 200;
const QUEUE_RETRY_MS = 1_000;
/** What a message weighs that is no request. */
const MALFORMED_WEIGHT = 1;
const BANNED = 418;

export interface ConnectionDeps extends CallDeps, SessionDeps, Omit<EndpointDeps, 'trustedHops'> {}

export interface ConnectionOptions {
  readonly address: string;
  /** Whether replies tell the rate limits when a request does not say. */
  readonly returnsRateLimits: boolean;
  time(timeUs: TimeUs): number;
}

const unknownMethod: Method = {
  weight: MALFORMED_WEIGHT,
  handle: () => {
    throw apiErrors.unsupported();
  },
};

export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #from: CallFrom;
  readonly #socket: ClientSocket;
  #requests = 0;

  /** Serves the socket until it closes. */
  constructor(socket: WebSocket, deps: ConnectionDeps, options: ConnectionOptions, onClose: () => void) {
    this.#deps = deps;
    const { address, time } = options;
    const session = new Session(deps, {
      address,
      time,
      send: (json) => this.#socket.send(JSON.stringify(json)),
    });
    this.#from = { ...options, session };
    this.#socket = new ClientSocket(socket, {
      onText: (text) => void this.#receive(text),
      onClose: () => {
        session.close();
        onClose();
      },
    });
  }

  announceShutdown(): void {
    const E = this.#from.time((Date.now() * 1_000) as TimeUs);
    this.#socket.send(JSON.stringify({ event: { e: 'serverShutdown', E } }));
  }

  async #receive(text: string): Promise<void> {
    let request: WsRequest;
    try {
      request = parseRequest(text);
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      const refuse = () => {
        throw error.refusal;
      };
      const answer = await attend(this.#deps, this.#from.address, MALFORMED_WEIGHT, refuse, refuse);
      return this.#reply(error.idJson, answer, [this.#weightUsed(answer)]);
    }
    this.#requests++;
    await this.#serve(request);
    this.#requests--;
  }

  async #serve({ idJson, method: name, params }: WsRequest): Promise<void> {
    const { address } = this.#from;
    const method = methods.get(name) ?? unknownMethod;
    let call: Call | undefined;
    const read = () => {
      if (this.#requests > REQUESTS_MAX) throw apiErrors.tooManyQueued(QUEUE_RETRY_MS);
      call = new Call(this.#deps, this.#from, params);
      return call;
    };
    const answer = await attend(this.#deps, address, method.weight, read, method.handle);
    this.#reply(idJson, answer, this.#rateLimitsOf(call, method, answer));
    call?.onAnswered();
    // One who goes on is told once more, by the connection's end.
    if (answer.status === BANNED) this.#socket.close('this address is banned: see retryAfter');
  }

  /** Undefined when the client does not want to be told. */
  #rateLimitsOf(call: Call | undefined, { countsOrders }: Method, answer: Answer): RateLimit[] | undefined {
    if (!(call?.returnsRateLimits ?? this.#from.returnsRateLimits)) return undefined;
    const ofOrders =
      countsOrders && call?.account !== undefined ? this.#deps.orderCounts.rateLimits(call.account) : [];
    return [...ofOrders, this.#weightUsed(answer)];
  }

  /** As counted here, or by the service that was asked. */
  #weightUsed({ headers }: Answer): RateLimit {
    const { weights } = this.#deps;
    const elsewhere = headers[WEIGHT_HEADER];
    return elsewhere === undefined
      ? weights.rateLimit(this.#from.address)
      : weights.rateLimitOf(Number(elsewhere));
  }

  #reply(idJson: string, answer: Answer, rateLimits: readonly RateLimit[] | undefined): void {
    const { json, status } = answer;
    const outcome =
      status < 400 ? `"result":${JSON.stringify(json)}` : `"error":${JSON.stringify(errorIn(answer))}`;
    const limits = rateLimits === undefined ? '' : `,"rateLimits":${JSON.stringify(rateLimits)}`;
    this.#socket.send(`{"id":${idJson},"status":${status},${outcome}${limits}}`);
  }
}

/** With when to come back, in milliseconds since the epoch. */
function errorIn({ json, retryAfterMs }: Answer): unknown {
  if (retryAfterMs === undefined || !(json instanceof ApiError)) return json;
  const serverTime = Date.now();
  return { ...json.toJSON(), data: { serverTime, retryAfter: serverTime + Math.ceil(retryAfterMs) } };
}
