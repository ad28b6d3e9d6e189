/** One client's connection: its requests to the sequencer, its replies back. */
import type { WebSocket } from 'ws';
import { FrameError, type Message, readFrame } from '#domain/codec.ts';
import { type Command, commands } from '#domain/commands.ts';
import { type Query, queries } from '#domain/queries.ts';
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
  const { records } = readFrame(bytes);
  for (const { message } of records) {
    if (!isRequest(message)) throw new FrameError(`${message.type} is not a request`);
  }
  const refused = new ReplyBuffer((frame) => socket.send(frame));
  for (const { id, message } of records) {
    const taken = sequencer.submit(id, message as Command | Query, replies);
    if (!taken) refused.add(0, 0, { type: 'overloaded', requestId: id });
  }
  refused.flush();
}

function isRequest(message: Message): message is Command | Query {
  return message.type in commands || message.type in queries;
}
