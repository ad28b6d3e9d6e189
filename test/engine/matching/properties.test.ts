/**
 * Any sequence of commands: the engine agrees with the reference, breaks no invariant, replays to the same state, and
 * goes on from a snapshot as if nothing had been. `CROSSBOOK_SEEDS=1000` tries so many seeds, `CROSSBOOK_SEED=7` one;
 * `CROSSBOOK_BAIL=1` ends at the first fault, without looking for fewer commands that show it.
 */
import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import { FrameWriter, openFrame, readFrame, recordWords } from '#domain/codec.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, MarketId } from '#domain/ids.ts';
import { SIDES } from '#domain/orders.ts';
import type { Query } from '#domain/queries.ts';
import { rejections } from '#domain/rejections.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { DrivenEngine, type DrivenOutcome } from './driven-engine.ts';
import { randomSteps, type Step } from './random-commands.ts';
import { ReferenceEngine, sorted } from './reference-engine.ts';
import { shrink } from './shrink.ts';

const SEEDS = Number(process.env.CROSSBOOK_SEEDS ?? 100);
const ONLY_SEED = process.env.CROSSBOOK_SEED;
const BAILS = process.env.CROSSBOOK_BAIL === '1';
const COMMANDS = 300;
const MARKETS = [0, 1, 2] as MarketId[];
const ACCOUNTS = [0, 1, 2, 3, 4, 5] as AccountId[];

/** Rejections, statuses and events met in all runs, so that the streams are known to reach every rule. */
const met = new Set<string>();

/** The engine and the reference under the same commands. */
class Comparison {
  readonly engine = new DrivenEngine();
  readonly reference = new ReferenceEngine();
  readonly outcomes: DrivenOutcome[] = [];

  apply({ command, atUs }: Step): void {
    const levels = new Map(MARKETS.flatMap((market) => this.reference.book(market)).map(asEntry));
    const expected = this.reference.apply(command, atUs);
    const outcome = this.engine.apply(command, atUs);
    this.outcomes.push(outcome);
    assertSame(typeof outcome === 'string' ? outcome : comparable(outcome, levels), expected);
    this.engine.engine.checkInvariants();
    this.#compareState();
    if (typeof outcome === 'string') met.add(outcome);
    else for (const event of outcome) met.add(event.type === 'order' ? event.status : event.type);
  }

  #compareState(): void {
    const { engine, reference } = this;
    for (const market of MARKETS) {
      assertSame(engine.ask({ type: 'book', market, depthMax: 1_000 }), reference.book(market));
      if (reference.status(market) === undefined) continue;
      for (const side of SIDES) {
        assertSame([...engine.engine.resting(market, side)], reference.resting(market, side));
      }
    }
    for (const account of ACCOUNTS) {
      assertSame(engine.ask({ type: 'openOrders', account, market: null }), reference.openOrders(account));
      assertSame(engine.ask({ type: 'openOrderLists', account }), reference.openOrderLists(account));
      assertSame(engine.ask({ type: 'balances', account }), reference.balances(account));
    }
  }

  /** What accounts pay, which changes too seldom to ask after every command. */
  compareFees(): void {
    for (const market of MARKETS) {
      if (this.reference.status(market) === undefined) continue;
      for (const account of ACCOUNTS) {
        const query: Query = { type: 'fees', account, market };
        assertSame(this.engine.ask(query), [this.reference.fees(account, market)]);
      }
    }
  }
}

const keyOf = ({ market, side, price }: EventOf<'level'>) => `${market} ${side} ${price}`;
const asEntry = (level: EventOf<'level'>) => [keyOf(level), level.quantity] as const;

/** A command's events with levels, less those that came to be as before, and balances at the end and sorted. */
function comparable(events: readonly Event[], before: ReadonlyMap<string, number>): Event[] {
  const steps = events.filter(({ type }) => type !== 'level' && type !== 'balance');
  const levels = events.filter((event) => event.type === 'level');
  const balances = events.filter((event) => event.type === 'balance');
  assertSame(events, [...steps, ...levels, ...balances]);
  assert.equal(new Set(levels.map(keyOf)).size, levels.length, 'a level is told once');
  const changed = levels.filter((level) => level.quantity !== (before.get(keyOf(level)) ?? 0));
  return [...steps, ...sorted(changed), ...sorted(balances)];
}

/** As deepEqual, which is asked only to say what differs. */
function assertSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  assert.deepEqual(actual, expected);
}

/** What goes wrong with these commands, if anything does. */
function faultOf(steps: readonly Step[]): unknown {
  const comparison = new Comparison();
  try {
    for (const step of steps) comparison.apply(step);
    comparison.compareFees();
    assertReplays(steps, comparison);
    assertRestores(steps, comparison);
    return undefined;
  } catch (fault) {
    return fault ?? new Error('a fault without a value');
  }
}

/** The journal's frames lead to the same state by the same events. */
function assertReplays(steps: readonly Step[], { engine, outcomes }: Comparison): void {
  const journal = new FrameWriter();
  steps.forEach(({ command, atUs }, index) => {
    journal.write(index + 1, atUs, command);
  });
  const frame = openFrame(journal.finish(1, steps.length));
  const replayed = new MatchingEngine();
  const records = new FrameWriter();
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) replayed.apply(frame, at, records);
  assert.equal(replayed.digest(), engine.engine.digest(), 'replays to the same state');
  const events = readFrame(records.finish()).records.map(({ message }) => message);
  assertSame(
    events,
    outcomes.flatMap((outcome) => (typeof outcome === 'string' ? [] : outcome)),
  );
}

/** From a snapshot in the middle on, everything is as it would have been. */
function assertRestores(steps: readonly Step[], { engine, outcomes }: Comparison): void {
  const middle = Math.floor(steps.length / 2);
  const first = new DrivenEngine();
  for (const { command, atUs } of steps.slice(0, middle)) first.apply(command, atUs);
  const restored = DrivenEngine.restored(first.engine.snapshot());
  assert.equal(restored.engine.digest(), first.engine.digest(), 'a snapshot has the whole state');
  steps.slice(middle).forEach(({ command, atUs }, index) => {
    assertSame(restored.apply(command, atUs), outcomes[middle + index]);
  });
  restored.engine.checkInvariants();
  assert.equal(restored.engine.digest(), engine.engine.digest(), 'goes on from a snapshot to the same state');
}

/** The smallest part of these commands that still goes wrong, as text to be read. */
function report(seed: number, steps: readonly Step[]): string {
  const few = shrink(steps, (some) => faultOf(some) !== undefined);
  const fault = faultOf(few);
  const lines = few.map(({ command, atUs }) => `${atUs} ${JSON.stringify(command)}`);
  return `seed ${seed}, ${few.length} of ${steps.length} commands:\n${lines.join('\n')}\n${
    fault instanceof Error ? fault.stack : String(fault)
  }`;
}

describe('a random sequence of commands', () => {
  const seeds =
    ONLY_SEED === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONLY_SEED)];

  let isOver = false;

  it.each(seeds)('keeps every rule, replays and restores to the same state, seed %i', (seed) => {
    if (isOver) return;
    const steps = randomSteps(seededRandom(seed), COMMANDS);
    const fault = faultOf(steps);
    if (fault === undefined) return;
    isOver = BAILS;
    throw BAILS ? fault : new Error(report(seed, steps));
  });

  it('meets every rejection, every status and every event', () => {
    if (seeds.length < 100) return;
    const statuses = ['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'PENDING_NEW'];
    expect([...met]).toEqual(
      expect.arrayContaining([
        ...Object.keys(rejections),
        ...statuses,
        ...['EXPIRED_IN_MATCH', 'REJECTED', 'repeated', 'trade', 'preventedMatch', 'orderList', 'amended'],
        ...['cancelReplaced', 'marketStatus', 'marketRulesSet', 'feeTierSet', 'accountTierSet', 'level'],
        ...['withdrawalHeld', 'withdrawalSettled', 'withdrawalReleased', 'transferred'],
      ]),
    );
  });
});
