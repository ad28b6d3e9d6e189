/** Questions about the state as it stands, answered in the records of events. */
import type { FrameWriter } from '#domain/codec.ts';
import type { AccountId, AssetId, MarketId, Ppm, Price, Units } from '#domain/ids.ts';
import { MARKET_STATUSES, SIDES } from '#domain/orders.ts';
import { BALANCES_PAGE_MAX, type Query } from '#domain/queries.ts';
import { listEvent } from './ending.ts';
import type { Ladder } from './ladder.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import { Outcome, tellOrder } from './telling.ts';

const { NONE } = kinds;

/** Appends the answer's records, with the last sequence and time; none for what does not exist. */
export function answer(state: State, query: Query, seq: number, timeUs: number, records: FrameWriter): void {
  const outcome = new Outcome();
  outcome.begin(seq, timeUs, records);
  switch (query.type) {
    case 'position':
      return;
    case 'listings':
      tellListings(state, outcome);
      return;
    case 'balances':
      tellBalancesOf(state, outcome, query.account);
      return;
    case 'allBalances':
      tellAllBalances(state, outcome, query.from, query.countMax);
      return;
    case 'openOrders':
      for (const slot of openOrders(state, query.account, query.market)) tellOrder(state, outcome, slot);
      return;
    case 'openOrder': {
      const slot = namedOrder(state, query);
      if (slot !== NONE) tellOrder(state, outcome, slot);
      return;
    }
    case 'openOrderLists':
      for (const list of state.lists.of(query.account)) outcome.write(listEvent(list, 'EXECUTING'));
      return;
    case 'fees':
      tellFees(state, seq, timeUs, query.account, query.market, records);
      return;
    case 'book': {
      const market = state.markets[query.market];
      if (market === undefined) return;
      tellSide(state, outcome, market, market.bids, query.depthMax);
      tellSide(state, outcome, market, market.asks, query.depthMax);
    }
  }
}

function tellListings(state: State, outcome: Outcome): void {
  for (const { listing } of state.assets) outcome.write({ ...listing, type: 'assetListed' });
  for (const { listing } of state.markets) outcome.write({ ...listing, type: 'marketListed' });
  for (const { id, status } of state.markets)
    outcome.write({ type: 'marketStatus', market: id as MarketId, status: MARKET_STATUSES[status]! });
}

/** Balances that are not zero, in the order of their assets. */
function tellBalancesOf({ accounts, balances }: State, outcome: Outcome, account: number): void {
  const rows: number[] = [];
  const accountRow = accounts.find(account);
  for (
    let row = accountRow === NONE ? NONE : accounts.firstBalance(accountRow);
    row !== NONE;
    row = balances.next(row)
  ) {
    if (balances.available(row) > 0 || balances.held(row) > 0) rows.push(row);
  }
  rows.sort((a, b) => balances.asset(a) - balances.asset(b));
  for (const row of rows) tellBalance(balances, outcome, row);
}

/** Rows are in the order in which accounts first had anything, and stay where they are. */
function tellAllBalances({ balances }: State, outcome: Outcome, from: number, countMax: number): void {
  const begin = Math.max(0, from);
  const end = Math.min(balances.used, begin + Math.min(countMax, BALANCES_PAGE_MAX));
  for (let row = begin; row < end; row++) tellBalance(balances, outcome, row);
}

function tellBalance(balances: State['balances'], outcome: Outcome, row: number): void {
  outcome.write({
    type: 'balance',
    account: balances.account(row) as AccountId,
    asset: balances.asset(row) as AssetId,
    available: balances.available(row) as Units,
    held: balances.held(row) as Units,
  });
}

/** An account's open orders on one market or, for null, on all; oldest first. */
function openOrders(
  { accounts, positions, orders }: State,
  account: number,
  market: number | null,
): number[] {
  const slots: number[] = [];
  const accountRow = accounts.find(account);
  for (
    let position = accountRow === NONE ? NONE : accounts.firstPosition(accountRow);
    position !== NONE;
    position = positions.next(position)
  ) {
    if (market !== null && positions.market(position) !== market) continue;
    for (let slot = positions.oldest(position); slot !== NONE; slot = orders.accountNext(slot))
      slots.push(slot);
  }
  return slots.sort((a, b) => orders.id(a) - orders.id(b));
}

function namedOrder(
  state: State,
  { account, market, orderId, clientOrderId }: Extract<Query, { type: 'openOrder' }>,
): number {
  const { orders, orderIds, positions, orderIndex } = state;
  if (orderId === null) {
    const found = openOrders(state, account, market).find((slot) => orderIds.text(slot) === clientOrderId);
    return clientOrderId === '' || found === undefined ? NONE : found;
  }
  const slot = orderIndex.get(orderId);
  if (slot === NONE || (clientOrderId !== '' && orderIds.text(slot) !== clientOrderId)) return NONE;
  const position = orders.position(slot);
  return positions.account(position) === account && positions.market(position) === market ? slot : NONE;
}

function tellFees(
  { accounts, markets, fees }: State,
  seq: number,
  timeUs: number,
  account: number,
  market: number,
  records: FrameWriter,
): void {
  const listing = markets[market]?.listing;
  if (listing === undefined) return;
  const row = accounts.find(account);
  const tier = row === NONE ? 0 : accounts.tiers[row]!;
  const makerFee = (tier === 0 ? listing.makerFee : fees.makerFee(tier)) as Ppm;
  const takerFee = (tier === 0 ? listing.takerFee : fees.takerFee(tier)) as Ppm;
  records.write(seq, timeUs, { type: 'feeRates', makerFee, takerFee });
}

function tellSide(
  { levels }: State,
  outcome: Outcome,
  market: Market,
  ladder: Ladder,
  depthMax: number,
): void {
  let left = depthMax;
  for (let ticks = ladder.best; ticks !== 0 && left > 0; ticks = ladder.nextPrice(ticks)) {
    left--;
    outcome.write({
      type: 'level',
      market: market.id as MarketId,
      side: SIDES[ladder === market.bids ? 0 : 1]!,
      price: (ticks * market.tick) as Price,
      quantity: (levels.lots(ladder.find(ticks)) * market.lot) as Units,
    });
  }
}
