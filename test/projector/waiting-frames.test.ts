import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Frame } from '#domain/codec.ts';
import { WaitingFrames } from '#services/projector/waiting-frames.ts';
import { frame, order, record } from './events.ts';

function frameOf(seq: number, records: number): Frame {
  return frame(seq, seq, ...Array.from({ length: records }, () => record(seq, 1, order())));
}

/** Whether `promise` is settled once everything that could run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => {
    settled = true;
  });
  await turn();
  return settled;
}

describe('waiting frames', () => {
  it('are taken all together, in order', async () => {
    const waiting = new WaitingFrames();
    const taken = waiting.take();
    expect(await isSettled(taken)).toBe(false);
    await waiting.add(frameOf(1, 1));
    expect((await taken).map(({ lastSeq }) => lastSeq)).toEqual([1]);
    await waiting.add(frameOf(2, 3));
    await waiting.add(frameOf(3, 0));
    expect((await waiting.take()).map(({ lastSeq }) => lastSeq)).toEqual([2, 3]);
    expect(await isSettled(waiting.take())).toBe(false);
  });

  it.each([
    ['20,000 events', 4, 5_000],
    ['20,000 frames without events', 20_000, 0],
  ])('have whoever adds wait once there are %s', async (_, frames, records) => {
    const waiting = new WaitingFrames();
    for (let seq = 1; seq < frames; seq++) await waiting.add(frameOf(seq, records));
    const last = waiting.add(frameOf(frames, records));
    expect(await isSettled(last)).toBe(false);
    expect(await waiting.take()).toHaveLength(frames);
    await last;
    await waiting.add(frameOf(frames + 1, records));
  });

  it('let everyone go when they end', async () => {
    const waiting = new WaitingFrames();
    const taken = waiting.take();
    waiting.end();
    expect(await taken).toEqual([]);
    await waiting.add(frameOf(1, 20_000));
    expect(await waiting.take()).toHaveLength(1);
    expect(await waiting.take()).toEqual([]);
  });
});
