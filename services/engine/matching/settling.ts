/** Moves what the trade at hand moves between taker and maker, less their fees, which it notes beside its amounts. */
import assert from 'node:assert/strict';
import type { Ppm, Units } from '#domain/ids.ts';
import { feeOf } from '#domain/money.ts';
import type { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const { BUY } = kinds;

export function settle(state: State, outcome: Outcome, market: Market, taker: number, maker: number): void {
  const { orders, positions, balances } = state;
  const { rules, base, quote } = market;
  const position = orders.position(taker);
  const makerPosition = orders.position(maker);
  const makerTier = state.accounts.tiers[positions.accountRow(makerPosition)]!;
  const takerTier = state.accounts.tiers[positions.accountRow(position)]!;
  const makerRate = (makerTier === 0 ? rules.makerFee : state.fees.makerFee(makerTier)) as Ppm;
  const takerRate = (takerTier === 0 ? rules.takerFee : state.fees.takerFee(takerTier)) as Ppm;
  const { trade } = outcome;
  const buys = orders.side(taker) === BUY;
  // What the taker gives and gets, before fees.
  const given = (buys ? trade[1]! : trade[0]! * market.lot) as Units;
  const got = (buys ? trade[0]! * market.lot : trade[1]!) as Units;
  const makerFee = feeOf(given, makerRate);
  const takerFee = feeOf(got, takerRate);
  const paying = buys ? positions.quoteBalance(position) : positions.baseBalance(position);
  const makerPaying = buys ? positions.baseBalance(makerPosition) : positions.quoteBalance(makerPosition);
  const receiving = buys ? positions.baseBalance(position) : positions.quoteBalance(position);
  const makerReceiving = buys ? positions.quoteBalance(makerPosition) : positions.baseBalance(makerPosition);
  balances.touch(paying);
  balances.touch(makerPaying);
  balances.touch(receiving);
  balances.touch(makerReceiving);
  // In place: amounts that are handed to functions would be allocated.
  const { floats } = balances;
  const left = floats[paying * 4]! - given;
  const heldLeft = floats[makerPaying * 4 + 1]! - got;
  if (left < 0 || heldLeft < 0) assert.fail('a trade moves more than there is');
  floats[paying * 4] = left;
  floats[makerPaying * 4 + 1] = heldLeft;
  floats[receiving * 4] = floats[receiving * 4]! + (got - takerFee);
  floats[makerReceiving * 4] = floats[makerReceiving * 4]! + (given - makerFee);
  if (takerFee > 0) balances.credit(state.assets[buys ? base : quote]!.feeBalance, takerFee);
  if (makerFee > 0) balances.credit(state.assets[buys ? quote : base]!.feeBalance, makerFee);
  trade[2] = makerFee;
  trade[3] = takerFee;
}
