/** A random run of the real engine, as the frames of events that it would send. */
import { type Frame, FrameWriter, readFrame } from '#domain/codec.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { randomSteps } from '#test/engine/matching/random-commands.ts';

const BATCH_COMMANDS_MAX = 8;

/** Contiguous frames from sequence 1; some have no records, since all their commands were refused. */
export function engineRun(random: () => number, commandsMax: number): Frame[] {
  const engine = new MatchingEngine();
  const frames: Frame[] = [];
  const steps = randomSteps(random, commandsMax);
  for (let next = 0; next < steps.length; ) {
    const events = new FrameWriter();
    const firstSeq = engine.lastSeq + 1;
    const batch = steps.slice(next, next + 1 + Math.floor(random() * BATCH_COMMANDS_MAX));
    next += batch.length;
    for (const { command, atUs } of batch) {
      const written = new FrameWriter();
      const at = written.length;
      written.write(engine.lastSeq + 1, atUs, command);
      engine.apply(written, at, events);
    }
    frames.push(readFrame(events.finish(firstSeq, engine.lastSeq)));
  }
  return frames;
}
