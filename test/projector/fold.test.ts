import { describe, expect, it } from '@jest/globals';
import { fold } from '#services/projector/fold.ts';
import { MINUTE_US, order, record, trade } from './events.ts';

describe('a fold of events', () => {
  it('keeps each order as it stands last, with the time of that change', () => {
    const { orders } = fold([
      record(1, 10, order({ orderId: 1 })),
      record(2, 20, order({ orderId: 2, account: 8, side: 'SELL' })),
      record(2, 20, order({ orderId: 1, status: 'PARTIALLY_FILLED', executedQuantity: 4 })),
      record(3, 30, order({ orderId: 1, status: 'CANCELED', executedQuantity: 4, cancelId: 'c' })),
    ]);
    expect(orders).toMatchObject([
      { order_id: 1, account_id: 7, status: 'CANCELED', executed_quantity: 4, updated_at: 30 },
      { order_id: 2, account_id: 8, status: 'NEW', updated_at: 20 },
    ]);
  });

  it('keeps the last match that took something out of an order', () => {
    const match = (fields: object) =>
      ({
        type: 'preventedMatch',
        market: 0,
        account: 7,
        mode: 'EXPIRE_MAKER',
        price: 100,
        takerOrderId: 2,
        makerOrderId: 1,
        takerPreventedQuantity: 0,
        makerPreventedQuantity: 10,
        ...fields,
      }) as never;
    const { orders, preventedMatches } = fold([
      record(1, 10, order({ orderId: 1 })),
      record(2, 20, order({ orderId: 2 })),
      record(2, 20, match({ preventedMatchId: 4 })),
      record(2, 20, order({ orderId: 1, status: 'EXPIRED_IN_MATCH', preventedQuantity: 10 })),
      record(2, 20, order({ orderId: 2 })),
    ]);
    expect(orders).toMatchObject([
      { order_id: 1, status: 'EXPIRED_IN_MATCH', prevented_quantity: 10, prevented_match_id: 4 },
      { order_id: 2, status: 'NEW', prevented_match_id: null },
    ]);
    expect(preventedMatches).toMatchObject([{ prevented_match_id: 4, prevented_at: 20 }]);
  });

  it('keeps each amendment with the names before and after, and each list as it stands last', () => {
    const amended = { type: 'amended', account: 7, market: 0, orderId: 1, number: 1 };
    const list = { type: 'orderList', orderListId: 3, account: 7, market: 0, kind: 'OCO', createdAt: 10 };
    const { amendments, orderLists, orders } = fold([
      record(1, 10, { ...list, status: 'EXECUTING' } as never),
      record(1, 10, order({ orderId: 1, clientOrderId: 'before' })),
      record(2, 20, {
        ...amended,
        quantityBefore: 10,
        quantity: 8,
        clientOrderIdBefore: 'before',
      } as never),
      record(2, 20, order({ orderId: 1, quantity: 8, clientOrderId: 'after' })),
      record(3, 30, { ...list, status: 'ALL_DONE' } as never),
    ]);
    expect(amendments).toMatchObject([
      {
        seq: 2,
        order_id: 1,
        quantity_before: 10,
        quantity: 8,
        client_order_id_before: 'before',
        client_order_id: 'after',
        amended_at: 20,
      },
    ]);
    expect(orders).toMatchObject([{ quantity: 8, client_order_id: 'after' }]);
    expect(orderLists).toMatchObject([
      { order_list_id: 3, status: 'ALL_DONE', created_at: 10, updated_at: 30 },
    ]);
  });

  it('opens a candle with a minute’s first trade and closes it with the last', () => {
    const { candles } = fold([
      record(1, MINUTE_US, trade({ tradeId: 5, price: 100, quantity: 1, quoteQuantity: 100 })),
      record(2, MINUTE_US + 1, trade({ tradeId: 6, price: 130, quantity: 2, quoteQuantity: 260 })),
      record(
        3,
        2 * MINUTE_US - 1,
        trade({ tradeId: 7, price: 90, quantity: 3, quoteQuantity: 270, takerSide: 'SELL' }),
      ),
    ]);
    expect(candles).toEqual([
      {
        market_id: 0,
        opened_at: MINUTE_US,
        open: 100,
        high: 130,
        low: 90,
        close: 90,
        base_volume: '6',
        quote_volume: '630',
        taker_buy_base: '3',
        taker_buy_quote: '360',
        first_trade_id: 5,
        last_trade_id: 7,
      },
    ]);
  });

  it('keeps minutes and markets apart', () => {
    const { candles } = fold([
      record(1, MINUTE_US - 1, trade({ market: 0, tradeId: 1 })),
      record(2, MINUTE_US, trade({ market: 0, tradeId: 2 })),
      record(2, MINUTE_US, trade({ market: 1, tradeId: 1 })),
    ]);
    expect(candles).toMatchObject([
      { market_id: 0, opened_at: 0, first_trade_id: 1, last_trade_id: 1 },
      { market_id: 0, opened_at: MINUTE_US, first_trade_id: 2 },
      { market_id: 1, opened_at: MINUTE_US, first_trade_id: 1 },
    ]);
  });

  it('sums volumes beyond 2^53 exactly', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const { candles } = fold([
      record(1, 0, trade({ tradeId: 1, quantity: most, quoteQuantity: most })),
      record(2, 0, trade({ tradeId: 2, quantity: most, quoteQuantity: 2 })),
    ]);
    expect(candles).toMatchObject([{ base_volume: '18014398509481982', quote_volume: '9007199254740993' }]);
  });

  it('passes over what no read model shows', () => {
    const balance = { type: 'balance', account: 7, asset: 0, available: 1, held: 0 } as never;
    expect(Object.values(fold([record(1, 1, balance)]))).toEqual([[], [], [], [], [], []]);
  });
});
