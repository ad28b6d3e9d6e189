/** A fingerprint of the whole state. */
import { createHash, type Hash } from 'node:crypto';
import { commands } from '#domain/commands.ts';
import { orderEvent } from './order.ts';
import type { BookSide } from './order-book.ts';
import type { State } from './state.ts';

/**
 * SHA-256 in hex over everything that decides what later commands do, in an order that does not depend on how the
 * state came about. The last sequence and time are not part of it: a refused command leaves the digest as it was.
 */
export function digestOf(state: State): string {
  const hash = createHash('sha256');
  add(hash, 'orders', state.lastOrderId);
  for (const { listing, supply, references } of state.assets) {
    add(hash, supply, ...valuesOf(commands.listAsset.fields, listing));
    const accounts = [...references.keys()].sort((a, b) => a - b);
    for (const account of accounts) add(hash, account, [...references.get(account)!].sort());
  }
  for (const { market, bids, asks } of state.books) {
    const { listing, lastTicks, lastTradeId, lastAggregateId } = market;
    add(hash, lastTicks, lastTradeId, lastAggregateId, ...valuesOf(commands.listMarket.fields, listing));
    addSide(hash, bids);
    addSide(hash, asks);
  }
  for (const { account, asset, available, held } of state.balances.all()) {
    add(hash, account, asset, available, held);
  }
  return hash.digest('hex');
}

/** Level by level, oldest order first: time priority is state too. */
function addSide(hash: Hash, { levels }: BookSide): void {
  for (const level of levels) {
    for (let order = level.oldest; order !== null; order = order.younger) add(hash, orderEvent(order));
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
