/** Notices that the other side of a WebSocket is gone: a peer that lost power never says goodbye. */
import type { WebSocket } from 'ws';

/** A connection silent for up to twice this long is given up. */
const HEARTBEAT_MS = 5_000;

/** Pings the other side, and ends the connection when it does not answer. */
export function keepAlive(socket: WebSocket): void {
  let heard = true;
  const hear = () => {
    heard = true;
  };
  const timer = setInterval(() => {
    // Nothing is heard while reading is paused, whoever is there.
    if (!(heard || socket.isPaused)) socket.terminate();
    heard = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, HEARTBEAT_MS);
  timer.unref();
  socket.on('pong', hear);
  socket.on('message', hear);
  socket.once('close', () => clearInterval(timer));
}
