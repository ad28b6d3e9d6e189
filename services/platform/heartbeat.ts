/** Notices that the other side of a WebSocket is gone: a peer that lost power never says goodbye. */
import type { WebSocket } from 'ws';

export interface Heartbeat {
  /** How often the other side is pinged. */
  readonly intervalMs: number;
  /** When this many pings in a row go unanswered, the connection ends as the next one is due. */
  readonly unansweredMax: number;
}

/** Between services: a peer that is lost is noticed within ten seconds. */
const BETWEEN_SERVICES: Heartbeat = { intervalMs: 5_000, unansweredMax: 1 };

/** Pings the other side, and ends the connection when it does not answer. */
export function keepAlive(
  socket: WebSocket,
  { intervalMs, unansweredMax }: Heartbeat = BETWEEN_SERVICES,
): void {
  let unanswered = 0;
  const hear = () => {
    unanswered = 0;
  };
  const timer = setInterval(() => {
    // Nothing is heard while reading is paused, whoever is there.
    if (socket.isPaused) hear();
    if (unanswered >= unansweredMax) return socket.terminate();
    unanswered++;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, intervalMs);
  timer.unref();
  socket.on('pong', hear);
  socket.on('message', hear);
  socket.once('close', () => clearInterval(timer));
}
