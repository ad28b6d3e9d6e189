/**
 * What must hold after every command, whatever it was. Checked over the whole state, so for tests and for hunting
 * a fault, not for every command of an engine at work.
 */
import assert from 'node:assert/strict';
import type { Ladder } from './ladder.ts';
import type { Market } from './market.ts';
import { heldUnits, payingBalance, remainingLots } from './order-amounts.ts';
import { isConditional, kinds, waitsForRise } from './order-kinds.ts';
import { restingSlots } from './resting.ts';
import type { State } from './state.ts';

const { AT_STOP, IN_BOOK, NONE, NOWHERE, PENDING, QUEUED, TRAILED } = kinds;

/** @throws {AssertionError} naming the first invariant that is broken. */
export function checkInvariants(state: State): void {
  const open = openSlots(state);
  assert.equal(open.length, state.orders.size, 'every order is open, at an account');
  for (const market of state.markets) {
    checkBook(state, market);
    checkStops(state, market, open);
  }
  checkPlaces(state, open);
  checkClientIds(state, open);
  checkCounts(state);
  checkHolds(state, open);
  checkConservation(state);
  checkLists(state, open);
}

/** All open orders, account by account, each found under its names. */
function openSlots(state: State): number[] {
  const { positions, orders, orderIndex } = state;
  const slots: number[] = [];
  for (let position = 0; position < positions.used; position++) {
    let previous = NONE;
    for (let slot = positions.oldest(position); slot !== NONE; slot = orders.accountNext(slot)) {
      assert.equal(orders.position(slot), position);
      assert.equal(orders.accountPrevious(slot), previous);
      assert(previous === NONE || orders.id(previous) < orders.id(slot), 'oldest first');
      assert.equal(orderIndex.get(orders.id(slot)), slot, `order ${orders.id(slot)} is found by its id`);
      slots.push(slot);
      previous = slot;
    }
    assert.equal(positions.youngest(position), previous);
  }
  return slots;
}

/** Not crossed, totals right, everything told. */
function checkBook(state: State, market: Market): void {
  const { bids, asks, listing } = market;
  assert(
    bids.best === 0 || asks.best === 0 || bids.best < asks.best,
    `the book of ${listing.symbol} is not crossed: bid ${bids.best}, ask ${asks.best}`,
  );
  for (const [side, ladder] of [bids, asks].entries()) {
    checkLadder(state, ladder);
    for (const slot of restingSlots(state, market.id, side)) {
      const { orders } = state;
      assert.equal(orders.place(slot), IN_BOOK);
      assert.equal(orders.side(slot), side);
      assert(orders.lots(slot) > 0, `order ${orders.id(slot)} shows something`);
      const row = orders.details(slot);
      const iceberg = row === NONE ? NONE : state.details.iceberg(row);
      if (iceberg !== NONE)
        assert(orders.lots(slot) <= state.icebergs.sliceLots(iceberg), 'no more is shown than a slice');
    }
  }
}

/** Prices from the best on, each with a queue that is whole and whose lots are counted. */
function checkLadder(state: State, ladder: Ladder): void {
  const { levels, orders } = state;
  assert.equal(ladder.bestLevel, ladder.best === 0 ? NONE : ladder.find(ladder.best));
  let before = 0;
  for (let ticks = ladder.best; ticks !== 0; ticks = ladder.nextPrice(ticks)) {
    assert(before === 0 || (ladder.highest ? ticks < before : ticks > before), 'prices are in order');
    before = ticks;
    const level = ladder.find(ticks);
    assert.equal(levels.ticks(level), ticks);
    assert(!levels.isMarked(level), 'every changed level was told');
    let count = 0;
    let shown = 0;
    let all = 0;
    let previous = NONE;
    for (let slot = levels.oldest(level); slot !== NONE; slot = orders.next(slot)) {
      assert.equal(orders.level(slot), level);
      assert.equal(orders.previous(slot), previous);
      previous = slot;
      count++;
      shown += orders.lots(slot);
      all += remainingLots(state, slot);
    }
    assert(count > 0, 'no level is empty');
    assert.equal(levels.orders(level), count);
    // Stops share the structure, but nobody asks for their totals.
    if (orders.place(levels.oldest(level)) !== IN_BOOK) continue;
    assert.equal(levels.lots(level), shown);
    assert.equal(levels.lots(level) + levels.hiddenLots(level), all);
  }
}

/** What waits for a price does: its stop is not reached yet, and it can be found there. */
function checkStops(state: State, market: Market, open: readonly number[]): void {
  const { orders, details, levels, positions } = state;
  checkLadder(state, market.rising);
  checkLadder(state, market.falling);
  const here = open.filter((slot) => positions.market(orders.position(slot)) === market.id);
  const atStop = here.filter((slot) => orders.place(slot) === AT_STOP);
  assert.equal(market.atStop, atStop.length);
  for (const slot of atStop) {
    const stop = details.stopTicks(orders.details(slot));
    const rises = waitsForRise(orders.side(slot), orders.type(slot));
    assert.equal((rises ? market.rising : market.falling).find(stop), orders.level(slot));
    assert.equal(levels.ticks(orders.level(slot)), stop);
    if (market.lastTicks === 0) continue;
    assert(rises ? stop > market.lastTicks : stop < market.lastTicks, 'a stop that is reached has triggered');
  }
  const trailing = here.filter((slot) => {
    const row = orders.details(slot);
    return row !== NONE && details.trailingDelta(row) > 0;
  });
  assert.equal(market.trailing, trailing.length);
  checkChain(state, here, TRAILED, market.trailedFirst, market.trailedLast);
  checkChain(state, here, QUEUED, market.queueFirst, market.queueLast);
}

function checkChain(
  { orders }: State,
  open: readonly number[],
  place: number,
  first: number,
  last: number,
): void {
  let count = 0;
  let previous = NONE;
  for (let slot = first; slot !== NONE; slot = orders.next(slot)) {
    assert.equal(orders.place(slot), place);
    assert.equal(orders.previous(slot), previous);
    previous = slot;
    count++;
  }
  assert.equal(last, previous);
  assert.equal(count, open.filter((slot) => orders.place(slot) === place).length);
}

function checkPlaces({ orders }: State, open: readonly number[]): void {
  for (const slot of open) {
    assert.notEqual(orders.place(slot), NOWHERE, `order ${orders.id(slot)} is somewhere`);
    if (orders.place(slot) === AT_STOP || orders.place(slot) === TRAILED)
      assert(isConditional(orders.type(slot)));
  }
}

/** As many as the open orders that have one: an entry that its order left behind would be found for another. */
function checkClientIds({ clientIds, orders }: State, open: readonly number[]): void {
  const withId = open.filter((slot) => orders.hasId(slot));
  assert.equal(clientIds.size, withId.length);
}

function checkCounts(state: State): void {
  const { positions, orders, details, lists } = state;
  for (let position = 0; position < positions.used; position++) {
    let count = 0;
    let algoOrders = 0;
    let icebergs = 0;
    for (let slot = positions.oldest(position); slot !== NONE; slot = orders.accountNext(slot)) {
      count++;
      if (isConditional(orders.type(slot))) algoOrders++;
      const row = orders.details(slot);
      if (row !== NONE && details.iceberg(row) !== NONE) icebergs++;
    }
    assert.equal(positions.orders(position), count);
    assert.equal(positions.algoOrders(position), algoOrders);
    assert.equal(positions.icebergs(position), icebergs);
    const own = lists
      .of(positions.account(position))
      .filter((list) => list.market === positions.market(position));
    assert.equal(positions.lists(position), own.length);
  }
}

/** No balance is negative, and each holds exactly what its open orders and withdrawals need. */
function checkHolds(state: State, open: readonly number[]): void {
  const { balances } = state;
  const needed = new Map<number, number>();
  for (const slot of open) {
    const row = payingBalance(state, slot);
    needed.set(row, (needed.get(row) ?? 0) + heldUnits(state, slot));
  }
  for (const { account, asset, amount, status } of state.withdrawals.values()) {
    if (status !== 'held') continue;
    const row = balances.find(account, asset);
    needed.set(row, (needed.get(row) ?? 0) + amount);
  }
  for (let row = 0; row < balances.used; row++) {
    const available = balances.available(row);
    const account = balances.account(row);
    assert(
      Number.isSafeInteger(available) && available >= 0,
      `account ${account} has ${available} available`,
    );
    assert.equal(
      balances.held(row),
      needed.get(row) ?? 0,
      `account ${account} holds what its orders and withdrawals need`,
    );
  }
  assert.equal(balances.touchedCount, 0, 'every changed balance was told');
}

/** Everything that anyone has, fees included, is what was deposited and has not left. */
function checkConservation({ assets, balances }: State): void {
  const totals = assets.map(() => 0n);
  for (let row = 0; row < balances.used; row++)
    totals[balances.asset(row)]! += BigInt(balances.available(row)) + BigInt(balances.held(row));
  assets.forEach(({ listing, supply }, index) => {
    assert.equal(totals[index], BigInt(supply), `${listing.name} is conserved`);
  });
}

/** An open list has an open order, each of them knows it, and pending ones wait for a working one. */
function checkLists({ lists, orders, details }: State, open: readonly number[]): void {
  for (const list of lists.open.values()) {
    const slots = list.slots.filter((slot) => slot !== NONE);
    assert(slots.length > 0, `list ${list.id} has an open order`);
    for (const slot of slots) {
      assert(open.includes(slot));
      assert.equal(details.list(orders.details(slot)), list.id);
      assert.equal(orders.id(slot), list.orderIds[list.slots.indexOf(slot)]);
    }
    const queued = slots.some((slot) => orders.place(slot) === QUEUED);
    if (slots.some((slot) => orders.place(slot) === PENDING))
      assert(list.slots[0] !== NONE || queued, `list ${list.id} waits for something`);
  }
}
