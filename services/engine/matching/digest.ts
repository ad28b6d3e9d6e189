/** A fingerprint of the whole state. */
import { createHash, type Hash } from 'node:crypto';
import { commands } from '#domain/commands.ts';
import { remainingLots } from './order-amounts.ts';
import { kinds } from './order-kinds.ts';
import { restingSlots } from './resting.ts';
import type { State } from './state.ts';

const { NONE, TRAILED } = kinds;

/**
 * SHA-256 in hex over everything that decides what later commands do, in an order that does not depend on how the
 * state came about. The last sequence and time, and what sessions remember, are not part of it: a refused command
 * leaves the digest as it was.
 */
export function digestOf(state: State): string {
  const hash = createHash('sha256');
  add(hash, 'orders', state.lastOrderId, state.lists.lastId, state.logicVersion);
  for (const { listing, supply, references } of state.assets) {
    add(hash, supply, ...valuesOf(commands.listAsset.fields, listing));
    const accounts = [...references.keys()].sort((a, b) => a - b);
    for (const account of accounts) add(hash, account, [...references.get(account)!].sort());
  }
  addMarkets(hash, state);
  addAccounts(hash, state);
  addReferences(hash, state);
  addLists(hash, state);
  return hash.digest('hex');
}

/** Each book level by level, the queue of each in order: time priority is state too. */
function addMarkets(hash: Hash, state: State): void {
  for (const market of state.markets) {
    const { listing, status, lastTicks, lastTradeId, lastAggregateId, lastPreventedMatchId } = market;
    add(hash, status, lastTicks, lastTradeId, lastAggregateId, lastPreventedMatchId);
    add(hash, ...valuesOf(commands.listMarket.fields, listing));
    add(hash, [...market.average.buckets], [...market.breaker.buckets]);
    for (const side of [0, 1])
      for (const slot of restingSlots(state, market.id, side)) addOrder(hash, state, slot);
    for (const ladder of [market.rising, market.falling]) {
      for (let ticks = ladder.best; ticks !== 0; ticks = ladder.nextPrice(ticks))
        addChain(hash, state, state.levels.oldest(ladder.find(ticks)));
    }
    addChain(hash, state, market.trailedFirst);
    addChain(hash, state, market.queueFirst);
  }
}

function addChain(hash: Hash, state: State, first: number): void {
  for (let slot = first; slot !== NONE; slot = state.orders.next(slot)) addOrder(hash, state, slot);
}

function addOrder(hash: Hash, state: State, slot: number): void {
  const { orders, orderIds, details, positions, icebergs, prevented } = state;
  const position = orders.position(slot);
  add(hash, orders.id(slot), positions.account(position), orders.flags(slot), orders.acceptedAt(slot));
  add(hash, orders.lots(slot), remainingLots(state, slot), prevented.get(slot) ?? 0, orderIds.text(slot));
  const row = orders.details(slot);
  if (row === NONE) return;
  add(hash, details.executedLots(row), orders.place(slot) === TRAILED, details.executedQuote(row));
  add(hash, details.workingAt(row), details.amendments(row), details.stopTicks(row), details.limitTicks(row));
  add(hash, details.trailingDelta(row), details.list(row));
  const iceberg = details.iceberg(row);
  if (iceberg !== NONE) add(hash, icebergs.sliceLots(iceberg));
}

function addAccounts(hash: Hash, { balances, accounts, fees }: State): void {
  const rows = Array.from({ length: balances.used }, (_, row) => row)
    .filter((row) => balances.available(row) > 0 || balances.held(row) > 0)
    .sort((a, b) => balances.account(a) - balances.account(b) || balances.asset(a) - balances.asset(b));
  for (const row of rows)
    add(hash, balances.account(row), balances.asset(row), balances.available(row), balances.held(row));
  add(hash, [...fees.rates]);
  const tiers = [...accounts.rows].filter(([, row]) => accounts.tiers[row] !== 0).sort(([a], [b]) => a - b);
  for (const [account, row] of tiers) add(hash, account, accounts.tiers[row]);
}

/** Of what may come again under its reference; nothing for none, as before there were withdrawals. */
function addReferences(hash: Hash, { withdrawals, transfers }: State): void {
  for (const [kind, all] of Object.entries({ withdrawals, transfers }))
    for (const reference of [...all.keys()].sort())
      add(hash, kind, reference, ...Object.values(all.get(reference)!));
}

function addLists(hash: Hash, { lists, orders }: State): void {
  for (const { id, kind, account, clientId, orderIds, slots, pairNeeds } of lists.open.values()) {
    add(
      hash,
      id,
      kind,
      account,
      clientId,
      orderIds,
      slots.map((slot) => slot !== NONE),
      pairNeeds,
    );
    // Pending orders are at no place that markets have.
    for (const slot of slots)
      if (slot !== NONE) add(hash, orders.id(slot), orders.flags(slot), orders.lots(slot));
  }
}

/** In the order of declaration: a listing built in process may have its fields in another than a decoded one. */
function valuesOf<Fields extends object>(fields: Fields, listing: { [Name in keyof Fields]: unknown }) {
  return (Object.keys(fields) as (keyof Fields)[]).map((name) => listing[name]);
}

/** A row as JSON, in which no two rows look alike. */
function add(hash: Hash, ...row: readonly unknown[]): void {
  hash.update(`${JSON.stringify(row)}\n`);
}
