/**
 * User data beside market streams: one address for clients, two services behind it. A listen key is the name of a stream
 * too; what `orders` tells at `/ws/<listenKey>` goes on to the client as it comes. It is `orders` that knows the key, and
 * that weighs and counts the connection, for the client's own address.
 * https://developers.binance.com/docs/margin_trading/trade-data-stream/Connect
 */
import type { IncomingMessage } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { viewerAddress } from '#platform/client-address.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';

/** As long as a client waits for any answer. */
const TIMEOUT_MS = 10_000;
/** As `orders` makes them; no name of a market's stream begins so. */
const LISTEN_KEY = /^U[0-9a-f]{64}$/;
/** Close codes: RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

export interface UserDataListener {
  /** An event, as JSON. */
  readonly onEvent: (json: string) => void;
  /** Nothing more comes; what the client's connection is to be closed with. */
  readonly onEnd: (code: number, reason: string) => void;
}

/** The events of one account. */
export interface UserData {
  readonly listenKey: string;
  /** Once; what was told before waits until then. */
  listen(listener: UserDataListener): void;
  /** Ends it; the listener hears nothing more. */
  close(): void;
}

interface UserDataClient {
  readonly address: string;
  /** Whether its times are microseconds. */
  readonly micros: boolean;
}

export interface UserDataSource {
  /** @throws {ApiError} what `orders` refused with, or −1001 when it is away. */
  follow(listenKey: string, client: UserDataClient): Promise<UserData>;
}

export function isListenKey(name: unknown): name is string {
  return typeof name === 'string' && LISTEN_KEY.test(name);
}

/** `url` is where `orders` is reached from inside, as `http://host:port`. */
export function userDataAt(url: string): UserDataSource {
  return {
    follow: (listenKey, { address, micros }) => {
      const target = new URL(`/ws/${listenKey}`, url);
      if (micros) target.searchParams.set('timeUnit', 'MICROSECOND');
      const headers = { 'CloudFront-Viewer-Address': viewerAddress(address) };
      const socket = new WebSocket(target, { headers, handshakeTimeout: TIMEOUT_MS });
      const { promise, resolve, reject } = Promise.withResolvers<UserData>();
      socket.once('open', () => {
        // Nothing is read until somebody listens.
        socket.pause();
        resolve(userDataOf(listenKey, socket));
      });
      socket.once('unexpected-response', (_, response) => {
        void refusalIn(response).then(reject);
      });
      // An error after the opening is followed by the close.
      socket.on('error', (error) => reject(apiErrors.disconnected(error)));
      return promise;
    },
  };
}

function userDataOf(listenKey: string, socket: WebSocket): UserData {
  let isWanted = true;
  return {
    listenKey,
    listen: ({ onEvent, onEnd }) => {
      const end = (code: number, reason: string) => {
        if (!isWanted) return;
        // What the key or its account did is the client's to know; what befell `orders` is not.
        if (code === POLICY_VIOLATION) onEnd(code, reason);
        else onEnd(GOING_AWAY, 'the user data of this connection has ended: connect again');
      };
      socket.on('message', (data) => {
        if (isWanted) onEvent(String(data));
      });
      socket.once('close', (code, reason) => end(code, String(reason)));
      if (socket.readyState === socket.CLOSED) end(GOING_AWAY, '');
      else socket.resume();
    },
    close: () => {
      isWanted = false;
      socket.terminate();
    },
  };
}

async function refusalIn(response: IncomingMessage): Promise<ApiError> {
  try {
    const { code, msg } = (await readJson(response)) as { code: number; msg: string };
    const seconds = response.headers['retry-after'];
    return new ApiError(code, msg, {
      status: response.statusCode!,
      ...(seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1_000 }),
    });
  } catch (error) {
    return apiErrors.disconnected(error);
  }
}
