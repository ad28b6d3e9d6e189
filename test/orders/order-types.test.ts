import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';

let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];
beforeEach(async () => {
  freezeClock(Date.UTC(2026, 0, 1, 12));
  exchange = await startTestExchange();
  ({ alice, bob } = exchange);
  await exchange.tradeAt(50_000);
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const placed = () => exchange.engine.commands.filter(({ type }) => type === 'place');
const open = async () => (await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' })).json;

const stopLoss = {
  side: 'SELL',
  type: 'STOP_LOSS',
  timeInForce: null,
  quantity: '1',
  stopPrice: '49000',
};
const stopLossLimit = { ...stopLoss, type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', price: '48900' };
const takeProfit = { ...stopLoss, type: 'TAKE_PROFIT', stopPrice: '51000' };

describe('a conditional order', () => {
  it('is acknowledged, and waits where its stop price is told', async () => {
    const { json } = await alice.order({ ...stopLossLimit, newClientOrderId: 'stop' });
    expect(json).toEqual({
      symbol: 'BTCUSDT',
      orderId: expect.any(Number),
      orderListId: -1,
      clientOrderId: 'stop',
      transactTime: expect.any(Number),
    });
    expect(await open()).toEqual([
      {
        ...json,
        transactTime: undefined,
        price: '48900.000000',
        origQty: '1.00000000',
        executedQty: '0.00000000',
        origQuoteOrderQty: '0.000000',
        cummulativeQuoteQty: '0.000000',
        status: 'NEW',
        timeInForce: 'GTC',
        type: 'STOP_LOSS_LIMIT',
        side: 'SELL',
        stopPrice: '49000.000000',
        icebergQty: '0.00000000',
        time: json.transactTime,
        updateTime: json.transactTime,
        isWorking: false,
        workingTime: -1,
        selfTradePreventionMode: 'NONE',
      },
    ]);
  });

  it('tells on request what it waits for', async () => {
    const reply = await alice.order({ ...takeProfit, newOrderRespType: 'RESULT' });
    expect(reply.json).toMatchObject({
      status: 'NEW',
      type: 'TAKE_PROFIT',
      price: '0.000000',
      stopPrice: '51000.000000',
      workingTime: -1,
    });
    expect(reply.json).not.toHaveProperty('icebergQty');
  });

  it('is triggered by a trade at its stop price', async () => {
    await bob.order({ side: 'BUY', quantity: '2', price: '48000' });
    await alice.order(stopLoss);
    await exchange.tradeAt(49_000);
    expect(await open()).toEqual([]);
    const { balances } = (await alice.get('/api/v3/account')).json;
    const btc = balances.find(({ asset }: { asset: string }) => asset === 'BTC');
    expect(Number(btc.free)).toBeCloseTo(9, 1);
    expect(btc.locked).toBe('0.00000000');
  });

  it('that would trigger at once is refused (conformance 48)', async () => {
    const refused = error(-2010, 'Order would trigger immediately.');
    expect(await alice.order({ ...stopLoss, stopPrice: '50000' })).toMatchObject(refused);
    expect(await alice.order({ ...takeProfit, stopPrice: '49999' })).toMatchObject(refused);
    expect(await alice.order({ ...stopLoss, side: 'BUY', stopPrice: '49000' })).toMatchObject(refused);
    expect(await open()).toEqual([]);
  });

  it('may trail the price, with or without a stop price', async () => {
    const trailing = { ...stopLoss, stopPrice: null, trailingDelta: 100, newOrderRespType: 'RESULT' };
    const { json } = await alice.order(trailing);
    expect(json).toMatchObject({
      stopPrice: '0.000000',
      trailingDelta: 100,
      trailingTime: json.transactTime,
    });
    const later = await alice.order({ ...trailing, stopPrice: '49000' });
    expect(later.json).toMatchObject({ stopPrice: '49000.000000', trailingDelta: 100, trailingTime: -1 });
    expect((await open()).map(({ trailingDelta }: { trailingDelta: number }) => trailingDelta)).toEqual([
      100, 100,
    ]);
    expect(await alice.order({ ...trailing, trailingDelta: 2_001 })).toMatchObject(
      error(-1013, 'Filter failure: TRAILING_DELTA'),
    );
  });

  it.each([
    [
      'without a stop price or a trailing delta',
      { ...stopLoss, stopPrice: null },
      -1102,
      "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
    ],
    [
      'without a quantity',
      { ...stopLoss, quantity: null },
      -1102,
      "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
    ],
    [
      'with a limit but without a price',
      { ...stopLossLimit, price: null },
      -1102,
      "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
    ],
    [
      'with a limit but without a time in force',
      { ...stopLossLimit, timeInForce: null },
      -1102,
      "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
    ],
    [
      'with a price but without a limit',
      { ...takeProfit, price: '5' },
      -1106,
      "Parameter 'price' sent when not required.",
    ],
    [
      'with a time in force but without a limit',
      { ...takeProfit, timeInForce: 'GTC' },
      -1114,
      'TimeInForce parameter sent when not required.',
    ],
    [
      'with an amount of quote',
      { ...stopLoss, quoteOrderQty: '50' },
      -1106,
      "Parameter 'quoteOrderQty' sent when not required.",
    ],
    ['off tick', { ...stopLoss, stopPrice: '49000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['at zero', { ...stopLoss, stopPrice: '0' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['trailing by nothing', { ...stopLoss, trailingDelta: 0 }, -1013, 'Filter failure: TRAILING_DELTA'],
    [
      'of a low strategy type',
      { ...stopLoss, strategyType: 999_999 },
      -1134,
      "'strategyType' was less than 1000000.",
    ],
    [
      'of a malformed strategy id',
      { ...stopLoss, strategyId: 'mine' },
      -1100,
      "Illegal characters found in parameter 'strategyId'; legal range is '^[0-9]{1,20}$'.",
    ],
  ])('%s is refused', async (_, params, code, msg) => {
    expect(await alice.order(params)).toMatchObject(error(code, msg));
    expect(await open()).toEqual([]);
  });

  it('may carry the labels of a strategy', async () => {
    const labels = { strategyId: 1, strategyType: 1_000_000 };
    expect(await alice.order({ ...stopLoss, ...labels })).toMatchObject({ status: 200 });
  });

  it('counts as one of the few that an account may have', async () => {
    for (let count = 0; count < 5; count++) await alice.order({ ...stopLoss, quantity: '0.1' });
    expect(await alice.order({ ...stopLoss, quantity: '0.1' })).toMatchObject(
      error(-1013, 'Filter failure: MAX_NUM_ALGO_ORDERS'),
    );
  });

  it('is tested without a trace', async () => {
    const before = placed().length;
    const test = (params: Parameters<typeof alice.order>[0]) => alice.order(params, '/api/v3/order/test');
    expect(await test(stopLossLimit)).toMatchObject({ status: 200, json: {} });
    expect(await test({ ...stopLoss, trailingDelta: 5 })).toMatchObject(
      error(-1013, 'Filter failure: TRAILING_DELTA'),
    );
    expect(placed()).toHaveLength(before);
  });
});

describe('an iceberg', () => {
  const iceberg = { side: 'SELL', quantity: '1', price: '50100', icebergQty: '0.1' };

  it('tells its slice, and is traded with whole', async () => {
    const { json } = await alice.order(iceberg);
    expect(json).toMatchObject({ status: 'NEW', origQty: '1.00000000', icebergQty: '0.10000000' });
    const taken = await bob.order({ side: 'BUY', quantity: '0.25', price: '50100' });
    expect(taken.json).toMatchObject({ status: 'FILLED' });
    expect(taken.json.fills).toHaveLength(3);
  });

  it('of slices of zero is none', async () => {
    const { json } = await alice.order({ ...iceberg, icebergQty: '0' });
    expect(json).toMatchObject({ status: 'NEW' });
    expect(json).not.toHaveProperty('icebergQty');
  });

  it.each([
    ['larger than the order', { ...iceberg, icebergQty: '1.1' }, -1013, 'IcebergQty exceeds QTY.'],
    [
      'in too many parts',
      { ...iceberg, icebergQty: '0.009', quantity: '1' },
      -1013,
      'Filter failure: ICEBERG_PARTS',
    ],
    ['off step', { ...iceberg, icebergQty: '0.10001' }, -1013, 'Filter failure: LOT_SIZE'],
    ['that does not rest', { ...iceberg, timeInForce: 'IOC' }, -1014, 'Unsupported order combination.'],
    [
      'without a price',
      { side: 'SELL', type: 'MARKET', timeInForce: null, quantity: '1', icebergQty: '0.1' },
      -1106,
      "Parameter 'icebergQty' sent when not required.",
    ],
  ])('%s is refused', async (_, params, code, msg) => {
    expect(await alice.order(params)).toMatchObject(error(code, msg));
    expect(await open()).toEqual([]);
  });
});

describe('self-trade prevention (conformance 78)', () => {
  const sell = { side: 'SELL', quantity: '1', price: '50000' };
  const buy = { side: 'BUY', quantity: '0.4', price: '50000' };
  const take = (mode: string) => alice.order({ ...buy, selfTradePreventionMode: mode });
  beforeEach(async () => {
    await alice.order({ ...sell, newClientOrderId: 'maker' });
  });

  it('NONE lets the account trade with itself', async () => {
    expect((await take('NONE')).json).toMatchObject({ status: 'FILLED', selfTradePreventionMode: 'NONE' });
  });

  it('EXPIRE_TAKER ends the taker', async () => {
    const { json } = await take('EXPIRE_TAKER');
    expect(json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      executedQty: '0.00000000',
      preventedQuantity: '0.40000000',
      preventedMatchId: 1,
      selfTradePreventionMode: 'EXPIRE_TAKER',
      fills: [],
      preventedMatches: [
        {
          preventedMatchId: 1,
          makerSymbol: 'BTCUSDT',
          makerOrderId: expect.any(Number),
          price: '50000.000000',
          takerPreventedQuantity: '0.40000000',
        },
      ],
    });
    expect(await open()).toMatchObject([{ clientOrderId: 'maker', status: 'NEW' }]);
  });

  it('EXPIRE_MAKER ends the maker, and the taker goes on', async () => {
    const { json } = await take('EXPIRE_MAKER');
    expect(json).toMatchObject({
      status: 'NEW',
      preventedMatches: [{ preventedMatchId: 1, makerPreventedQuantity: '1.00000000' }],
    });
    expect(json).not.toHaveProperty('preventedQuantity');
    expect(await open()).toMatchObject([{ orderId: json.orderId }]);
  });

  it('EXPIRE_BOTH ends both', async () => {
    expect((await take('EXPIRE_BOTH')).json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      preventedMatches: [{ takerPreventedQuantity: '0.40000000', makerPreventedQuantity: '1.00000000' }],
    });
    expect(await open()).toEqual([]);
  });

  it('DECREMENT ends the smaller one', async () => {
    expect((await take('DECREMENT')).json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      preventedQuantity: '0.40000000',
      preventedMatches: [{ takerPreventedQuantity: '0.40000000', makerPreventedQuantity: '0.40000000' }],
    });
    const taken = await bob.order({ side: 'BUY', quantity: '1', price: '50000' });
    expect(taken.json).toMatchObject({ executedQty: '0.60000000' });
  });

  it('DECREMENT leaves what is left of the larger taker in the book, told as it is', async () => {
    const { json } = await alice.order({
      ...buy,
      quantity: '1.5',
      selfTradePreventionMode: 'DECREMENT',
    });
    expect(json).toMatchObject({
      status: 'NEW',
      origQty: '1.50000000',
      preventedQuantity: '1.00000000',
      preventedMatchId: 1,
    });
    const taken = await bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    expect(taken.json).toMatchObject({ executedQty: '0.50000000' });
  });

  it('takes no other mode', async () => {
    expect(await take('EXPIRE')).toMatchObject(
      error(-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid."),
    );
  });
});

describe('smart order routing (conformance 86)', () => {
  const sor = (params: Parameters<typeof alice.order>[0], path = '/api/v3/sor/order') =>
    alice.order(params, path);

  it('places an order in the one book that there is', async () => {
    await bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    const { json } = await sor({ side: 'BUY', quantity: '1', price: '50000' });
    expect(json).toMatchObject({ status: 'FILLED', workingFloor: 'SOR', usedSor: true });
    expect(json.fills).toHaveLength(1);
  });

  it('takes LIMIT and MARKET alone, and no amount of quote', async () => {
    expect(await sor(stopLoss)).toMatchObject(error(-1116, 'Invalid orderType.'));
    const market = { side: 'BUY', type: 'MARKET', timeInForce: null, quoteOrderQty: '50' };
    expect(await sor(market)).toMatchObject(
      error(-1106, "Parameter 'quoteOrderQty' sent when not required."),
    );
  });

  it('is tested without a trace', async () => {
    const before = placed().length;
    const test = '/api/v3/sor/order/test';
    expect((await sor({ side: 'BUY', quantity: '1', price: '50000' }, test)).json).toEqual({});
    const rates = { side: 'BUY', quantity: '1', price: '50000', computeCommissionRates: 'true' };
    const { json } = await sor(rates, test);
    expect(json.standardCommissionForOrder).toEqual({ maker: '0.00100000', taker: '0.00100000' });
    expect(placed()).toHaveLength(before);
  });
});
