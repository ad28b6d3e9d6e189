/** Conformance 77. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];
let orderId: number;
beforeEach(async () => {
  freezeClock(Date.UTC(2026, 0, 1, 12));
  exchange = await startTestExchange();
  ({ alice, bob } = exchange);
  orderId = (await alice.order({ ...sell, newClientOrderId: 'first' })).json.orderId;
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

const sell = { side: 'SELL', quantity: '1', price: '50000' };
const amend = (params: Record<string, string | number>) =>
  alice.put('/api/v3/order/amend/keepPriority', { symbol: 'BTCUSDT', ...params });
const rejected = (msg: string) => ({ status: 400, json: { code: -2038, msg } });

describe('PUT /api/v3/order/amend/keepPriority', () => {
  it('lowers the quantity, in its own spelling, and tells both names', async () => {
    const reply = await amend({ orderId, newQty: '0.4', newClientOrderId: 'second' });
    expect(reply.json).toEqual({
      transactTime: expect.any(Number),
      executionId: expect.any(Number),
      amendedOrder: {
        symbol: 'BTCUSDT',
        orderId,
        orderListId: -1,
        origClientOrderId: 'first',
        clientOrderId: 'second',
        price: '50000.000000',
        qty: '0.40000000',
        executedQty: '0.00000000',
        preventedQty: '0.00000000',
        quoteOrderQty: '0.000000',
        cumulativeQuoteQty: '0.000000',
        status: 'NEW',
        timeInForce: 'GTC',
        type: 'LIMIT',
        side: 'SELL',
        workingTime: expect.any(Number),
        selfTradePreventionMode: 'NONE',
      },
    });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('4');
    const open = await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(open.json).toMatchObject([{ orderId, clientOrderId: 'second', origQty: '0.40000000' }]);
  });

  it('keeps the order’s place in the queue', async () => {
    await bob.order(sell);
    await amend({ origClientOrderId: 'first', newQty: '0.4' });
    const taken = await bob.order({ side: 'BUY', quantity: '0.4', price: '50000' });
    expect(taken.json.status).toBe('FILLED');
    expect((await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' })).json).toEqual([]);
  });

  it('gives the order a new name unless it keeps its own', async () => {
    const renamed = await amend({ orderId, newQty: '0.9' });
    expect(renamed.json.amendedOrder.clientOrderId).not.toBe('first');
    const { clientOrderId } = renamed.json.amendedOrder;
    const kept = await amend({ orderId, newQty: '0.8', newClientOrderId: clientOrderId });
    expect(kept.json.amendedOrder).toMatchObject({ origClientOrderId: clientOrderId, clientOrderId });
  });

  it('refuses what is no decrease, or goes below what has executed', async () => {
    expect(await amend({ orderId, newQty: '1.1' })).toMatchObject(
      rejected('Order amend (quantity increase) is not supported.'),
    );
    expect(await amend({ orderId, newQty: '1' })).toMatchObject(
      rejected('The requested action would change no state; rejecting.'),
    );
    await bob.order({ side: 'BUY', quantity: '0.5', price: '50000' });
    expect(await amend({ orderId, newQty: '0.5' })).toMatchObject(
      rejected('Order amend (quantity not above what has executed) is not supported.'),
    );
    expect(await amend({ orderId, newQty: '0.6' })).toMatchObject({ status: 200 });
  });

  it('refuses unknown orders, foreign ones, and names that another order has', async () => {
    expect(await amend({ orderId: 4711, newQty: '0.5' })).toMatchObject(rejected('Unknown order sent.'));
    const foreign = await bob.order(sell);
    expect(await amend({ orderId: foreign.json.orderId, newQty: '0.5' })).toMatchObject(
      rejected('Unknown order sent.'),
    );
    await alice.order({ ...sell, newClientOrderId: 'taken' });
    expect(await amend({ orderId, newQty: '0.5', newClientOrderId: 'taken' })).toMatchObject(
      rejected('Duplicate order sent.'),
    );
    expect((await amend({ orderId, origClientOrderId: 'taken', newQty: '0.5' })).json.code).toBe(-2039);
  });

  it('refuses an order of a list', async () => {
    const oto = await alice.post('/api/v3/orderList/oto', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'SELL',
      workingPrice: '51000',
      workingQuantity: '1',
      workingTimeInForce: 'GTC',
      pendingType: 'MARKET',
      pendingSide: 'BUY',
      pendingQuantity: '1',
    });
    const working = oto.json.orders[0].orderId;
    expect(await amend({ orderId: working, newQty: '0.5' })).toMatchObject(
      rejected('Order amend (order of an order list) is not supported.'),
    );
  });

  it('keeps to the filters, and to ten amendments', async () => {
    const failure = (filter: string) => ({ code: -1013, msg: `Filter failure: ${filter}` });
    expect((await amend({ orderId, newQty: '0.00005' })).json).toEqual(failure('LOT_SIZE'));
    expect((await amend({ orderId, newQty: '0' })).json).toEqual(failure('LOT_SIZE'));
    for (let left = 99; left > 89; left--) await amend({ orderId, newQty: `0.${left}` });
    expect(await amend({ orderId, newQty: '0.5' })).toMatchObject(
      rejected('Filter failure: MAX_NUM_ORDER_AMENDS'),
    );
  });

  it('needs a quantity and one of the two ids', async () => {
    expect((await amend({ orderId })).json.msg).toBe(
      "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.",
    );
    expect((await amend({ newQty: '0.5' })).json.msg).toBe(
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
  });
});
