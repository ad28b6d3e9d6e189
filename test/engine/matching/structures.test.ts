/** The engine's data structures against naive ones, under random operations. */
import { randomInt } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { AveragePrice } from '#services/engine/matching/average-price.ts';
import { CircuitBreaker } from '#services/engine/matching/circuit-breaker.ts';
import { Ladder, LadderPages } from '#services/engine/matching/ladder.ts';
import { OrderIndex } from '#services/engine/matching/order-index.ts';
import { kinds } from '#services/engine/matching/order-kinds.ts';
import { PairIndex } from '#services/engine/matching/pair-index.ts';
import { newMarket, newOrder, noSession } from '#test/support/commands.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { DrivenEngine } from './driven-engine.ts';

const { NONE } = kinds;
const TICKS_MAX = 2 ** 31 - 1;
const RUNS = 20;

type Below = (limit: number) => number;

/** Several runs, each from a seed that is told. */
function itHolds(name: string, run: (below: Below) => void): void {
  it(name, () => {
    const seed = randomInt(2 ** 31);
    process.stdout.write(`structures: ${name}: seed ${seed}\n`);
    const random = seededRandom(seed);
    for (let count = 0; count < RUNS; count++) run((limit) => Math.floor(random() * limit));
  });
}

/** Prices at the edges of pages and of halves of pages, and of pages that share a place in the cache. */
function edgePrice(below: Below): number {
  const first = [0, 64, 128, 64 * 63, 64 * 64, 64 * 65, 64 * 128, 2 ** 20, 2 ** 30, TICKS_MAX - 127];
  const offset = [0, 1, 2, 30, 31, 32, 33, 62, 63, 64, 65, 127];
  return Math.max(1, first[below(first.length)]! + offset[below(offset.length)]!);
}

/** A ladder as a list of prices, the best first. */
class NaiveLadder {
  readonly levels = new Map<number, number>();
  readonly shown = new Set<number>();
  readonly #highest: boolean;

  constructor(highest: boolean) {
    this.#highest = highest;
  }

  get prices(): number[] {
    return [...this.shown].sort((a, b) => (this.#highest ? b - a : a - b));
  }

  /** Better than any price. */
  get beyond(): number {
    return this.#highest ? Infinity : 0;
  }

  next(ticks: number): number {
    let best = 0;
    for (const price of this.shown) {
      const isWorse = this.#highest ? price < ticks : price > ticks;
      if (isWorse && (best === 0 || (this.#highest ? price > best : price < best))) best = price;
    }
    return best;
  }

  levelAt(ticks: number): number {
    return this.levels.get(ticks) ?? NONE;
  }
}

/** Two ladders on the same pages, so that pages go from one to the other. */
function runLadders(below: Below, priceOf: (below: Below) => number): void {
  const pages = new LadderPages();
  const sides = [true, false].map((highest) => ({
    ladder: new Ladder(pages, highest),
    naive: new NaiveLadder(highest),
  }));
  let levels = 0;
  const target = 1 + below(80);
  for (let step = 0; step < 1_500; step++) {
    const { ladder, naive } = sides[below(2)]!;
    const known = [...naive.levels.keys()];
    const grows = known.length < target ? below(3) > 0 : below(3) === 0;
    const ticks = grows || known.length === 0 ? priceOf(below) : known[below(known.length)]!;
    const level = naive.levels.get(ticks);
    if (level === undefined) {
      ladder.add(ticks, levels);
      naive.levels.set(ticks, levels);
      ladder.show(ticks, levels++);
      naive.shown.add(ticks);
    } else if (naive.shown.has(ticks)) {
      ladder.hide(ticks);
      naive.shown.delete(ticks);
    } else if (below(2) === 0) {
      ladder.show(ticks, level);
      naive.shown.add(ticks);
    } else {
      ladder.remove(ticks);
      naive.levels.delete(ticks);
    }
    const asked = below(2) === 0 ? priceOf(below) : ticks;
    const { best, bestLevel } = ladder;
    const found = [best, bestLevel, ladder.find(asked), ladder.nextPrice(asked)];
    const first = naive.next(naive.beyond);
    const expected = [first, naive.levelAt(first), naive.levelAt(asked), naive.next(asked)];
    // Not all to `expect`, which takes longer than the rest.
    if (found.join() !== expected.join()) expect([asked, ...found]).toEqual([asked, ...expected]);
    if (step % 50 !== 0) continue;
    const walked: number[] = [];
    for (let price = ladder.best; price !== 0; price = ladder.nextPrice(price)) walked.push(price);
    expect(walked).toEqual(naive.prices);
  }
}

itHolds('a ladder has its prices in order, at the edges of its pages', (below) =>
  runLadders(below, edgePrice),
);

itHolds('a ladder has its prices in order, side by side', (below) => {
  const first = 1 + below(1_000);
  runLadders(below, (within) => first + within(200));
});

itHolds('a ladder has its prices in order, far apart', (below) =>
  runLadders(below, (within) => 1 + within(TICKS_MAX)),
);

itHolds('the order index finds open orders alone, however far apart their ids', (below) => {
  const index = new OrderIndex();
  const open = new Map<number, number>();
  let lastId = 0;
  const target = 1 + below(600);
  for (let step = 0; step < 8_000; step++) {
    const ids = [...open.keys()];
    if (open.size < target ? below(4) > 0 : below(3) === 0) {
      // Most follow each other; some leave out pages.
      lastId += below(200) === 0 ? [255, 256, 257, 64 * 256, 20_000][below(5)]! : 1;
      const slot = below(2 ** 31);
      index.set(lastId, slot);
      open.set(lastId, slot);
    } else if (ids.length > 0) {
      // The oldest mostly, so that whole pages go.
      const id = below(3) > 0 ? ids[0]! : ids[below(ids.length)]!;
      index.delete(id);
      open.delete(id);
    }
    const around = ids.length === 0 ? lastId : ids[below(ids.length)]!;
    for (const id of [around, around + 1, around - 256, lastId, lastId + 1, lastId + 256, below(lastId + 1)])
      if (index.get(id) !== (open.get(id) ?? NONE))
        expect([id, index.get(id)]).toEqual([id, open.get(id) ?? NONE]);
  }
  for (const [id, slot] of open) expect(index.get(id)).toBe(slot);
  for (const id of [
    0,
    -0,
    -1,
    -256,
    2 ** 31,
    2 ** 32,
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
    -Number.MAX_SAFE_INTEGER,
  ])
    expect(index.get(id)).toBe(open.get(id) ?? NONE);
});

itHolds('the order index begins again where there is a gap and nothing is open', (below) => {
  const index = new OrderIndex();
  let id = 0;
  for (let step = 0; step < 20; step++) {
    id += 1 + below(2 ** 30);
    index.set(id, step);
    expect([index.get(id), index.get(id - 1), index.get(id + 1)]).toEqual([step, NONE, NONE]);
    index.delete(id);
    expect(index.get(id)).toBe(NONE);
  }
});

itHolds('the pair index has the row of each pair and of no other', (below) => {
  const index = new PairIndex();
  const rows = new Map<string, number>();
  const edges = [0, 1, 2, 3, 255, 256, 2 ** 16, 2 ** 30, 2 ** 31 - 2, 2 ** 31 - 1];
  const wide = below(2) === 0;
  const first = () => (below(3) === 0 ? edges[below(edges.length)]! : below(wide ? 2 ** 31 : 300));
  for (let step = 0; step < 3_000; step++) {
    const [account, asset] = [first(), below(3) === 0 ? edges[below(edges.length)]! : below(8)];
    const key = `${account} ${asset}`;
    const row = rows.get(key);
    if (index.get(account, asset) !== (row ?? NONE))
      expect([key, index.get(account, asset)]).toEqual([key, row]);
    if (row === undefined && below(2) === 0) {
      index.add(account, asset, rows.size);
      rows.set(key, rows.size);
    }
  }
  expect(index.size).toBe(rows.size);
  for (const [key, row] of rows) {
    const [account, asset] = key.split(' ').map(Number) as [number, number];
    expect(index.get(account, asset)).toBe(row);
    if (!rows.has(`${asset} ${account}`)) expect(index.get(asset, account)).toBe(NONE);
  }
  for (const account of [-1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, 0.5, Number.NaN])
    expect(index.get(account, 0)).toBe(NONE);
});

itHolds('the average price is that of the trades that are recent enough, exactly', (below) => {
  const minutes = [1, 2, 5, 7, 1_440][below(5)]!;
  const average = new AveragePrice(minutes);
  const length = (minutes * 60_000_000) / 12;
  const trades: { number: number; ticks: bigint; lots: bigint }[] = [];
  const sums = new Map<number, bigint>();
  let timeUs = [0, 1, 1_700_000_000_000_000][below(3)]!;
  let lastTicks = 5;
  const sizes = [10, 1_000, 2 ** 20, 2 ** 31 - 1];
  const isLarge = below(2) === 0;
  for (let step = 0; step < 500; step++) {
    timeUs += [0, 1, below(length), length, below(length * 13)][below(8)] ?? below(1_000);
    timeUs = Math.floor(timeUs);
    const number = Math.floor(timeUs / length);
    if (below(4) > 0) {
      lastTicks = 1 + below(sizes[below(4)]!);
      const lots = 1 + below(isLarge ? 2 ** 30 : 1_000);
      average.addTrade(timeUs, lastTicks, lots);
      const sum = (sums.get(number) ?? 0n) + BigInt(lastTicks) * BigInt(lots);
      if (sum < 2n ** 49n) {
        sums.set(number, sum);
        trades.push({ number, ticks: BigInt(lastTicks), lots: BigInt(lots) });
      }
    }
    const recent = trades.filter((trade) => trade.number > number - 12);
    const lots = recent.reduce((all, trade) => all + trade.lots, 0n);
    const value = recent.reduce((all, trade) => all + trade.lots * trade.ticks, 0n);
    expect(average.ticksAt(timeUs, lastTicks)).toBe(lots === 0n ? lastTicks : Number(value / lots));
  }
});

it('the average price over no minutes is the last', () => {
  const average = new AveragePrice(0);
  average.addTrade(1, 100, 5);
  expect([average.ticksAt(1, 7), average.ticksAt(2 ** 50, 8)]).toEqual([7, 8]);
});

itHolds('the circuit breaker knows the lowest and highest of the last seconds', (below) => {
  const move = [0, 1, 10_000, 200_000, 1_000_000][below(5)]!;
  const seconds = [1, 3, 60, 86_400][below(4)]!;
  const breaker = new CircuitBreaker(move, seconds);
  const length = (seconds * 1_000_000) / 8;
  let trades: { number: number; ticks: number }[] = [];
  let timeUs = [0, 1_700_000_000_000_000][below(2)]!;
  const middle = [3, 100, 100_000, 2 ** 30][below(4)]!;
  for (let step = 0; step < 1_000; step++) {
    timeUs += Math.floor([0, 1, below(length), length, below(length * 10)][below(7)] ?? below(100_000));
    const number = Math.floor(timeUs / length);
    const ticks = below(20) === 0 ? TICKS_MAX : 1 + below(2 * middle);
    const recent = trades.filter((trade) => trade.number > number - 8);
    const isFar = recent.some(
      (trade) =>
        BigInt(ticks) * 1_000_000n > BigInt(trade.ticks) * BigInt(1_000_000 + move) ||
        BigInt(ticks) * 1_000_000n < BigInt(trade.ticks) * BigInt(1_000_000 - move),
    );
    expect(breaker.wouldHalt(timeUs, ticks)).toBe(move > 0 && isFar);
    if (below(100) === 0) {
      breaker.reset();
      trades = [];
    } else if (below(2) === 0) {
      breaker.addTrade(timeUs, ticks);
      trades.push({ number, ticks });
    }
  }
});

itHolds('orders are found by the ids that clients gave them, each account its own', (below) => {
  const driven = new DrivenEngine();
  driven.accept({ type: 'listAsset', asset: 0 as never, scale: 0, name: 'COIN' });
  driven.accept({ type: 'listAsset', asset: 1 as never, scale: 0, name: 'CASH' });
  driven.accept(newMarket());
  const accounts = 1 + below(4);
  for (let account = 1; account <= accounts; account++) {
    const credit = { account: account as never, asset: 1 as never, amount: 1_000_000 as never };
    driven.accept({ type: 'deposit', ...credit, reference: '' });
  }
  const open = new Map<string, number>();
  let lastOrderId = 0;
  const names = 20 + below(600);
  /** Of all lengths, many with the same beginning. */
  const nameOf = (number: number) =>
    number === 0
      ? ''
      : `${'same beginning of them all, every one'.slice(0, (number * 7) % 33)}${number.toString(36)}`;
  const idOf = (account: number, clientOrderId: string) => {
    const query = { type: 'openOrder', market: 0 as never, orderId: null, clientOrderId } as const;
    const [order] = driven.ask({ ...query, account: account as never });
    return order?.type === 'order' ? order.orderId : undefined;
  };
  for (let step = 0; step < 1_500; step++) {
    const account = 1 + below(accounts);
    const clientOrderId = nameOf(below(names));
    const key = `${account} ${clientOrderId}`;
    const known = open.get(key);
    const name = { ...noSession, account, market: 0, orderId: null, clientOrderId };
    if (below(5) < 3) {
      const outcome = driven.apply(newOrder({ account, price: 1 + below(9), quantity: 1, clientOrderId }));
      if (known !== undefined) expect(outcome).toBe('duplicateClientOrderId');
      else {
        expect(outcome).toMatchObject([{ orderId: ++lastOrderId, clientOrderId }, {}, {}]);
        if (clientOrderId !== '') open.set(key, lastOrderId);
      }
    } else {
      const cancel = { type: 'cancel', ...name, restriction: 'NONE', newClientOrderId: '' };
      const outcome = driven.apply(cancel as never);
      if (known === undefined) expect(outcome).toBe('unknownOrder');
      else expect(outcome).toMatchObject([{ orderId: known, status: 'CANCELED' }, {}, {}]);
      open.delete(key);
    }
    if (step % 20 === 0) expect(idOf(account, clientOrderId)).toBe(open.get(key));
  }
  driven.engine.checkInvariants();
});
