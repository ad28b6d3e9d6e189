/** One client's connection: its requests to the sequencer, its replies back. */
import type { WebSocket } from 'ws';
import { checkRecord, FrameError, openFrame, recordWords, typeOfRecord } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { queries } from '#domain/queries.ts';
import { closeCodes } from '#platform/engine-protocol.ts';
import { keepAlive } from '#platform/heartbeat.ts';
import { ReplyBuffer } from './reply-buffer.ts';
import type { Sequencer } from './sequencer.ts';

/** Replies that a client may leave unread; two of the largest frames. */
const UNREAD_BYTES_MAX = 32 * 1024 * 1024;

/** Serves the socket until it closes. */
export function serveCommands(socket: WebSocket, sequencer: Sequencer): void {
  const replies = new ReplyBuffer((frame) => {
    // Its requests are committed all the same; what became of them it can ask on another connection.
    if (socket.readyState !== socket.OPEN) return;
    socket.send(frame);
    if (socket.bufferedAmount > UNREAD_BYTES_MAX)
      socket.close(closeCodes.tooSlow, `${socket.bufferedAmount} bytes of replies are unread`);
  });
  keepAlive(socket);
  socket.on('message', (data) => {
    try {
      submitAll(data as Buffer, sequencer, replies, socket);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      socket.close(closeCodes.badRequest, error.message);
    }
  });
}

/** @throws {FrameError} before any request of the frame is taken. */
function submitAll(bytes: Uint8Array, sequencer: Sequencer, replies: ReplyBuffer, socket: WebSocket): void {
  const frame = openFrame(bytes);
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const type = typeOfRecord(frame, at);
    if (!(type in commands || type in queries)) throw new FrameError(`${type} is not a request`);
    checkRecord(frame, at);
  }
  const refused = new ReplyBuffer((reply) => socket.send(reply));
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const taken = sequencer.submit(frame, at, replies);
    if (!taken) refused.add(0, 0, { type: 'overloaded', requestId: frame.words[at + 1]! });
  }
  refused.flush();
}
