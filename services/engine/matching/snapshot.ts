/**
 * The whole state as bytes, and back. The pools go as they are, trimmed to what is used: a million orders take a
 * tenth of a second. What can be found again is left out.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { AveragePrice } from './average-price.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Ladder } from './ladder.ts';
import { type Listing, Market } from './market.ts';
import type { OrderList } from './order-list.ts';
import type { PairIndex } from './pair-index.ts';
import { Asset, State } from './state.ts';

/** The bytes are not a snapshot of this version, or were damaged; the message says which. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

/** Raised with every change of what is in one. */
const VERSION = 3;
const DIGEST_BYTES = 32;

export interface Restored {
  readonly state: State;
  readonly lastSeq: number;
  readonly lastTimeUs: number;
}

/** SHA-256 of what follows, then the state. */
export function saveState(state: State, lastSeq: number, lastTimeUs: number): Uint8Array {
  const body = serialize({ version: VERSION, lastSeq, lastTimeUs, ...partsOf(state) });
  const digest = createHash('sha256').update(body).digest();
  return Buffer.concat([digest, body]);
}

/** @throws {SnapshotError} */
export function restoreState(bytes: Uint8Array): Restored {
  const body = bytes.subarray(DIGEST_BYTES);
  const digest = createHash('sha256').update(body).digest();
  if (bytes.length <= DIGEST_BYTES || Buffer.compare(digest, bytes.subarray(0, DIGEST_BYTES)) !== 0)
    throw new SnapshotError('the checksum differs: bytes are missing or were damaged');
  const saved = read(body);
  if (saved.version !== VERSION)
    throw new SnapshotError(`snapshot version ${saved.version} is not ${VERSION}, the one known here`);
  return { state: stateOf(saved), lastSeq: saved.lastSeq, lastTimeUs: saved.lastTimeUs };
}

function read(body: Uint8Array): Saved {
  try {
    // A copy: what is read shares the memory that it is read from.
    return deserialize(new Uint8Array(body));
  } catch (cause) {
    throw new SnapshotError('the bytes have their checksum, but are nothing that was saved', { cause });
  }
}

type Parts = ReturnType<typeof partsOf>;
type Saved = Parts & { readonly version: number; readonly lastSeq: number; readonly lastTimeUs: number };

function partsOf(state: State) {
  const { accounts, balances, positions, orders, details, icebergs, orderIndex, orderIds, clientIds } = state;
  const { levels, pages, lists, sessions } = state;
  return {
    counters: [state.lastOrderId, lists.lastId, sessions.lastId, state.logicVersion],
    assets: state.assets.map(({ listing, supply, references, feeBalance }) => ({
      listing,
      supply,
      references,
      feeBalance,
    })),
    markets: state.markets.map(saveMarket),
    accounts: {
      rows: accounts.rows,
      tiers: accounts.tiers,
      firsts: accounts.firsts,
    },
    balances: {
      floats: balances.floats.slice(0, balances.used * 4),
      ints: balances.ints.slice(0, balances.used * 4),
      used: balances.used,
    },
    positions: { ints: positions.ints.slice(0, positions.used * 12), used: positions.used },
    orders: saveRecords(orders, 7),
    orderCount: orders.size,
    details: saveRecords(details, 6),
    icebergs: { floats: icebergs.floats, used: icebergs.used, free: icebergs.free },
    prevented: state.prevented,
    orderIndex: { ...orderIndex },
    orderIds: {
      heads: orderIds.heads.slice(0, orders.used * 6),
      tails: orderIds.tails.slice(0, orders.used * 5),
    },
    clientIds: { chains: clientIds.chains, mask: clientIds.mask, size: clientIds.size },
    levels: { floats: levels.floats, ints: levels.ints, used: levels.used, free: levels.free },
    pages: { ints: pages.ints, used: pages.used, free: pages.free },
    lists: [...lists.open.values()],
    rates: state.fees.rates,
    sessions: sessions.open,
    withdrawals: state.withdrawals,
    transfers: state.transfers,
  };
}

function saveRecords(
  { floats, used, free }: { floats: Float64Array; used: number; free: number },
  width: number,
) {
  return { floats: floats.slice(0, used * width), used, free };
}

function saveMarket(market: Market) {
  const { listing, step, status, atStop, trailing, average, breaker } = market;
  const { trailedFirst, trailedLast, queueFirst, queueLast } = market;
  const { lastTicks, lastTradeId, lastAggregateId, lastPreventedMatchId } = market;
  return {
    listing,
    step,
    average: average.buckets,
    breaker: breaker.buckets,
    ladders: laddersOf(market).map(({ best, bestLevel, numbers, slots, count }) => ({
      best,
      bestLevel,
      numbers,
      slots,
      count,
    })),
    fields: {
      status,
      atStop,
      trailing,
      trailedFirst,
      trailedLast,
      queueFirst,
      queueLast,
      lastTicks,
      lastTradeId,
      lastAggregateId,
      lastPreventedMatchId,
    },
  };
}

function laddersOf({ bids, asks, rising, falling }: Market): readonly Ladder[] {
  return [bids, asks, rising, falling];
}

function stateOf(saved: Saved): State {
  const state = new State();
  const [lastOrderId, lastListId, lastSessionId, logicVersion] = saved.counters;
  state.lastOrderId = lastOrderId!;
  state.logicVersion = logicVersion!;
  state.assets = saved.assets.map(({ listing, supply, references, feeBalance }) =>
    Object.assign(new Asset(listing, feeBalance), { supply, references }),
  );
  state.markets = saved.markets.map((market) => restoreMarket(state, market));
  for (const [account, row] of saved.accounts.rows) state.accounts.rows.set(account, row);
  state.accounts.tiers = saved.accounts.tiers;
  state.accounts.firsts = saved.accounts.firsts;
  Object.assign(state.balances, atLeast(saved.balances, { floats: 64 * 4, ints: 64 * 4 }));
  indexPairs(state.balances.rows, state.balances.ints, 4, state.balances.used);
  Object.assign(state.positions, atLeast(saved.positions, { ints: 64 * 12 }));
  indexPairs(state.positions.rows, state.positions.ints, 12, state.positions.used);
  restoreRecords(state.orders, saved.orders);
  state.orders.size = saved.orderCount;
  restoreRecords(state.details, saved.details);
  Object.assign(state.icebergs, saved.icebergs);
  state.prevented = saved.prevented;
  Object.assign(state.orderIndex, saved.orderIndex);
  Object.assign(state.orderIds, atLeast(saved.orderIds, { heads: 0, tails: 0 }));
  Object.assign(state.clientIds, saved.clientIds);
  Object.assign(state.levels, saved.levels);
  Object.assign(state.pages, saved.pages);
  for (const list of saved.lists) state.lists.add(list as OrderList);
  state.lists.lastId = lastListId!;
  state.fees.rates = saved.rates;
  state.sessions.open = saved.sessions;
  state.withdrawals = saved.withdrawals;
  state.transfers = saved.transfers;
  state.sessions.lastId = lastSessionId!;
  return state;
}

function restoreMarket(state: State, saved: ReturnType<typeof saveMarket>): Market {
  const market = new Market(saved.listing as Listing, saved.step, state.pages);
  Object.assign(market, saved.fields);
  const { averageMinutes, breakerMove, breakerSeconds } = market.listing;
  market.average = Object.assign(new AveragePrice(averageMinutes), { buckets: saved.average });
  market.breaker = Object.assign(new CircuitBreaker(breakerMove, breakerSeconds), { buckets: saved.breaker });
  laddersOf(market).forEach((ladder, index) => {
    Object.assign(ladder, saved.ladders[index]);
  });
  return market;
}

/** Both views of a pool share their memory, which the saved one alone cannot say. */
function restoreRecords(
  pool: { floats: Float64Array; ints: Int32Array; used: number; free: number },
  saved: { floats: Float64Array; used: number; free: number },
): void {
  const { floats } = atLeast(saved, { floats: pool.floats.length });
  Object.assign(pool, { floats, ints: new Int32Array(floats.buffer), used: saved.used, free: saved.free });
}

/** Arrays that were trimmed have at least their first size again, from which they grow. */
function atLeast<T extends object>(saved: T, sizes: { readonly [Name in keyof T]?: number }): T {
  const restored = { ...saved };
  for (const [name, size] of Object.entries(sizes) as [keyof T, number][]) {
    const array = saved[name] as Float64Array | Int32Array;
    const room = new (array.constructor as typeof Float64Array)(Math.max(size, array.length));
    room.set(array);
    restored[name] = room as T[keyof T];
  }
  return restored;
}

function indexPairs(index: PairIndex, ints: Int32Array, width: number, used: number): void {
  for (let row = 0; row < used; row++) index.add(ints[row * width]!, ints[row * width + 1]!, row);
}
