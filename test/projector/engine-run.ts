/** A random run of the real engine, as the frames of events that it would send. */
import { type Frame, FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { listings, type OrderNames, randomCommand } from '#test/engine/matching/random-commands.ts';

const BATCH_COMMANDS_MAX = 8;
/** Up to four seconds from one command to the next: many minutes, with several trades in most. */
const PAUSE_MAX_US = 4_000_000;
const START_US = 1_800_000_000_000_000;

/** Contiguous frames from sequence 1; some have no records, since all their commands were refused. */
export function engineRun(random: () => number, commandsMax: number): Frame[] {
  const engine = new MatchingEngine();
  const open = new Map<number, OrderNames>();
  const frames: Frame[] = [];
  const listing = listings(random);
  let timeUs = START_US;
  while (engine.lastSeq < commandsMax) {
    const events = new FrameWriter();
    const firstSeq = engine.lastSeq + 1;
    const batch = 1 + Math.floor(random() * BATCH_COMMANDS_MAX);
    for (let n = 0; n < batch; n++) {
      timeUs += 1 + Math.floor(random() * PAUSE_MAX_US);
      const command: Command = listing.shift() ?? randomCommand(random, [...open.values()]);
      engine.apply((engine.lastSeq + 1) as Seq, timeUs as TimeUs, command, events);
    }
    const frame = readFrame(events.finish(firstSeq, engine.lastSeq));
    for (const { message } of frame.records) {
      if (message.type !== 'order') continue;
      if (message.status === 'NEW' || message.status === 'PARTIALLY_FILLED')
        open.set(message.orderId, message);
      else open.delete(message.orderId);
    }
    frames.push(frame);
  }
  return frames;
}
