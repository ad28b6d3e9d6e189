/** Numbers are those of the conformance list (74). */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
let alice: TestExchange['alice'];
let original: number;
beforeEach(async () => {
  freezeClock(Date.UTC(2026, 0, 1, 12));
  await start({});
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

async function start(options: Parameters<typeof startTestExchange>[0]): Promise<void> {
  await exchange?.close();
  exchange = await startTestExchange(options);
  ({ alice } = exchange);
  original = (await alice.order({ ...buy, newClientOrderId: 'original' })).json.orderId;
}

const buy = { side: 'BUY', quantity: '1', price: '50000' };
const UNKNOWN = { code: -2011, msg: 'Unknown order sent.' };
const POOR = { code: -2010, msg: 'Account has insufficient balance for requested action.' };
const partly = { code: -2021, msg: 'Order cancel-replace partially failed.' };
const failed = { code: -2022, msg: 'Order cancel-replace failed.' };
const replace = (params: Parameters<typeof alice.order>[0]) =>
  alice.order(
    { ...buy, price: '49000', cancelReplaceMode: 'STOP_ON_FAILURE', ...params },
    '/api/v3/order/cancelReplace',
  );
const open = async () => (await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' })).json;

describe('POST /api/v3/order/cancelReplace', () => {
  it('cancels and places in one step', async () => {
    const reply = await replace({
      cancelOrderId: original,
      cancelNewClientOrderId: 'cancels',
      newClientOrderId: 'new',
    });
    expect(reply).toMatchObject({
      status: 200,
      json: {
        cancelResult: 'SUCCESS',
        newOrderResult: 'SUCCESS',
        cancelResponse: {
          orderId: original,
          origClientOrderId: 'original',
          clientOrderId: 'cancels',
          status: 'CANCELED',
        },
        newOrderResponse: { clientOrderId: 'new', status: 'NEW', price: '49000.000000', fills: [] },
      },
    });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('0');
    expect(reply.headers.get('x-mbx-order-count-10s')).toBe('2');
    expect(await open()).toMatchObject([{ clientOrderId: 'new' }]);
  });

  it('may use the client order id of the order that it cancels', async () => {
    const { json } = await replace({ cancelOrigClientOrderId: 'original', newClientOrderId: 'original' });
    expect(json.newOrderResponse).toMatchObject({ clientOrderId: 'original', price: '49000.000000' });
    expect(json.newOrderResponse.orderId).not.toBe(original);
  });

  it('places nothing when the cancel failed and failure is not allowed', async () => {
    expect(await replace({ cancelOrderId: 4711 })).toMatchObject({
      status: 400,
      json: {
        ...failed,
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'NOT_ATTEMPTED',
          cancelResponse: UNKNOWN,
          newOrderResponse: null,
        },
      },
    });
    expect(await open()).toMatchObject([{ orderId: original }]);
  });

  it('places though the cancel failed when failure is allowed', async () => {
    const reply = await replace({ cancelOrderId: 4711, cancelReplaceMode: 'ALLOW_FAILURE' });
    expect(reply).toMatchObject({
      status: 409,
      json: {
        ...partly,
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'SUCCESS',
          cancelResponse: UNKNOWN,
          newOrderResponse: { status: 'NEW' },
        },
      },
    });
    expect(await open()).toHaveLength(2);
  });

  it('tells that the order is gone but the new one was refused', async () => {
    const reply = await replace({ cancelOrderId: original, quantity: '100' });
    expect(reply).toMatchObject({
      status: 409,
      json: {
        ...partly,
        data: {
          cancelResult: 'SUCCESS',
          newOrderResult: 'FAILURE',
          cancelResponse: { orderId: original },
          newOrderResponse: POOR,
        },
      },
    });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('1');
    expect(await open()).toEqual([]);
  });

  it('tells that both failed', async () => {
    const both = { cancelOrderId: 4711, cancelReplaceMode: 'ALLOW_FAILURE', quantity: '100' };
    expect(await replace(both)).toMatchObject({
      status: 400,
      json: {
        ...failed,
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'FAILURE',
          cancelResponse: UNKNOWN,
          newOrderResponse: POOR,
        },
      },
    });
  });

  it('keeps to cancelRestrictions', async () => {
    const { json } = await replace({
      cancelOrderId: original,
      cancelRestrictions: 'ONLY_PARTIALLY_FILLED',
    });
    expect(json.data.cancelResponse).toEqual({
      code: -2011,
      msg: 'Order was not canceled due to cancel restrictions.',
    });
  });

  it('checks filters and the market before anything is cancelled', async () => {
    expect(await replace({ cancelOrderId: original, price: '49000.001' })).toMatchObject({
      status: 400,
      json: { code: -1013, msg: 'Filter failure: PRICE_FILTER' },
    });
    await exchange.engine.execute({ type: 'setMarketStatus', market: 0 as never, status: 'CANCEL_ONLY' });
    expect(await replace({ cancelOrderId: original })).toMatchObject({
      status: 400,
      json: { code: -2010, msg: 'Market is closed.' },
    });
    expect(await open()).toMatchObject([{ orderId: original }]);
  });

  it.each([
    [
      { cancelReplaceMode: null, cancelOrderId: 1 },
      -1102,
      "Mandatory parameter 'cancelReplaceMode' was not sent, was empty/null, or malformed.",
    ],
    [{}, -1102, "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!"],
    [
      { cancelReplaceMode: 'ALWAYS', cancelOrderId: 1 },
      -1130,
      "Data sent for parameter 'cancelReplaceMode' is not valid.",
    ],
    [{ cancelOrderId: 1, cancelRestrictions: 'NONE' }, -1145, 'Invalid cancelRestrictions'],
    [{ cancelOrderId: 1, type: 'STOP' }, -1116, 'Invalid orderType.'],
  ])('refuses %j', async (params, code, msg) => {
    expect(await replace(params)).toMatchObject({ status: 400, json: { code, msg } });
    expect(await open()).toMatchObject([{ orderId: original }]);
  });
});

describe('past the limit of unfilled orders', () => {
  const TOO_MANY = { code: -1015, msg: 'Too many new orders; current limit is 1 orders per 1 DAY.' };
  beforeEach(() => start({ ordersPerDay: 1 }));

  it('nothing is done', async () => {
    expect(await replace({ cancelOrderId: original })).toMatchObject({ status: 429, json: TOO_MANY });
    expect(await open()).toMatchObject([{ orderId: original }]);
  });

  it.each([
    ['STOP_ON_FAILURE', 429],
    ['ALLOW_FAILURE', 409],
  ])('the order is still cancelled on request, with %s', async (cancelReplaceMode, status) => {
    const reply = await replace({
      cancelOrderId: original,
      cancelReplaceMode,
      orderRateLimitExceededMode: 'CANCEL_ONLY',
    });
    expect(reply).toMatchObject({
      status,
      json: { ...partly, data: { cancelResponse: { orderId: original }, newOrderResponse: TOO_MANY } },
    });
    expect(await open()).toEqual([]);
  });
});
