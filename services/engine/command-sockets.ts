/** Clients' connections: their requests to the sequencer while this task leads, its replies back. */
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

export class CommandSockets {
  readonly #sockets = new Set<WebSocket>();
  #sequencer: Pick<Sequencer, 'submit'> | undefined;

  /** Requests go to `sequencer` from now on. */
  open(sequencer: Pick<Sequencer, 'submit'>): void {
    this.#sequencer = sequencer;
  }

  /** Takes no more requests: those that still come are not answered, and their senders ask the next leader. */
  shut(): void {
    this.#sequencer = undefined;
  }

  /** Sends everyone to the next leader, after the replies that are on their way. */
  leave(): void {
    for (const socket of this.#sockets)
      socket.close(closeCodes.notLeader, 'this engine does not lead any more');
  }

  /** Serves the socket until it closes. */
  serve(socket: WebSocket): void {
    if (this.#sequencer === undefined) {
      socket.close(closeCodes.notLeader, 'this engine does not lead');
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    keepAlive(socket);
    const replies = new ReplyBuffer((frame) => {
      // Its requests are committed all the same; what became of them it can ask on another connection.
      if (socket.readyState !== socket.OPEN) return;
      socket.send(frame);
      if (socket.bufferedAmount > UNREAD_BYTES_MAX)
        socket.close(closeCodes.tooSlow, `${socket.bufferedAmount} bytes of replies are unread`);
    });
    socket.on('message', (data) => {
      if (this.#sequencer === undefined) return;
      try {
        submitAll(data as Buffer, this.#sequencer, replies, socket);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        socket.close(closeCodes.badRequest, error.message);
      }
    });
  }
}

/** @throws {FrameError} before any request of the frame is taken. */
function submitAll(
  bytes: Uint8Array,
  sequencer: Pick<Sequencer, 'submit'>,
  replies: ReplyBuffer,
  socket: WebSocket,
): void {
  const frame = openFrame(bytes);
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const type = typeOfRecord(frame, at);
    // An epoch begins with a takeover, and not by a client.
    if (!(type in commands || type in queries) || type === 'beginEpoch')
      throw new FrameError(`${type} is not a request`);
    checkRecord(frame, at);
  }
  const refused = new ReplyBuffer((reply) => socket.send(reply));
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const taken = sequencer.submit(frame, at, replies);
    if (!taken) refused.add(0, 0, { type: 'overloaded', requestId: frame.words[at + 1]! });
  }
  refused.seal();
  refused.flush();
}
