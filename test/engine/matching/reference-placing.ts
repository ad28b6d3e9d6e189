/** Orders placed one by one, and what follows from them once they trigger. */
import type { CommandOf } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';
import {
  canPay,
  countFault,
  demandOfBook,
  fieldsGoTogether,
  filterFault,
  isOrderIdTaken,
  needs,
  positionFault,
  wouldTake,
  wouldTrigger,
} from './reference-checks.ts';
import { end } from './reference-ending.ts';
import { activate } from './reference-lists.ts';
import {
  FILLS_MAX,
  isConditional,
  isMarketType,
  type Market,
  mayRest,
  newOrder,
  type Order,
  type State,
  type Terms,
  TRIGGERS_MAX,
  tell,
} from './reference-state.ts';
import { wait } from './reference-stops.ts';
import { take } from './reference-taking.ts';

export function place(state: State, terms: Terms): RejectionName | undefined {
  const market = state.markets[terms.market];
  if (market === undefined) return 'unknownMarket';
  const refusal = refusalOf(state, market, terms);
  if (refusal !== undefined) return refusal;
  const order = newOrder(state, terms, null);
  tell(state, order);
  if (isConditional(terms)) wait(state, order);
  else take(state, order);
  return undefined;
}

function refusalOf(state: State, market: Market, terms: Terms): RejectionName | undefined {
  if (!fieldsGoTogether(terms)) return 'invalidOrder';
  if (market.status !== 'TRADING') return 'marketClosed';
  const fault = filterFault(state, market, terms);
  if (fault !== undefined) return fault;
  const mayStayOpen = isConditional(terms) || mayRest(terms);
  const count = mayStayOpen ? countFault(state, market, [terms]) : undefined;
  if (count !== undefined) return count;
  const position = positionFault(state, market, terms);
  if (position !== undefined) return position;
  if (isOrderIdTaken(state, terms.account, terms.clientOrderId)) return 'duplicateClientOrderId';
  if (wouldTrigger(market, terms)) return 'wouldTrigger';
  if (wouldTake(state, market, terms)) return 'wouldTake';
  return canPay(state, market, terms, needs(state, market, terms)) ? undefined : 'insufficientBalance';
}

/** The order half of a command that places one. */
export function termsOf(command: CommandOf<'place'> | CommandOf<'cancelReplace'>): Terms {
  return {
    account: command.account,
    market: command.market,
    side: command.side,
    orderType: command.orderType,
    timeInForce: command.timeInForce,
    price: command.price,
    quantity: command.quantity,
    stopPrice: command.stopPrice,
    trailingDelta: command.trailingDelta,
    icebergQuantity: command.icebergQuantity,
    quoteOrderQty: command.quoteOrderQty,
    selfTradePrevention: command.selfTradePrevention,
    clientOrderId: command.clientOrderId,
  };
}

/** Starts what a command's trades triggered, and what these trigger, in order. */
export function cascade(state: State, market: Market): void {
  for (let started = 0; started < TRIGGERS_MAX; started++) {
    if (market.status !== 'TRADING' || state.fills >= FILLS_MAX) return;
    const next = market.queue.shift();
    if (next === undefined) return;
    if ('orders' in next) activate(state, next);
    else start(state, next);
  }
}

/** A triggered order takes what it can; what it held is its own to use again. */
function start(state: State, order: Order): void {
  const { market, terms } = order;
  state.open = state.open.filter((other) => other !== order);
  order.place = 'taking';
  order.workingAt = state.timeUs;
  tell(state, order);
  const isPaid = !isMarketType(terms) || canPay(state, market, terms, startingNeed(state, order));
  if (isPaid) take(state, order);
  else end(state, order, 'EXPIRED');
}

function startingNeed(state: State, { market, terms, quantity, executed, prevented }: Order): bigint {
  const left = quantity - executed - prevented;
  if (terms.side === 'SELL') return left;
  return demandOfBook(state, market, { ...terms, quantity: Number(left) as Terms['quantity'] });
}
