/** Events and frames by hand, with only what a test cares about. */
import type { Frame, FrameRecord } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { newMarket } from '#test/support/commands.ts';

/** A whole minute. */
export const MINUTE_US = 60_000_000;

export function order(fields: Partial<Record<keyof EventOf<'order'>, unknown>> = {}): EventOf<'order'> {
  return {
    type: 'order',
    orderId: 1,
    account: 7,
    market: 0,
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    selfTradePrevention: 'NONE',
    status: 'NEW',
    price: 100,
    quantity: 10,
    quoteOrderQty: null,
    executedQuantity: 0,
    executedQuote: 0,
    preventedQuantity: 0,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    orderListId: null,
    createdAt: 1,
    workingAt: 1,
    clientOrderId: 'mine',
    cancelId: '',
    ...fields,
  } as EventOf<'order'>;
}

export function trade(fields: Partial<Record<keyof EventOf<'trade'>, unknown>> = {}): EventOf<'trade'> {
  return {
    type: 'trade',
    market: 0,
    tradeId: 1,
    aggregateId: 1,
    price: 100,
    quantity: 10,
    quoteQuantity: 1_000,
    takerSide: 'BUY',
    makerOrderId: 1,
    takerOrderId: 2,
    makerAccount: 7,
    takerAccount: 8,
    makerFee: 0,
    takerFee: 0,
    ...fields,
  } as EventOf<'trade'>;
}

export function record(seq: number, timeUs: number, message: FrameRecord['message']): FrameRecord {
  return { id: seq, timeUs, message };
}

export function frame(firstSeq: number, lastSeq: number, ...records: FrameRecord[]): Frame {
  return { firstSeq, lastSeq, records };
}

/** Both together stay below 2^53, as all that the engine takes in. */
const RICH = 2 ** 51;

/** Market 0, which trades asset 0 for asset 1, and accounts 7 and 8, rich in both: the ledger wants to know of them. */
export function opening(seq = 1, timeUs = 1): FrameRecord[] {
  const deposits = [7, 8].flatMap((account) =>
    [0, 1].map((asset) => ({ type: 'deposited', account, asset, amount: RICH, reference: 'opening' })),
  );
  return [newMarket(), ...deposits].map((message) =>
    record(seq, timeUs, {
      ...message,
      type: message.type === 'listMarket' ? 'marketListed' : message.type,
    } as FrameRecord['message']),
  );
}
