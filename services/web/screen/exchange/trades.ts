/** What was traded lately. */
import { type Answer, ask } from './request.ts';

/** How many are kept and shown. */
const TRADES_MAX = 60;

export interface Trade {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly timeMs: number;
  /** The buyer took: the price was asked. */
  readonly isBuy: boolean;
}

interface StoredTrade {
  readonly id: number;
  readonly price: string;
  readonly qty: string;
  readonly time: number;
  readonly isBuyerMaker: boolean;
}

export async function fetchTrades(symbol: string): Promise<Answer<readonly Trade[]>> {
  const path = `/api/v3/trades?symbol=${symbol}&limit=${TRADES_MAX}`;
  const answer = await ask<readonly StoredTrade[]>('GET', path);
  if (!answer.ok) return answer;
  const value = answer.value.map(({ id, price, qty, time, isBuyerMaker }) => ({
    id,
    price,
    quantity: qty,
    timeMs: time,
    isBuy: !isBuyerMaker,
  }));
  return { ok: true, value };
}

/** Both lists as one, the newest first, each trade once: streams and stored trades overlap. */
export function mergeTrades(one: readonly Trade[], other: readonly Trade[]): Trade[] {
  const byId = new Map([...one, ...other].map((trade) => [trade.id, trade]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, TRADES_MAX);
}
