/**
 * A client's WebSocket with the rules that all of them share: pings, a day's life, and an end for who reads too slowly.
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/general-api-information
 */
import type { WebSocket } from 'ws';
import { type Heartbeat, keepAlive } from '#platform/heartbeat.ts';

/** A client has a minute for its pong: 3 × 20 s. */
const HEARTBEAT: Heartbeat = { intervalMs: 20_000, unansweredMax: 3 };
const LIFETIME_MS = 24 * 60 * 60 * 1_000;
/**
 * What a client may leave unread before it is cut off: it would only fall further behind. The longest reply, a thousand
 * orders, takes 0.6 MB, and a client may have asked for several.
 */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
/** Close codes: RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

export interface Listener {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

export class ClientSocket {
  readonly #socket: WebSocket;

  /** Serves the socket until it closes. */
  constructor(socket: WebSocket, { onText, onClose }: Listener) {
    this.#socket = socket;
    keepAlive(socket, HEARTBEAT);
    const end = () => socket.close(GOING_AWAY, '24 hours are over: connect again');
    const lifetime = setTimeout(end, LIFETIME_MS);
    lifetime.unref();
    // An error is always followed by the close.
    socket.on('error', () => {});
    // Bytes that are no text are no JSON either, and refused as such.
    socket.on('message', (data, isBinary) => onText(isBinary ? '' : String(data)));
    socket.once('close', () => {
      clearTimeout(lifetime);
      onClose();
    });
  }

  send(text: string): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > UNREAD_BYTES_MAX)
      this.close(`over ${UNREAD_BYTES_MAX} bytes are unread: read faster`);
    else socket.send(text);
  }

  /** Ends the connection for what the client did, or may no longer do. */
  close(reason: string): void {
    this.#socket.close(POLICY_VIOLATION, reason);
  }
}
