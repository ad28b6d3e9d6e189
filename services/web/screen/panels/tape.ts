/** The latest trades, the newest first. */
import { shown, timeOfDay } from '../amounts.ts';
import { byId, element } from '../dom.ts';
import type { Market } from '../exchange/markets.ts';
import { mergeTrades, type Trade } from '../exchange/trades.ts';

export class Tape {
  #trades: readonly Trade[] = [];

  clear(): void {
    this.#trades = [];
    byId('tape', HTMLOListElement).replaceChildren();
  }

  /** Returns the newest of all. */
  add(trades: readonly Trade[], market: Market): Trade | undefined {
    this.#trades = mergeTrades(this.#trades, trades);
    byId('tape', HTMLOListElement).replaceChildren(...this.#trades.map((trade) => lineOf(trade, market)));
    return this.#trades[0];
  }
}

function lineOf({ price, quantity, timeMs, isBuy }: Trade, market: Market): HTMLLIElement {
  return element(
    'li',
    {},
    element('span', { className: isBuy ? 'up' : 'down' }, shown(price, market.priceDecimals)),
    element('span', {}, shown(quantity, market.quantityDecimals)),
    element('time', { dateTime: new Date(timeMs).toISOString() }, timeOfDay(timeMs)),
  );
}
