/** What trades do to candles and to the list of trades, whatever order they come in. */
import { expect, it } from '@jest/globals';
import { afterTrade, type Candle } from '#services/web/screen/exchange/candles.ts';
import type { Market } from '#services/web/screen/exchange/markets.ts';
import { mergeTrades, type Trade } from '#services/web/screen/exchange/trades.ts';

const MINUTE_MS = 60_000;
const market = { quote: { name: 'USDT', scale: 2 } } as Market;
const last: Candle = { openMs: 10 * MINUTE_MS, open: 100, high: 120, low: 90, close: 110, volume: '3' };
const trade = (id: number, price: string, timeMs: number): Trade => ({
  id,
  price,
  quantity: '1',
  timeMs,
  isBuy: true,
});
const after = (price: string, minute: number) =>
  afterTrade(last, trade(1, price, minute * MINUTE_MS), MINUTE_MS, market);

it('moves the last candle by a trade in its time', () => {
  expect(after('1.30', 10.5)).toEqual({ ...last, close: 130, high: 130 });
  expect(after('0.80', 10)).toEqual({ ...last, close: 80, low: 80 });
});

it('begins the candle that a later trade belongs to, where it would have begun', () => {
  const begun = { openMs: 13 * MINUTE_MS, open: 130, high: 130, low: 130, close: 130, volume: '0' };
  expect(after('1.30', 13.7)).toEqual(begun);
});

it('leaves a candle alone that a late trade does not belong to', () => {
  expect(after('1.30', 9.9)).toBeUndefined();
});

it('lists each trade once, the newest first, when streamed and stored trades overlap', () => {
  const streamed = [trade(7, '1', 0), trade(6, '1', 0)];
  const stored = [trade(4, '1', 0), trade(5, '1', 0), trade(6, '1', 0)];
  expect(mergeTrades(streamed, stored).map(({ id }) => id)).toEqual([7, 6, 5, 4]);
});

it('keeps no more trades than it shows', () => {
  const many = Array.from({ length: 500 }, (_, id) => trade(id, '1', 0));
  expect(mergeTrades([], many).map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, at) => 499 - at));
});
