import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
let alice: TestExchange['alice'];
beforeEach(async () => {
  freezeClock(Date.UTC(2026, 0, 1, 12));
  exchange = await startTestExchange();
  ({ alice } = exchange);
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

const buy = { side: 'BUY', quantity: '1', price: '50000' };
const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const UNKNOWN = error(-2011, 'Unknown order sent.');
const cancel = (params: Record<string, string | number>) =>
  alice.delete('/api/v3/order', { symbol: 'BTCUSDT', ...params });

describe('DELETE /api/v3/order', () => {
  it('tells the cancelled order, with its own id and the original one (conformance 50)', async () => {
    const { json } = await alice.order({ ...buy, newClientOrderId: 'original' });
    const reply = await cancel({ orderId: json.orderId, newClientOrderId: 'cancels-it' });
    expect(reply.json).toEqual({
      symbol: 'BTCUSDT',
      origClientOrderId: 'original',
      orderId: json.orderId,
      orderListId: -1,
      clientOrderId: 'cancels-it',
      transactTime: expect.any(Number),
      price: '50000.000000',
      origQty: '1.00000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.000000',
      cummulativeQuoteQty: '0.000000',
      status: 'CANCELED',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      selfTradePreventionMode: 'NONE',
    });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('0');
  });

  it('makes up an id for the cancel when none came', async () => {
    await alice.order({ ...buy, newClientOrderId: 'original' });
    const { json } = await cancel({ origClientOrderId: 'original' });
    expect(json.clientOrderId).toMatch(/^[a-zA-Z0-9-_]{1,36}$/);
    expect(json.clientOrderId).not.toBe('original');
  });

  it("does not know orders that are not open, or not this account's (conformance 51)", async () => {
    expect(await cancel({ orderId: 4711 })).toMatchObject(UNKNOWN);
    const { json } = await exchange.bob.order(buy);
    expect(await cancel({ orderId: json.orderId })).toMatchObject(UNKNOWN);
    expect(await cancel({ origClientOrderId: json.clientOrderId })).toMatchObject(UNKNOWN);
  });

  it('needs one of the two ids, and both must name one order (conformance 52)', async () => {
    expect(await cancel({})).toMatchObject(
      error(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"),
    );
    const first = await alice.order({ ...buy, newClientOrderId: 'first' });
    await alice.order({ ...buy, newClientOrderId: 'second' });
    const { orderId } = first.json;
    expect(await cancel({ orderId, origClientOrderId: 'second' })).toMatchObject(
      error(-2039, 'Client order ID is not correct for this order ID.'),
    );
    expect(await cancel({ orderId, origClientOrderId: 'first' })).toMatchObject({ status: 200 });
  });

  it('keeps to cancelRestrictions (conformance 53)', async () => {
    const { json } = await alice.order(buy);
    const { orderId } = json;
    expect(await cancel({ orderId, cancelRestrictions: 'NONE' })).toMatchObject(
      error(-1145, 'Invalid cancelRestrictions'),
    );
    expect(await cancel({ orderId, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' })).toMatchObject(
      error(-2011, 'Order was not canceled due to cancel restrictions.'),
    );
    expect(await cancel({ orderId, cancelRestrictions: 'ONLY_NEW' })).toMatchObject({ status: 200 });
  });

  it('refuses parameters that it does not know', async () => {
    expect((await cancel({ orderId: 1, side: 'BUY' })).json.code).toBe(-1104);
  });
});

describe('DELETE /api/v3/openOrders', () => {
  const cancelAll = () => alice.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });

  it('tells each cancelled order of the market', async () => {
    const orders = [await alice.order(buy), await alice.order({ ...buy, price: '49000' })];
    const other = await alice.order({ ...buy, symbol: 'ETHUSDT', price: '2000' });
    const reply = await cancelAll();
    expect(reply.json).toMatchObject(
      orders.map(({ json }) => ({
        symbol: 'BTCUSDT',
        orderId: json.orderId,
        origClientOrderId: json.clientOrderId,
        status: 'CANCELED',
      })),
    );
    expect(reply.json[0].clientOrderId).toMatch(/^[a-zA-Z0-9-_]{1,36}$/);
    const open = await alice.get('/api/v3/openOrders');
    expect(open.json).toMatchObject([{ orderId: other.json.orderId }]);
  });

  it('is refused when there is none (conformance 54)', async () => {
    expect(await cancelAll()).toMatchObject(UNKNOWN);
  });
});
