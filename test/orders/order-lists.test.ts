/** Placing and cancelling order lists; numbers are those of the conformance list. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { startTestExchange, type TestExchange } from './exchange.ts';
import { createTables, project } from './history.ts';
import type { Params, Reply } from './signed-client.ts';

let database: TestDatabase;
let exchange: TestExchange;
let alice: TestExchange['alice'];
let bob: TestExchange['bob'];

beforeAll(async () => {
  database = await testDatabase();
  await createTables(database.db);
  exchange = await startTestExchange({
    db: database.db,
    onCommitted: (outcome) => project(database.db, outcome),
    ordersPer10Seconds: 1_000,
  });
  ({ alice, bob } = exchange);
});
afterAll(async () => {
  await exchange.close();
  await database.drop();
});
beforeEach(async () => {
  for (const trader of [alice, bob]) await trader.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });
  await exchange.tradeAt(50_000);
});

const error = (code: number, msg: string) => ({ status: 400, json: { code, msg } });
const mandatory = (name: string) =>
  error(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
/** Null takes a parameter away. */
type Changes = Readonly<Record<string, string | number | null>>;
const post = (path: string, params: Changes): Promise<Reply> =>
  alice.post(
    path,
    Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null)) as Params,
  );
const query = async (orderId: number) =>
  (await alice.get('/api/v3/order', { symbol: 'BTCUSDT', orderId })).json;
const openIds = async () =>
  (await alice.get('/api/v3/openOrders', { symbol: 'BTCUSDT' })).json.map(
    ({ orderId }: { orderId: number }) => orderId,
  );

const oco = {
  symbol: 'BTCUSDT',
  side: 'SELL',
  quantity: '1',
  aboveType: 'LIMIT_MAKER',
  abovePrice: '51000',
  belowType: 'STOP_LOSS_LIMIT',
  belowStopPrice: '49000',
  belowPrice: '48900',
  belowTimeInForce: 'GTC',
};
const placeOco = (changes: Changes = {}) => post('/api/v3/orderList/oco', { ...oco, ...changes });

describe('POST /api/v3/orderList/oco (conformance 75)', () => {
  it('tells the list, and each order as it was accepted', async () => {
    const { status, json } = await placeOco({
      listClientOrderId: 'list',
      aboveClientOrderId: 'above',
      belowClientOrderId: 'below',
      belowIcebergQty: '0.5',
    });
    expect(status).toBe(200);
    const [above, below] = json.orders;
    const order = { symbol: 'BTCUSDT', orderListId: json.orderListId, transactTime: json.transactionTime };
    const amounts = {
      origQty: '1.00000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.000000',
      cummulativeQuoteQty: '0.000000',
    };
    const state = { status: 'NEW', timeInForce: 'GTC', side: 'SELL', selfTradePreventionMode: 'NONE' };
    expect(json).toEqual({
      orderListId: expect.any(Number),
      contingencyType: 'OCO',
      listStatusType: 'EXEC_STARTED',
      listOrderStatus: 'EXECUTING',
      listClientOrderId: 'list',
      transactionTime: expect.any(Number),
      symbol: 'BTCUSDT',
      orders: [
        { symbol: 'BTCUSDT', orderId: above.orderId, clientOrderId: 'above' },
        { symbol: 'BTCUSDT', orderId: above.orderId + 1, clientOrderId: 'below' },
      ],
      orderReports: [
        {
          ...{ ...order, ...amounts, ...state },
          orderId: above.orderId,
          clientOrderId: 'above',
          price: '51000.000000',
          type: 'LIMIT_MAKER',
          workingTime: json.transactionTime,
        },
        {
          ...{ ...order, ...amounts, ...state },
          orderId: below.orderId,
          clientOrderId: 'below',
          price: '48900.000000',
          type: 'STOP_LOSS_LIMIT',
          stopPrice: '49000.000000',
          icebergQty: '0.50000000',
          workingTime: -1,
        },
      ],
    });
  });

  it('is free of weight, and counts two orders', async () => {
    const before = Number((await placeOco()).headers.get('x-mbx-order-count-10s'));
    const reply = await placeOco();
    expect(Number(reply.headers.get('x-mbx-order-count-10s'))).toBe(before + 2);
  });

  it('holds what one of the two needs, and is as short or long as newOrderRespType says', async () => {
    const btc = async () => {
      const { balances } = (await alice.get('/api/v3/account')).json;
      return balances.find(({ asset }: { asset: string }) => asset === 'BTC').locked;
    };
    const { json } = await placeOco({ newOrderRespType: 'ACK' });
    expect(Object.keys(json.orderReports[0])).toEqual([
      'symbol',
      'orderId',
      'orderListId',
      'clientOrderId',
      'transactTime',
    ]);
    expect(await btc()).toBe('1.00000000');
    await placeOco({ newOrderRespType: 'FULL' });
    expect(await btc()).toBe('2.00000000');
  });

  it('ends the other order when one trades, which says why', async () => {
    const { orders } = (await placeOco()).json;
    await bob.order({ side: 'BUY', quantity: '0.1', price: '51000' });
    expect(await query(orders[0].orderId)).toMatchObject({ status: 'PARTIALLY_FILLED' });
    expect(await query(orders[1].orderId)).toMatchObject({ status: 'EXPIRED', isWorking: false });
  });

  it('ends the other order when one is triggered', async () => {
    const { orders } = (await placeOco()).json;
    await exchange.tradeAt(49_000);
    const [above, below] = await Promise.all([query(orders[0].orderId), query(orders[1].orderId)]);
    expect(above).toMatchObject({ status: 'EXPIRED', expiryReason: 'OCO_TRIGGER' });
    expect(below).toMatchObject({ status: 'NEW', isWorking: true });
    expect(below.workingTime).toBeGreaterThan(0);
  });

  it('takes a stop-loss above and a limit below when buying', async () => {
    const { status, json } = await placeOco({
      side: 'BUY',
      aboveType: 'STOP_LOSS',
      abovePrice: null,
      aboveStopPrice: '51000',
      belowType: 'TAKE_PROFIT_LIMIT',
    });
    expect(status).toBe(200);
    expect(json.orderReports).toMatchObject([{ type: 'STOP_LOSS' }, { type: 'TAKE_PROFIT_LIMIT' }]);
  });

  const buying = {
    side: 'BUY',
    aboveType: 'STOP_LOSS',
    abovePrice: null,
    aboveStopPrice: '51000',
    belowType: 'LIMIT_MAKER',
    belowStopPrice: null,
    belowTimeInForce: null,
    belowPrice: '49000',
  };
  const takeProfit = { aboveType: 'TAKE_PROFIT', abovePrice: null, aboveStopPrice: '51000' };
  it.each<[string, Changes, number, string]>([
    ['a market order', { aboveType: 'MARKET' }, -1158, 'Order type not supported in OCO.'],
    ['a plain limit', { belowType: 'LIMIT' }, -1158, 'Order type not supported in OCO.'],
    ['a type that is none', { belowType: 'STOP' }, -1116, 'Invalid orderType.'],
    ['two limits', { belowType: 'LIMIT_MAKER' }, -1168, 'At least one OCO order must be contingent.'],
    [
      'a limit above when buying',
      { ...buying, aboveType: 'LIMIT_MAKER', belowType: 'STOP_LOSS' },
      -1165,
      'A limit order in a buy OCO must be below.',
    ],
    [
      'a limit below when selling',
      { aboveType: 'STOP_LOSS', belowType: 'LIMIT_MAKER' },
      -1166,
      'A limit order in a sell OCO must be above.',
    ],
    [
      'a stop-loss below when buying',
      { ...buying, belowType: 'STOP_LOSS' },
      -1196,
      'A stop loss order in a buy OCO must be above.',
    ],
    [
      'a stop-loss above when selling',
      { aboveType: 'STOP_LOSS_LIMIT' },
      -1197,
      'A stop loss order in a sell OCO must be below.',
    ],
    [
      'a take-profit above when buying',
      { ...buying, ...takeProfit },
      -1198,
      'A take profit order in a buy OCO must be below.',
    ],
    [
      'a take-profit below when selling',
      { belowType: 'TAKE_PROFIT_LIMIT' },
      -1199,
      'A take profit order in a sell OCO must be above.',
    ],
    [
      'an iceberg that does not rest',
      { belowIcebergQty: '0.5', belowTimeInForce: 'IOC' },
      -1160,
      "Parameter 'belowIcebergQty' is not supported if 'belowTimeInForce' is not GTC.",
    ],
    [
      'prices that the market has passed',
      { abovePrice: '49500' },
      -2010,
      'The relationship of the prices for the orders is not correct.',
    ],
    [
      'a stop price on the wrong side of the last price',
      { belowStopPrice: '50500' },
      -2010,
      'The relationship of the prices for the orders is not correct.',
    ],
    [
      'more than there is',
      { quantity: '100' },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
    [
      'one name for two orders',
      { aboveClientOrderId: 'same', belowClientOrderId: 'same' },
      -2010,
      'Duplicate order sent.',
    ],
    ['an amount off step', { quantity: '1.00005' }, -1013, 'Filter failure: LOT_SIZE'],
    ['a price off tick', { belowPrice: '48900.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    [
      'a peg',
      { abovePegPriceType: 'PRIMARY_PEG' },
      -1013,
      'Pegged orders are not supported for this symbol.',
    ],
    ['a low strategy type', { aboveStrategyType: 1 }, -1134, "'aboveStrategyType' was less than 1000000."],
    [
      'another mode of self-trade prevention',
      { selfTradePreventionMode: 'TRANSFER' },
      -1013,
      'This symbol does not allow the specified self-trade prevention mode.',
    ],
  ])('refuses %s', async (_, changes, code, msg) => {
    expect(await placeOco(changes)).toMatchObject(error(code, msg));
    expect(await openIds()).toEqual([]);
  });

  it.each(['side', 'quantity', 'aboveType', 'belowType', 'abovePrice', 'belowPrice', 'belowTimeInForce'])(
    'needs %s',
    async (name) => {
      expect(await placeOco({ [name]: null })).toMatchObject(mandatory(name));
    },
  );

  it('needs a stop price or a trailing delta for what waits', async () => {
    expect(await placeOco({ belowStopPrice: null })).toMatchObject(
      error(-1102, "Param 'belowStopPrice' or 'belowTrailingDelta' must be sent, but both were empty/null!"),
    );
    expect(await placeOco({ belowStopPrice: null, belowTrailingDelta: 100 })).toMatchObject({ status: 200 });
  });

  it('refuses the name of a list that is open', async () => {
    await placeOco({ listClientOrderId: 'once' });
    expect(await placeOco({ listClientOrderId: 'once' })).toMatchObject(
      error(-2010, 'Duplicate order sent.'),
    );
  });
});

describe('POST /api/v3/order/oco', () => {
  const legacy = { symbol: 'BTCUSDT', side: 'SELL', quantity: '1', price: '51000', stopPrice: '49000' };
  const place = (changes: Changes = {}) => post('/api/v3/order/oco', { ...legacy, ...changes });

  it('places a limit and a stop-loss', async () => {
    const { json } = await place({ limitClientOrderId: 'limit', stopClientOrderId: 'stop' });
    expect(json).toMatchObject({
      contingencyType: 'OCO',
      orderReports: [
        { clientOrderId: 'limit', type: 'LIMIT_MAKER', price: '51000.000000' },
        { clientOrderId: 'stop', type: 'STOP_LOSS', price: '0.000000', stopPrice: '49000.000000' },
      ],
    });
  });

  it('places a stop-loss limit when buying, the stop first', async () => {
    const { json } = await place({
      side: 'BUY',
      price: '49000',
      stopPrice: '51000',
      stopLimitPrice: '51100',
      stopLimitTimeInForce: 'GTC',
      stopIcebergQty: '0.5',
      limitIcebergQty: '0.25',
    });
    expect(json.orderReports).toMatchObject([
      { type: 'STOP_LOSS_LIMIT', price: '51100.000000', icebergQty: '0.50000000' },
      { type: 'LIMIT_MAKER', price: '49000.000000', icebergQty: '0.25000000' },
    ]);
  });

  it('needs a time in force for the stop limit, and prices on both sides', async () => {
    expect(await place({ stopLimitPrice: '48900' })).toMatchObject(mandatory('stopLimitTimeInForce'));
    expect(await place({ stopPrice: null })).toMatchObject(mandatory('stopPrice'));
    expect(await place({ price: '49500' })).toMatchObject(
      error(-2010, 'The relationship of the prices for the orders is not correct.'),
    );
    expect(await openIds()).toEqual([]);
  });
});

describe('the limit of unfilled orders', () => {
  it('counts a list as its orders, and not at all when it is refused', async () => {
    const small = await startTestExchange({ ordersPerDay: 2 });
    const place = (params: Changes) =>
      small.alice.post('/api/v3/order/oco', {
        ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '1', price: '51000', stopPrice: '49000' },
        ...(params as Params),
      });
    expect(await place({ quantity: '100' })).toMatchObject({ status: 400, json: { code: -2010 } });
    expect((await place({})).headers.get('x-mbx-order-count-1d')).toBe('2');
    expect(await place({})).toMatchObject({
      status: 429,
      json: { code: -1015, msg: 'Too many new orders; current limit is 2 orders per 1 DAY.' },
    });
    expect(small.engine.commands.filter(({ type }) => type === 'placeList')).toHaveLength(2);
    await small.close();
  });
});

const oto = {
  symbol: 'BTCUSDT',
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingPrice: '50000',
  workingQuantity: '1',
  workingTimeInForce: 'GTC',
  pendingType: 'LIMIT',
  pendingSide: 'SELL',
  pendingPrice: '52000',
  pendingQuantity: '0.5',
  pendingTimeInForce: 'GTC',
};
const placeOto = (changes: Changes = {}) => post('/api/v3/orderList/oto', { ...oto, ...changes });

describe('POST /api/v3/orderList/oto (conformance 76)', () => {
  it('places the working order, and lets the other wait for a full fill', async () => {
    const { json } = await placeOto();
    expect(json).toMatchObject({
      contingencyType: 'OTO',
      listOrderStatus: 'EXECUTING',
      orderReports: [
        { status: 'NEW', side: 'BUY', workingTime: json.transactionTime },
        { status: 'PENDING_NEW', side: 'SELL', workingTime: -1 },
      ],
    });
    const pending = json.orders[1].orderId;
    await bob.order({ side: 'SELL', quantity: '0.4', price: '50000' });
    expect(await query(pending)).toMatchObject({ status: 'PENDING_NEW', isWorking: false });
    await bob.order({ side: 'SELL', quantity: '0.6', price: '50000' });
    expect(await query(pending)).toMatchObject({ status: 'NEW', isWorking: true });
  });

  it('tells a working order that is filled at once, and the other still as pending', async () => {
    await bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    const { json } = await placeOto({ newOrderRespType: 'FULL' });
    expect(json.orderReports).toMatchObject([{ status: 'FILLED' }, { status: 'PENDING_NEW', fills: [] }]);
    expect(json.orderReports[0].fills).toHaveLength(1);
    expect(await query(json.orders[1].orderId)).toMatchObject({ status: 'NEW' });
  });

  it('ends the pending order with the working one', async () => {
    const { json } = await placeOto({ workingTimeInForce: 'IOC' });
    expect(json.orderReports[0]).toMatchObject({ status: 'EXPIRED' });
    expect(await query(json.orders[1].orderId)).toMatchObject({
      status: 'EXPIRED',
      expiryReason: 'OTO_PHASE_ONE_EXPIRED',
    });
  });

  it('rejects the pending order when its time came and it could not be placed', async () => {
    const { json } = await placeOto({ pendingQuantity: '100' });
    await bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    expect(await query(json.orders[1].orderId)).toMatchObject({ status: 'REJECTED' });
  });

  it('takes a market order as pending, but no amount of quote', async () => {
    const market = { pendingType: 'MARKET', pendingPrice: null, pendingTimeInForce: null };
    expect(await placeOto(market)).toMatchObject({ status: 200 });
    expect(await placeOto({ ...market, pendingQuantity: null })).toMatchObject(mandatory('pendingQuantity'));
  });

  it.each<[string, Changes, number, string]>([
    ['a market order as working', { workingType: 'MARKET' }, -1116, 'Invalid orderType.'],
    ['a bad side', { pendingSide: 'HOLD' }, -1117, 'Invalid side.'],
    [
      'a stop without its price',
      { pendingType: 'STOP_LOSS', pendingPrice: null, pendingTimeInForce: null },
      -1102,
      "Param 'pendingStopPrice' or 'pendingTrailingDelta' must be sent, but both were empty/null!",
    ],
    [
      'a working order that cannot be paid',
      { workingQuantity: '90' },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
    [
      'an iceberg that does not rest',
      { workingIcebergQty: '0.5', workingTimeInForce: 'FOK' },
      -1160,
      "Parameter 'workingIcebergQty' is not supported if 'workingTimeInForce' is not GTC.",
    ],
  ])('refuses %s', async (_, changes, code, msg) => {
    expect(await placeOto(changes)).toMatchObject(error(code, msg));
    expect(await openIds()).toEqual([]);
  });

  it.each([
    'workingType',
    'workingSide',
    'workingPrice',
    'workingQuantity',
    'workingTimeInForce',
    'pendingType',
    'pendingSide',
    'pendingPrice',
  ])('needs %s', async (name) => {
    expect(await placeOto({ [name]: null })).toMatchObject(mandatory(name));
  });

  it('refuses a working order that would take as a maker', async () => {
    await bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    expect(await placeOto({ workingType: 'LIMIT_MAKER', workingTimeInForce: null })).toMatchObject(
      error(-2010, 'Order would immediately match and take.'),
    );
  });
});

const otoco = {
  ...oto,
  pendingType: null,
  pendingPrice: null,
  pendingTimeInForce: null,
  pendingQuantity: '1',
  pendingAboveType: 'LIMIT_MAKER',
  pendingAbovePrice: '52000',
  pendingBelowType: 'STOP_LOSS',
  pendingBelowStopPrice: '48000',
  workingQuantity: '1.1',
};
const placeOtoco = (changes: Changes = {}) => post('/api/v3/orderList/otoco', { ...otoco, ...changes });

describe('POST /api/v3/orderList/otoco (conformance 76)', () => {
  it('places a pair when the working order is filled', async () => {
    const { json } = await placeOtoco();
    expect(json).toMatchObject({
      contingencyType: 'OTO',
      orderReports: [
        { status: 'NEW', type: 'LIMIT' },
        { status: 'PENDING_NEW', type: 'LIMIT_MAKER' },
        { status: 'PENDING_NEW', type: 'STOP_LOSS', stopPrice: '48000.000000' },
      ],
    });
    await bob.order({ side: 'SELL', quantity: '1.1', price: '50000' });
    const [working, above, below] = json.orders.map(({ orderId }: { orderId: number }) => orderId);
    expect(await query(working)).toMatchObject({ status: 'FILLED' });
    expect(await query(above)).toMatchObject({ status: 'NEW', isWorking: true });
    expect(await query(below)).toMatchObject({ status: 'NEW', isWorking: false });
    await bob.order({ side: 'BUY', quantity: '1', price: '52000' });
    expect(await query(above)).toMatchObject({ status: 'FILLED' });
    expect(await query(below)).toMatchObject({ status: 'EXPIRED' });
  });

  it('counts three orders', async () => {
    const count = (reply: Reply) => Number(reply.headers.get('x-mbx-order-count-1d'));
    expect(count(await placeOtoco())).toBe(count(await placeOtoco()) - 3);
  });

  it('refuses a pair that is none', async () => {
    expect(await placeOtoco({ pendingBelowType: 'LIMIT_MAKER' })).toMatchObject(
      error(-1168, 'At least one OCO order must be contingent.'),
    );
    expect(await placeOtoco({ pendingAbovePrice: '47000' })).toMatchObject(
      error(-2010, 'The relationship of the prices for the orders is not correct.'),
    );
    expect(await placeOtoco({ pendingAboveType: null })).toMatchObject(mandatory('pendingAboveType'));
    expect(await openIds()).toEqual([]);
  });
});

describe('a list that is cancelled', () => {
  const cancelList = (params: Params) => alice.delete('/api/v3/orderList', { symbol: 'BTCUSDT', ...params });
  const cancelledOco = (placed: Reply['json'], cancelId: string) => ({
    orderListId: placed.orderListId,
    contingencyType: 'OCO',
    listStatusType: 'ALL_DONE',
    listOrderStatus: 'ALL_DONE',
    listClientOrderId: placed.listClientOrderId,
    orders: placed.orders,
    orderReports: placed.orders.map(
      ({ orderId, clientOrderId }: { orderId: number; clientOrderId: string }) => ({
        orderId,
        origClientOrderId: clientOrderId,
        clientOrderId: cancelId,
        orderListId: placed.orderListId,
        status: 'CANCELED',
      }),
    ),
  });

  it('is named by either id, or by both, and told with its orders', async () => {
    const first = (await placeOco()).json;
    const reply = await cancelList({ orderListId: first.orderListId, newClientOrderId: 'cancels' });
    expect(reply.json).toMatchObject(cancelledOco(first, 'cancels'));
    expect(reply.json.orderReports[1]).toMatchObject({ stopPrice: '49000.000000' });
    const second = (await placeOco({ listClientOrderId: 'named' })).json;
    expect(await cancelList({ orderListId: second.orderListId, listClientOrderId: 'other' })).toMatchObject(
      error(-2039, 'Client order ID is not correct for this order ID.'),
    );
    expect((await cancelList({ listClientOrderId: 'named' })).json).toMatchObject({
      orderListId: second.orderListId,
    });
    expect(await openIds()).toEqual([]);
  });

  it('must be open, and the account’s own', async () => {
    const unknown = error(-2011, 'Unknown order list sent.');
    const { orderListId } = (await placeOco()).json;
    expect(await bob.delete('/api/v3/orderList', { symbol: 'BTCUSDT', orderListId })).toMatchObject(unknown);
    await cancelList({ orderListId });
    expect(await cancelList({ orderListId })).toMatchObject(unknown);
    expect(await cancelList({})).toMatchObject(
      error(-1102, "Param 'listClientOrderId' or 'orderListId' must be sent, but both were empty/null!"),
    );
  });

  it('goes with any of its orders', async () => {
    const placed = (await placeOco()).json;
    const reply = await alice.delete('/api/v3/order', {
      symbol: 'BTCUSDT',
      orderId: placed.orders[1].orderId,
      newClientOrderId: 'one',
    });
    expect(reply.json).toMatchObject(cancelledOco(placed, 'one'));
    expect(await openIds()).toEqual([]);
  });

  it('goes when one of its orders is replaced', async () => {
    const placed = (await placeOco()).json;
    const { status, json } = await post('/api/v3/order/cancelReplace', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '53000',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: placed.orders[0].orderId,
      cancelNewClientOrderId: 'replaces',
    });
    expect(status).toBe(200);
    expect(json.cancelResponse).toMatchObject(cancelledOco(placed, 'replaces'));
    expect(await openIds()).toEqual([json.newOrderResponse.orderId]);
  });

  it('is nested among the orders when all are cancelled', async () => {
    const plain = { side: 'SELL', quantity: '1', price: '53000' };
    const before = (await alice.order(plain)).json;
    const placed = (await placeOco()).json;
    const after = (await alice.order(plain)).json;
    const { json } = await alice.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(json).toMatchObject([
      { orderId: before.orderId, orderListId: -1, status: 'CANCELED' },
      cancelledOco(placed, json[0].clientOrderId),
      { orderId: after.orderId },
    ]);
  });

  it('still tells the name of an order that was filled before', async () => {
    const placed = (await placeOtoco({ workingClientOrderId: 'filled-before' })).json;
    await bob.order({ side: 'SELL', quantity: '1.1', price: '50000' });
    const { json } = await cancelList({ orderListId: placed.orderListId });
    expect(json.orders).toEqual(placed.orders);
    expect(json.orderReports).toHaveLength(2);
  });
});

describe('an order list in the answer to a question', () => {
  const get = (path: string, params: Params = {}) => alice.get(`/api/v3/${path}`, params);
  const listOf = ({ orderReports: _, ...list }: Reply['json']) => list;

  it('is as it was placed while it is open', async () => {
    const placed = (await placeOco()).json;
    const { orderListId, listClientOrderId } = placed;
    expect((await get('orderList', { orderListId })).json).toEqual(listOf(placed));
    expect((await get('orderList', { origClientOrderId: listClientOrderId })).json).toEqual(listOf(placed));
    expect((await get('openOrderList')).json).toEqual([listOf(placed)]);
    const [order] = (await get('openOrders', { symbol: 'BTCUSDT' })).json;
    expect(order).toMatchObject({ orderListId });
  });

  it('tells when all of it was done', async () => {
    const placed = (await placeOco()).json;
    await bob.order({ side: 'BUY', quantity: '1', price: '51000' });
    expect((await get('orderList', { orderListId: placed.orderListId })).json).toMatchObject({
      ...listOf(placed),
      listStatusType: 'ALL_DONE',
      listOrderStatus: 'ALL_DONE',
      transactionTime: expect.any(Number),
    });
    expect((await get('openOrderList')).json).toEqual([]);
  });

  it('names a working order that was filled before', async () => {
    const placed = (await placeOtoco()).json;
    await bob.order({ side: 'SELL', quantity: '1.1', price: '50000' });
    expect((await get('openOrderList')).json).toMatchObject([{ orders: placed.orders }]);
  });

  it('must exist and be the account’s own', async () => {
    const unknown = error(-2018, 'Order list does not exist.');
    expect(await get('orderList', { orderListId: 4711 })).toMatchObject(unknown);
    const { orderListId } = (await placeOco()).json;
    expect(await bob.get('/api/v3/orderList', { orderListId })).toMatchObject(unknown);
    expect(await get('orderList', { orderListId, origClientOrderId: 'other' })).toMatchObject({
      json: { code: -2039 },
    });
    expect(await get('orderList')).toMatchObject(
      error(-1102, "Param 'origClientOrderId' or 'orderListId' must be sent, but both were empty/null!"),
    );
  });

  it('comes among all of them in order, from an id or a time on', async () => {
    const placed = [(await placeOco()).json, (await placeOto()).json, (await placeOco()).json];
    const ids = placed.map(({ orderListId }) => orderListId);
    const idsOf = async (params: Params) =>
      (await get('allOrderList', params)).json.map((list: { orderListId: number }) => list.orderListId);
    expect(await idsOf({ fromId: ids[0] })).toEqual(ids);
    expect(await idsOf({ fromId: ids[0], limit: 2 })).toEqual(ids.slice(0, 2));
    expect(await idsOf({ limit: 2 })).toEqual(ids.slice(1));
    expect(await idsOf({ startTime: placed[0].transactionTime })).toEqual(expect.arrayContaining(ids));
    expect(await idsOf({ endTime: 1_000 })).toEqual([]);
    expect((await get('allOrderList', { fromId: 1, startTime: 1_000 })).json.code).toBe(-1128);
    expect((await get('allOrderList', { startTime: 1_000, endTime: 86_402_000 })).json.code).toBe(-1127);
  });

  it('is told with each of its trades', async () => {
    const { json } = await placeOco();
    await bob.order({ side: 'BUY', quantity: '1', price: '51000' });
    const trades = await get('myTrades', { symbol: 'BTCUSDT', limit: 1 });
    expect(trades.json).toMatchObject([{ orderListId: json.orderListId }]);
  });
});
