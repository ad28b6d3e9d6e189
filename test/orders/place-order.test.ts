import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OrderCounts } from '#platform/spot-api/limits.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];
beforeEach(async () => {
  freezeClock(NOON);
  exchange = await startTestExchange();
  ({ alice, bob } = exchange);
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

const buy = { side: 'BUY', quantity: '1', price: '50000' };
const sell = { side: 'SELL', quantity: '1', price: '50000' };
const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const placed = () => exchange.engine.commands.filter(({ type }) => type === 'place');

describe('what a reply tells', () => {
  it('is everything with the fills for LIMIT and MARKET, and only an acknowledgement for LIMIT_MAKER (conformance 38)', async () => {
    const maker = await bob.order({
      ...sell,
      type: 'LIMIT_MAKER',
      timeInForce: null,
      newClientOrderId: 'made',
    });
    expect(maker).toMatchObject({ status: 200 });
    expect(maker.json).toEqual({
      symbol: 'BTCUSDT',
      orderId: expect.any(Number),
      orderListId: -1,
      clientOrderId: 'made',
      transactTime: expect.any(Number),
    });
    const taker = await alice.order({ ...buy, quantity: '1.5', price: '50001.1', newClientOrderId: 'taken' });
    expect(taker.json).toEqual({
      symbol: 'BTCUSDT',
      orderId: maker.json.orderId + 1,
      orderListId: -1,
      clientOrderId: 'taken',
      transactTime: expect.any(Number),
      price: '50001.100000',
      origQty: '1.50000000',
      executedQty: '1.00000000',
      origQuoteOrderQty: '0.000000',
      cummulativeQuoteQty: '50000.000000',
      status: 'PARTIALLY_FILLED',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      workingTime: taker.json.transactTime,
      selfTradePreventionMode: 'NONE',
      fills: [
        {
          price: '50000.000000',
          qty: '1.00000000',
          commission: '0.00100000',
          commissionAsset: 'BTC',
          tradeId: 1,
        },
      ],
    });
    const market = await alice.order({
      side: 'SELL',
      type: 'MARKET',
      timeInForce: null,
      quantity: '0.1',
      newOrderRespType: 'FULL',
    });
    expect(market.json).toMatchObject({ type: 'MARKET', status: 'FILLED', price: '0.000000' });
    expect(market.json.fills).toEqual([
      {
        price: '50001.100000',
        qty: '0.10000000',
        commission: '5.000110',
        commissionAsset: 'USDT',
        tradeId: 2,
      },
    ]);
  });

  it('is as short or long as newOrderRespType says', async () => {
    const ack = await alice.order({ ...buy, newOrderRespType: 'ACK' });
    expect(Object.keys(ack.json)).not.toContain('status');
    const result = await alice.order({ ...buy, newOrderRespType: 'RESULT' });
    expect(result.json).toMatchObject({ status: 'NEW' });
    expect(Object.keys(result.json)).not.toContain('fills');
    const full = await alice.order({ ...buy, newOrderRespType: 'FULL' });
    expect(full.json).toMatchObject({ status: 'NEW', fills: [] });
    expect(await alice.order({ ...buy, newOrderRespType: 'LONG' })).toMatchObject(
      error(-1130, "Data sent for parameter 'newOrderRespType' is not valid."),
    );
  });

  it('has a client order id of its own making when none came', async () => {
    const [first, second] = [await alice.order(buy), await alice.order(buy)];
    expect(first.json.clientOrderId).toMatch(/^[a-zA-Z0-9-_]{1,36}$/);
    expect(second.json.clientOrderId).not.toBe(first.json.clientOrderId);
  });

  it('is free of weight, and counts the order (conformance 22)', async () => {
    const reply = await alice.order(buy);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'x-mbx-used-weight': '0',
      'x-mbx-used-weight-1m': '0',
      'x-mbx-order-count-10s': '1',
      'x-mbx-order-count-1d': '1',
    });
    const refused = await alice.order({ ...buy, price: null });
    expect(refused.headers.get('x-mbx-used-weight-1m')).toBe('1');
  });
});

describe('which parameters an order needs', () => {
  it.each([
    ['symbol', { symbol: null }],
    ['side', { side: null }],
    ['type', { type: null }],
    ['timeInForce', { timeInForce: null }],
    ['price', { price: null }],
    ['quantity', { quantity: null }],
    ['quantity', { type: 'LIMIT_MAKER', timeInForce: null, quantity: null }],
    ['price', { type: 'LIMIT_MAKER', timeInForce: null, price: null }],
    ['symbol', { symbol: '' }],
  ])('%s is mandatory (conformance 18, 39)', async (name, change) => {
    expect(await alice.order({ ...buy, ...change })).toMatchObject(
      error(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
    );
  });

  const market = { side: 'BUY', type: 'MARKET', timeInForce: null };
  it.each([
    [
      'MARKET with a price (conformance 40)',
      { ...market, quantity: '1', price: '5' },
      -1106,
      "Parameter 'price' sent when not required.",
    ],
    [
      'MARKET with a time in force',
      { ...market, timeInForce: 'GTC', quantity: '1' },
      -1114,
      'TimeInForce parameter sent when not required.',
    ],
    [
      'LIMIT_MAKER with a time in force',
      { ...buy, type: 'LIMIT_MAKER' },
      -1114,
      'TimeInForce parameter sent when not required.',
    ],
    [
      'MARKET without any amount',
      market,
      -1102,
      "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
    ],
    [
      'MARKET with both amounts',
      { ...market, quantity: '1', quoteOrderQty: '5' },
      -1106,
      "Parameter 'quoteOrderQty' sent when not required.",
    ],
    [
      'LIMIT with a quoteOrderQty',
      { ...buy, quoteOrderQty: '5' },
      -1106,
      "Parameter 'quoteOrderQty' sent when not required.",
    ],
    [
      'LIMIT with a stopPrice',
      { ...buy, stopPrice: '5' },
      -1106,
      "Parameter 'stopPrice' sent when not required.",
    ],
    ['a bad time in force', { ...buy, timeInForce: 'GTD' }, -1115, 'Invalid timeInForce.'],
    ['a bad type', { ...buy, type: 'limit' }, -1116, 'Invalid orderType.'],
    ['a bad side', { ...buy, side: 'HOLD' }, -1117, 'Invalid side.'],
    ['an unknown symbol (conformance 19)', { ...buy, symbol: 'BTCEUR' }, -1121, 'Invalid symbol.'],
    [
      'a malformed symbol',
      { ...buy, symbol: 'btcusdt' },
      -1100,
      "Illegal characters found in parameter 'symbol'; legal range is '^[\\w\\-._&&[^a-z]]{1,50}$'.",
    ],
    [
      'a price with an exponent (conformance 21)',
      { ...buy, price: '1e-7' },
      -1100,
      "Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [
      'a client id of 37 characters (conformance 21)',
      { ...buy, newClientOrderId: 'x'.repeat(37) },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ],
    [
      'an empty optional parameter',
      { ...buy, newClientOrderId: '' },
      -1105,
      "Parameter 'newClientOrderId' was empty.",
    ],
    [
      'an amount beyond all bounds',
      { ...buy, quantity: '99999999999' },
      -1108,
      "Parameter 'quantity' overflowed.",
    ],
    [
      'a price finer than the asset (conformance 47)',
      { ...buy, price: '50000.0000001' },
      -1111,
      "Parameter 'price' has too much precision.",
    ],
    [
      'a quantity finer than the asset (conformance 47)',
      { ...buy, quantity: '0.123456789' },
      -1111,
      "Parameter 'quantity' has too much precision.",
    ],
  ])('%s is refused', async (_, params, code, msg) => {
    expect(await alice.order(params)).toMatchObject(error(code, msg));
    expect(placed()).toEqual([]);
  });

  it('refuses a parameter that it does not know (conformance 20)', async () => {
    const extra = await alice.order({ ...buy, foo: 'bar' });
    expect(extra).toMatchObject({ status: 400, json: { code: -1104 } });
    // symbol, side, type, timeInForce, quantity, price, timestamp, signature; and foo.
    expect(extra.json.msg).toBe("Not all sent parameters were read; read '8' parameter(s) but was sent '9'.");
  });
});

it.each([
  ['pegPriceType', 'Pegged orders are not supported for this symbol.', { pegPriceType: 'PRIMARY_PEG' }],
  [
    'TRANSFER',
    'This symbol does not allow the specified self-trade prevention mode.',
    { selfTradePreventionMode: 'TRANSFER' },
  ],
])('refuses %s, which no market has, instead of ignoring it', async (_, msg, change) => {
  expect(await alice.order({ ...buy, ...change })).toMatchObject(error(-1013, msg));
  expect(placed()).toEqual([]);
});

it('takes the self-trade prevention mode NONE', async () => {
  expect(await alice.order({ ...buy, selfTradePreventionMode: 'NONE' })).toMatchObject({ status: 200 });
});

describe("the engine's refusals, never a 5xx (conformance 24)", () => {
  it.each([
    ['off tick (conformance 47)', { ...buy, price: '50000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['a price of zero', { ...buy, price: '0' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['off step (conformance 47)', { ...buy, quantity: '0.00005' }, -1013, 'Filter failure: LOT_SIZE'],
    ['a quantity of zero', { ...buy, quantity: '0.0' }, -1013, 'Filter failure: LOT_SIZE'],
    [
      'below notional (conformance 47)',
      { ...buy, quantity: '0.0001', price: '1' },
      -1013,
      'Filter failure: NOTIONAL',
    ],
    [
      'too large for MARKET',
      { side: 'SELL', type: 'MARKET', timeInForce: null, quantity: '101' },
      -1013,
      'Filter failure: MARKET_LOT_SIZE',
    ],
    [
      'unaffordable (conformance 45)',
      { ...buy, quantity: '100' },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
  ])('%s', async (_, params, code, msg) => {
    const reply = await alice.order(params);
    expect(reply).toMatchObject(error(code, msg));
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('1');
  });

  it('a LIMIT_MAKER that would trade (conformance 44)', async () => {
    await bob.order(sell);
    expect(await alice.order({ ...buy, type: 'LIMIT_MAKER', timeInForce: null })).toMatchObject(
      error(-2010, 'Order would immediately match and take.'),
    );
  });

  it('a client order id that an open order has, until that is filled (conformance 46)', async () => {
    await alice.order({ ...buy, newClientOrderId: 'mine' });
    expect(await alice.order({ ...buy, newClientOrderId: 'mine' })).toMatchObject(
      error(-2010, 'Duplicate order sent.'),
    );
    await bob.order(sell);
    expect(await alice.order({ ...buy, newClientOrderId: 'mine' })).toMatchObject({ status: 200 });
  });
});

describe('orders that end at once', () => {
  it('a quoteOrderQty spends no more than it says, in whole steps (conformance 41)', async () => {
    await bob.order({ ...sell, price: '30000' });
    const reply = await alice.order({ side: 'BUY', type: 'MARKET', timeInForce: null, quoteOrderQty: '100' });
    expect(reply.json).toMatchObject({
      status: 'FILLED',
      origQuoteOrderQty: '100.000000',
      executedQty: '0.00330000',
      origQty: '0.00330000',
      cummulativeQuoteQty: '99.000000',
    });
  });

  it('a MARKET order that runs the book dry keeps its fill and expires (conformance 42)', async () => {
    await bob.order({ ...sell, quantity: '0.5' });
    const reply = await alice.order({ side: 'BUY', type: 'MARKET', timeInForce: null, quantity: '1' });
    expect(reply).toMatchObject({
      status: 200,
      json: { status: 'EXPIRED', executedQty: '0.50000000', expiryReason: 'INSUFFICIENT_LIQUIDITY' },
    });
    expect(reply.json.fills).toHaveLength(1);
  });

  it('an IOC keeps its fill and expires, an unfillable FOK expires whole (conformance 43)', async () => {
    await bob.order({ ...sell, quantity: '0.5' });
    const killed = await alice.order({ ...buy, timeInForce: 'FOK' });
    expect(killed).toMatchObject({
      status: 200,
      json: {
        status: 'EXPIRED',
        executedQty: '0.00000000',
        fills: [],
        expiryReason: 'UNFILLED_FOK_ORDER_EXPIRED',
      },
    });
    expect(await alice.order({ ...buy, timeInForce: 'IOC' })).toMatchObject({
      status: 200,
      json: {
        status: 'EXPIRED',
        executedQty: '0.50000000',
        expiryReason: 'UNFILLED_IOC_QUANTITY_EXPIRED',
      },
    });
  });
});

describe('how many orders an account may have unfilled', () => {
  const counts = (reply: { headers: Headers }) => reply.headers.get('x-mbx-order-count-1d');

  it('counts a new order, not a refused one, and frees the place of one that trades (conformance 83)', async () => {
    await exchange.close();
    exchange = await startTestExchange({ ordersPerDay: 2 });
    ({ alice, bob } = exchange);
    expect(counts(await alice.order(buy))).toBe('1');
    await alice.order({ ...buy, price: '50000.001' });
    expect(counts(await alice.order({ ...buy, price: '40000' }))).toBe('2');
    const refused = await alice.order(buy);
    expect(refused).toMatchObject({
      status: 429,
      json: { code: -1015, msg: 'Too many new orders; current limit is 2 orders per 1 DAY.' },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Bob's order trades with Alice's first: neither counts any more.
    expect(counts(await bob.order(sell))).toBe('0');
    expect(counts(await alice.order({ ...buy, price: '40000' }))).toBe('2');
    // The part of an order that had a fill before frees nothing more.
    await bob.order({ ...sell, price: '40000', quantity: '0.5' });
    await bob.order({ ...sell, price: '40000', quantity: '0.1' });
    expect(counts(await alice.order({ ...buy, price: '30000' }))).toBe('2');
  });
});

describe('when the engine does not answer', () => {
  it('says that nothing was executed, and when to try again', async () => {
    exchange.engine.unavailable = 'unsent';
    const reply = await alice.order(buy);
    expect(reply).toMatchObject({
      status: 503,
      json: {
        code: -1008,
        msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
      },
    });
    expect(reply.headers.get('retry-after')).toBe('1');
    exchange.engine.unavailable = undefined;
    expect((await alice.order(buy)).headers.get('x-mbx-order-count-10s')).toBe('1');
  });

  it('says that the status is unknown when the order was on its way, and counts it', async () => {
    exchange.engine.unavailable = 'sent';
    expect(await alice.order(buy)).toMatchObject({
      status: 504,
      json: {
        code: -1007,
        msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      },
    });
    exchange.engine.unavailable = undefined;
    expect((await alice.order(buy)).headers.get('x-mbx-order-count-10s')).toBe('2');
  });
});

describe('order/test (conformance 49)', () => {
  const test = (params: Parameters<typeof alice.order>[0]) => alice.order(params, '/api/v3/order/test');

  it('answers {} and leaves no trace', async () => {
    const digest = exchange.engine.matching.digest();
    const reply = await test(buy);
    expect(reply).toMatchObject({ status: 200, json: {} });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('1');
    expect(exchange.engine.matching.digest()).toBe(digest);
    expect((await alice.order(buy)).headers.get('x-mbx-order-count-1d')).toBe('1');
  });

  it('tells the commission rates, for twenty times the weight', async () => {
    const reply = await test({ ...buy, computeCommissionRates: 'true' });
    expect(reply.headers.get('x-mbx-used-weight-1m')).toBe('20');
    const none = { maker: '0.00000000', taker: '0.00000000' };
    expect(reply.json).toEqual({
      standardCommissionForOrder: { maker: '0.00100000', taker: '0.00100000' },
      specialCommissionForOrder: none,
      taxCommissionForOrder: none,
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: '',
        discount: '0.00000000',
      },
    });
  });

  it('refuses what a new order would be refused for, filters included', async () => {
    expect((await test({ ...buy, price: '1e5' })).json).toMatchObject({ code: -1100 });
    expect((await test({ ...buy, price: '50000.001' })).json.msg).toBe('Filter failure: PRICE_FILTER');
    expect((await test({ ...buy, computeCommissionRates: 'yes' })).json).toMatchObject({ code: -1100 });
  });
});

it('refuses an order that grew too old on its way to the engine', async () => {
  const slow = jest.spyOn(OrderCounts.prototype, 'add').mockImplementation(() => {
    jest.setSystemTime(Date.now() + 5_001);
  });
  try {
    expect(await alice.order(buy)).toMatchObject(
      error(-1021, 'Timestamp for this request is outside of the recvWindow.'),
    );
    expect(placed()).toEqual([]);
  } finally {
    slow.mockRestore();
  }
});
