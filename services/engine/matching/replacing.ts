/** Cancel-replace: an order is cancelled and another placed, with nobody in between. */
import { afterText, offsetsOf, type Records } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { CANCEL_REPLACE_MODES } from '#domain/orders.ts';
import { rejections } from '#domain/rejections.ts';
import { cancelOrder } from './cancelling.ts';
import { kinds } from './order-kinds.ts';
import { placeOn } from './placing.ts';
import { cancelPlainPart } from './plain-cancelling.ts';
import type { State } from './state.ts';
import { type Outcome, tellReplaced } from './telling.ts';

const { TRADING } = kinds;

const REPLACE = offsetsOf(commands.cancelReplace);
const STOP_ON_FAILURE = CANCEL_REPLACE_MODES.indexOf('STOP_ON_FAILURE');

/** Accepted whatever becomes of the two, which `cancelReplaced` tells. */
export function cancelReplace(state: State, records: Records, at: number, outcome: Outcome): number {
  const { words } = records;
  const market = state.markets[words[at + REPLACE.market]!];
  if (market === undefined) return rejections.unknownMarket;
  if (market.status !== TRADING) return rejections.marketClosed;
  const account = words[at + REPLACE.account]!;
  const idAt = at + REPLACE.clientOrderId;
  const cancelIdAt = afterText(records, idAt);
  const ownIdAt = afterText(records, cancelIdAt);
  const orderId = words[at + REPLACE.cancelOrderId]!;
  const restriction = words[at + REPLACE.cancelRestriction]!;
  const isPlainCancel =
    restriction === 0 &&
    words[cancelIdAt] === 0 &&
    cancelPlainPart(state, market, records, at, at + REPLACE.cancelOrderId, ownIdAt, outcome);
  const cancelCode = isPlainCancel
    ? 0
    : cancelOrder(state, outcome, market, account, orderId, restriction, records, cancelIdAt, ownIdAt);
  if (cancelCode !== 0 && words[at + REPLACE.mode] === STOP_ON_FAILURE) {
    tellReplaced(outcome, cancelCode, Number.NaN);
    return 0;
  }
  const placeCode = placeOn(state, market, records, account, at + REPLACE.side, idAt, outcome);
  tellReplaced(outcome, cancelCode, placeCode);
  return 0;
}
