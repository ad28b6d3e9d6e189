/** A connection to one engine that sends what it is told and asks nobody else: what an engine says itself. */
import { WebSocket } from 'ws';
import type { FrameRecord } from '#domain/codec.ts';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Query } from '#domain/queries.ts';
import { COMMANDS_PATH } from '#platform/engine-protocol.ts';

export interface RawConnection {
  /** All that the engine has said so far. */
  readonly records: readonly FrameRecord[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  send(requestId: number, message: Command | Query): void;
  end(): void;
}

export async function openRawConnection(url: string): Promise<RawConnection> {
  const socket = new WebSocket(url + COMMANDS_PATH, { perMessageDeflate: false });
  const records: FrameRecord[] = [];
  socket.on('message', (bytes) => records.push(...readFrame(bytes as Buffer).records));
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  return {
    records,
    closed,
    send: (requestId, message) => {
      const writer = new FrameWriter();
      writer.write(requestId, 0, message);
      socket.send(writer.finish());
    },
    end: () => socket.terminate(),
  };
}
