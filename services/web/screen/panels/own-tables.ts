/** A person's balances, open orders and trades; where the exchange does not tell, it says so. */
import { dayAndTime, isZero, readable, shown, trimmed } from '../amounts.ts';
import { busyWhile, byId, element, fillTable, row, setText } from '../dom.ts';
import type { Market } from '../exchange/markets.ts';
import type { Balance, OpenOrder, OwnTrade } from '../exchange/own-orders.ts';
import type { Answer, Failure } from '../exchange/request.ts';

const KINDS: Readonly<Record<string, string>> = {
  LIMIT: 'Limit',
  MARKET: 'Market',
  LIMIT_MAKER: 'Post only',
  STOP_LOSS: 'Stop',
  STOP_LOSS_LIMIT: 'Stop limit',
  TAKE_PROFIT: 'Take profit',
  TAKE_PROFIT_LIMIT: 'Take profit limit',
};

export function showBalances(answer: Answer<readonly Balance[]>): void {
  if (!answer.ok) {
    fillTable('balances', [], noteOf(answer.failure, 'balances'));
    return;
  }
  const there = answer.value.filter(({ available, held }) => !isZero(available) || !isZero(held));
  const rows = there.map(({ asset, available, held }) =>
    row(asset, [asset, readable(available), readable(held)]),
  );
  fillTable('balances', rows, 'Nothing yet: deposit something to trade with.');
}

export function showOpenOrders(
  answer: Answer<readonly OpenOrder[]>,
  market: Market,
  cancel: (order: OpenOrder) => Promise<void>,
): void {
  const count = byId('orders-count', HTMLElement);
  setText(count, answer.ok && answer.value.length > 0 ? String(answer.value.length) : '');
  if (!answer.ok) {
    fillTable('orders', [], noteOf(answer.failure, 'open orders'));
    return;
  }
  const rows = answer.value
    .toSorted((one, other) => other.time - one.time)
    .map((order) =>
      row(order.orderId, [
        dayAndTime(order.time),
        market.name,
        sideOf(order.side === 'BUY'),
        KINDS[order.type] ?? order.type,
        isZero(order.price) ? 'market' : shown(order.price, market.priceDecimals),
        shown(order.origQty, market.quantityDecimals),
        shown(order.executedQty, market.quantityDecimals),
        cancelButton(order, market, cancel),
      ]),
    );
  fillTable('orders', rows, `No open orders in ${market.name}.`);
}

export function showOwnTrades(answer: Answer<readonly OwnTrade[]>, market: Market): void {
  if (!answer.ok) {
    fillTable('fills', [], noteOf(answer.failure, 'trades'));
    return;
  }
  const rows = answer.value
    .toSorted((one, other) => other.id - one.id)
    .map((trade) =>
      row(trade.id, [
        dayAndTime(trade.time),
        market.name,
        sideOf(trade.isBuyer),
        shown(trade.price, market.priceDecimals),
        shown(trade.qty, market.quantityDecimals),
        `${trimmed(trade.commission)} ${trade.commissionAsset}`,
      ]),
    );
  fillTable('fills', rows, `No trades of yours in ${market.name}.`);
}

/** Nobody is logged in. */
export function clearOwn(): void {
  for (const [id, what] of [
    ['balances', 'balances'],
    ['orders', 'open orders'],
    ['fills', 'trades'],
  ] as const)
    fillTable(id, [], `Log in to see your ${what}.`);
  setText(byId('orders-count', HTMLElement), '');
}

function cancelButton(
  order: OpenOrder,
  market: Market,
  cancel: (order: OpenOrder) => Promise<void>,
): HTMLButtonElement {
  const button = element('button', { type: 'button', className: 'chip' }, 'Cancel');
  const side = order.side === 'BUY' ? 'buy' : 'sell';
  button.ariaLabel = `Cancel the order to ${side} ${trimmed(order.origQty)} ${market.base.name}`;
  button.addEventListener('click', () => void busyWhile(button, () => cancel(order)));
  return button;
}

function sideOf(isBuy: boolean): HTMLSpanElement {
  return element('span', { className: isBuy ? 'up' : 'down' }, isBuy ? 'Buy' : 'Sell');
}

function noteOf({ kind, message }: Failure, what: string): string {
  if (kind === 'absent') return `This exchange does not show ${what} on this page yet.`;
  return `Your ${what} cannot be shown: ${message}`;
}
