/**
 * What must hold after every command, whatever it was. Checked over the whole state, so for tests and for hunting
 * a fault, not for every command of an engine at work.
 */
import assert from 'node:assert/strict';
import type { AccountId, AssetId } from '#domain/ids.ts';
import type { Market } from './market.ts';
import type { Level, Order } from './order.ts';
import type { BookSide } from './order-book.ts';
import type { State } from './state.ts';

/** @throws {AssertionError} naming the first invariant that is broken. */
export function checkInvariants(state: State): void {
  const resting = state.books.flatMap(({ market, bids, asks }) => [
    ...checkSide(market, bids),
    ...checkSide(market, asks),
  ]);
  for (const { market, bids, asks } of state.books) {
    const bid = bids.best?.ticks ?? 0;
    const ask = asks.best?.ticks ?? Infinity;
    assert(bid < ask, `the book of ${market.listing.symbol} is not crossed: bid ${bid}, ask ${ask}`);
  }
  checkIndex(state, resting);
  checkHolds(state, resting);
  checkConservation(state);
}

/** Prices in order without gaps in the queue, oldest first, totals right; returns the orders. */
function checkSide(market: Market, side: BookSide): Order[] {
  const { symbol } = market.listing;
  side.levels.forEach((level, index) => {
    assert.equal(level.side, side.side);
    assert(!level.changed, `every change of ${symbol} was told`);
    assert(index === 0 || side.levels[index - 1]!.rank < level.rank, `levels of ${symbol} are in order`);
  });
  return side.levels.flatMap((level) => checkLevel(level));
}

function checkLevel(level: Level): Order[] {
  const orders: Order[] = [];
  for (let order = level.oldest; order !== null; order = order.younger) {
    const older: Order | undefined = orders.at(-1);
    assert.equal(order.older, older ?? null);
    assert(older === undefined || older.id < order.id, `order ${order.id} waits behind older ones`);
    assert(order.level === level && order.side === level.side && order.ticks === level.ticks);
    assert(order.remainingLots > 0, `order ${order.id} has something left`);
    orders.push(order);
  }
  assert(orders.length > 0, 'no level is empty');
  assert.equal(level.youngest, orders.at(-1));
  assert.equal(level.orders, orders.length);
  assert.equal(
    level.lots,
    orders.reduce((sum, order) => sum + order.remainingLots, 0),
  );
  return orders;
}

/** What rests is what can be found, under every name. */
function checkIndex({ openOrders }: State, resting: readonly Order[]): void {
  assert.equal(openOrders.size, resting.length);
  for (const order of resting) {
    const { id, account, clientOrderId } = order;
    const market = order.market.id;
    assert.equal(openOrders.find({ account, market, orderId: id, clientOrderId }), order);
    if (clientOrderId !== '') {
      assert.equal(openOrders.find({ account, market, orderId: null, clientOrderId }), order);
    }
    assert(openOrders.of(account, market).includes(order));
  }
}

/** No balance is negative, and each holds exactly what its open orders need. */
function checkHolds(state: State, resting: readonly Order[]): void {
  const key = (account: AccountId, asset: AssetId) => `${account}/${asset}`;
  const needed = new Map<string, number>();
  for (const order of resting) {
    const { base, quote } = order.market.listing;
    const at = key(order.account, order.side === 'BUY' ? quote : base);
    needed.set(at, (needed.get(at) ?? 0) + order.heldUnits);
  }
  for (const { account, asset, available, held } of state.balances.all()) {
    assert(
      Number.isSafeInteger(available) && available >= 0,
      `account ${account} has ${available} available`,
    );
    assert.equal(held, needed.get(key(account, asset)) ?? 0, `account ${account} holds what its orders need`);
    needed.delete(key(account, asset));
  }
  assert.equal(needed.size, 0, 'every open order has its hold');
}

/** Everything that anyone has, fees included, is what was deposited. */
function checkConservation(state: State): void {
  const totals = state.assets.map(() => 0n);
  for (const { asset, available, held } of state.balances.all()) {
    totals[asset]! += BigInt(available) + BigInt(held);
  }
  state.assets.forEach(({ listing, supply }, index) => {
    assert.equal(totals[index], BigInt(supply), `${listing.name} is conserved`);
  });
}
