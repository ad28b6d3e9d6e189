/** Any sequence of commands: the engine agrees with the reference, breaks no invariant, and replays the same. */
import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { AccountId, MarketId, OrderId, Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { rejectionName, rejections } from '#domain/rejections.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { listings, type OrderNames, randomCommand, seededRandom } from './random-commands.ts';
import { ReferenceEngine, sorted } from './reference-engine.ts';

const SEEDS = 60;
const COMMANDS = 400;
const timeOf = (seq: number) => (1_700_000_000_000_000 + seq * 7) as TimeUs;

interface Run {
  readonly engine: MatchingEngine;
  /** The journal: a frame of all commands. */
  readonly commands: Uint8Array;
  readonly events: Uint8Array;
}

/** Rejections, statuses and types met in all runs, so that the streams are known to reach every rule. */
const met = new Set<string>();

function run(seed: number): Run {
  const random = seededRandom(seed);
  const engine = new MatchingEngine();
  const reference = new ReferenceEngine();
  const journal = new FrameWriter();
  const allEvents = new FrameWriter();
  let digest = engine.digest();
  const first = listings(random);
  for (let seq = 1; seq <= COMMANDS; seq++) {
    const command = first[seq - 1] ?? randomCommand(random, namesOf(reference));
    journal.write(seq, timeOf(seq), command);
    const writer = new FrameWriter();
    const code = engine.apply(seq as Seq, timeOf(seq), command, writer);
    allEvents.append(writer);
    const expected = reference.apply(timeOf(seq), command);
    try {
      if (code !== null) {
        assert.equal(engine.digest(), digest, 'a refusal leaves the state as it was');
        assert.equal(writer.count, 0, 'a refusal has no events');
        assert.equal(rejectionName(code), expected);
        met.add(rejectionName(code)!);
      } else {
        assert.deepEqual(eventsIn(writer, seq), expected);
        digest = engine.digest();
      }
      engine.checkInvariants();
      assertSameAnswers(engine, reference);
    } catch (cause) {
      throw new Error(`seed ${seed}, command ${seq}: ${JSON.stringify(command)}`, { cause });
    }
  }
  return { engine, commands: journal.finish(1, COMMANDS), events: allEvents.finish(1, COMMANDS) };
}

/** A command's events, its levels and balances at the end and sorted, as the reference has them. */
function eventsIn(writer: FrameWriter, seq: number): Event[] {
  const records = readFrame(writer.finish()).records;
  for (const { id, timeUs } of records) assert.deepEqual([id, timeUs], [seq, timeOf(seq)]);
  const events = records.map(({ message }) => message as Event);
  const steps = events.filter(({ type }) => type !== 'level' && type !== 'balance');
  const levels = events.filter(({ type }) => type === 'level');
  const balances = events.filter(({ type }) => type === 'balance');
  assert.deepEqual(events, [...steps, ...levels, ...balances], 'levels, then balances, come last');
  for (const event of steps) if (event.type === 'order') met.add(`${event.orderType} ${event.status}`);
  return [...steps, ...sorted(levels), ...sorted(balances)];
}

function assertSameAnswers(engine: MatchingEngine, reference: ReferenceEngine): void {
  for (const market of [0, 1, 2] as MarketId[]) {
    assert.deepEqual(answersOf(engine, { type: 'book', market, depthMax: 1_000 }), reference.book(market));
  }
  for (const account of [0, 1, 2, 3, 4, 5] as AccountId[]) {
    const orders = answersOf(engine, { type: 'openOrders', account, market: null });
    assert.deepEqual(orders, reference.openOrders(account));
    assert.deepEqual(answersOf(engine, { type: 'balances', account }), reference.balances(account));
  }
}

function answersOf(engine: MatchingEngine, query: Query): Event[] {
  const records = new FrameWriter();
  engine.answer(query, records);
  return readFrame(records.finish()).records.map(({ message }) => message as Event);
}

function namesOf({ open }: ReferenceEngine): OrderNames[] {
  return open.map(({ id, command: { account, market, clientOrderId } }) => ({
    account,
    market,
    orderId: id as OrderId,
    clientOrderId,
  }));
}

describe('a random sequence of commands', () => {
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);

  it.each(seeds)('keeps every rule and replays to the same state, seed %i', (seed) => {
    const { engine, commands, events } = run(seed);
    const replayed = new MatchingEngine();
    const writer = new FrameWriter();
    for (const { id, timeUs, message } of readFrame(commands).records) {
      replayed.apply(id as Seq, timeUs as TimeUs, message as Command, writer);
    }
    expect(replayed.digest()).toBe(engine.digest());
    expect(Buffer.from(writer.finish(1, COMMANDS)).equals(events)).toBe(true);
  });

  it('meets every rejection, and every end of every type of order', () => {
    expect([...met]).toEqual(
      expect.arrayContaining([
        ...Object.keys(rejections),
        ...['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED'].map((status) => `LIMIT ${status}`),
        ...['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED'].map((status) => `LIMIT_MAKER ${status}`),
        ...['NEW', 'PARTIALLY_FILLED', 'FILLED', 'EXPIRED'].map((status) => `MARKET ${status}`),
      ]),
    );
  });
});
