/** Orders and trades by access token, on the services as they run: what `/api/v3` decides is told in JSON. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { TestUser } from '#test/accounts/accounts-service.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { type PeopleExchange, startPeopleExchange } from '#test/support/people-exchange.ts';
import { SignedClient } from './signed-client.ts';

let exchange: PeopleExchange;
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  exchange = await startPeopleExchange();
  [alice, bob] = [
    await exchange.accounts.newUser('alice@example.com'),
    await exchange.accounts.newUser('bob@example.com'),
  ];
  for (const { account } of [alice, bob]) await exchange.fund(account);
}, 60_000);
afterAll(() => exchange.close());

async function call({ token }: Pick<TestUser, 'token'>, method: string, path: string, body?: object) {
  const response = await exchange.apps.orders.request(path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const json = isJson ? JSON.parse(text) : null;
  requireDescribed('orders', method, path, response.status, isJson ? json : undefined);
  return { status: response.status, headers: response.headers, text, json };
}

const limit = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
const buy = (price: string, more = {}) =>
  call(alice, 'POST', '/api/orders', { ...limit, quantity: '0.001', price, ...more });
const sell = (price: string, quantity = '0.001') =>
  call(bob, 'POST', '/api/orders', { ...limit, side: 'SELL', quantity, price });
const ordersOf = (user: TestUser, query: string) => call(user, 'GET', `/api/orders?${query}`);
const idsIn = ({ json }: { readonly json: { readonly orderId: number }[] }) =>
  json.map(({ orderId }) => orderId);

describe('an order', () => {
  it('is placed, told open by its owner alone, and cancelled once', async () => {
    const placed = await buy('40000', { newClientOrderId: 'mine' });
    expect(placed).toMatchObject({ status: 201, json: { clientOrderId: 'mine', status: 'NEW', fills: [] } });
    expect(placed.headers.get('cache-control')).toBe('no-store');
    expect(placed.headers.get('x-content-type-options')).toBe('nosniff');
    const path = `/api/orders/${placed.json.orderId}?symbol=BTCUSDT`;
    expect((await call(alice, 'GET', path)).json).toMatchObject({ origQty: '0.00100000', status: 'NEW' });
    expect(idsIn(await ordersOf(alice, 'status=open'))).toEqual([placed.json.orderId]);
    expect((await ordersOf(bob, 'status=open')).json).toEqual([]);
    const unknown = { status: 404, json: { code: 'UNKNOWN_ORDER' } };
    for (const method of ['GET', 'DELETE']) expect(await call(bob, method, path)).toMatchObject(unknown);
    expect((await call(alice, 'DELETE', path)).json).toMatchObject({ status: 'CANCELED' });
    expect(await call(alice, 'DELETE', path)).toMatchObject(unknown);
    expect((await call(alice, 'GET', path)).json.status).toBe('CANCELED');
  });

  it('of another market than the one that is named is not found', async () => {
    const { orderId } = (await buy('40000')).json;
    const path = (symbol: string) => `/api/orders/${orderId}?symbol=${symbol}`;
    expect((await call(alice, 'GET', path('ETHUSDT'))).json.code).toBe('UNKNOWN_ORDER');
    expect((await call(alice, 'DELETE', path('ETHUSDT'))).json.code).toBe('UNKNOWN_ORDER');
    expect((await call(alice, 'DELETE', path('BTCUSDT'))).status).toBe(200);
  });

  it.each([
    ['a price off the tick', { price: '40000.0000001' }, 400, 'INVALID_FIELD', 'price'],
    ['too small a quantity', { quantity: '0' }, 400, 'LOT_SIZE', undefined],
    ['an order below the least notional', { price: '1' }, 400, 'NOTIONAL', undefined],
    [
      'more than the account has',
      { quantity: '100', price: '40000' },
      409,
      'INSUFFICIENT_BALANCE',
      undefined,
    ],
    ['a market that is not listed', { symbol: 'NONE' }, 404, 'UNKNOWN_SYMBOL', 'symbol'],
    ['a limit order without a price', { price: undefined }, 400, 'INVALID_FIELD', 'price'],
    [
      'a limit order without a time in force',
      { timeInForce: undefined },
      400,
      'INVALID_FIELD',
      'timeInForce',
    ],
    ['a stop price that it cannot have', { stopPrice: '1' }, 400, 'INVALID_FIELD', 'stopPrice'],
    ['a number in place of a text', { quantity: 0.001 }, 400, 'INVALID_FIELD', 'quantity'],
    ['another side', { side: 'buy' }, 400, 'INVALID_FIELD', 'side'],
    ['a field of another name', { qty: '1' }, 400, 'UNKNOWN_FIELD', 'qty'],
    ['a field of the dialect alone', { newOrderRespType: 'ACK' }, 400, 'UNKNOWN_FIELD', 'newOrderRespType'],
  ])('is refused for %s, by the rule that /api/v3 has', async (_, more, status, code, field) => {
    const { status: got, json } = await buy('40000', more);
    expect({ status: got, ...json }).toEqual({
      status,
      code,
      message: expect.any(String),
      ...(field === undefined ? {} : { field }),
    });
  });

  it('is refused when its id was given before, and placed once', async () => {
    const first = await buy('40000', { newClientOrderId: 'twice' });
    const second = await buy('40000', { newClientOrderId: 'twice' });
    expect(second).toMatchObject({ status: 409, json: { code: 'DUPLICATE_CLIENT_ORDER_ID' } });
    await call(alice, 'DELETE', `/api/orders/${first.json.orderId}?symbol=BTCUSDT`);
  });
});

describe('of orders that bots have too', () => {
  let carol: TestUser;
  beforeAll(async () => {
    carol = await exchange.accounts.newUser('carol@example.com');
    await exchange.fund(carol.account);
  });
  const place = (more: object) =>
    call(carol, 'POST', '/api/orders', { ...limit, quantity: '0.001', price: '45000', ...more });
  const cancel = ({ orderId }: { orderId: number }) =>
    call(carol, 'DELETE', `/api/orders/${orderId}?symbol=BTCUSDT`);

  it('one of a list takes its list along when it is cancelled', async () => {
    const body = { label: 'bot', canTrade: true };
    const { json: key } = await exchange.accounts.call('POST', '/api/users/me/api-keys', {
      token: carol.token,
      body,
    });
    const pair = {
      aboveType: 'LIMIT_MAKER',
      abovePrice: 50_000,
      belowType: 'STOP_LOSS',
      belowStopPrice: 30_000,
    };
    const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: '0.001', ...pair };
    const placed = await new SignedClient(exchange.apps.orders, key).post('/api/v3/orderList/oco', oco);
    expect(placed.status).toBe(200);
    const ended = await cancel(placed.json.orders[0]);
    expect(ended).toMatchObject({ status: 200, json: { listOrderStatus: 'ALL_DONE' } });
    expect(ended.json.orderReports).toHaveLength(2);
  });

  it('one that would meet another of the same account says what was prevented', async () => {
    const { json: resting } = await place({ side: 'SELL' });
    const met = await place({ selfTradePreventionMode: 'EXPIRE_TAKER' });
    expect(met.json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      fills: [],
      preventedMatches: [{ makerOrderId: resting.orderId }],
    });
    const { json: shown } = await call(carol, 'GET', `/api/orders/${met.json.orderId}?symbol=BTCUSDT`);
    expect(shown).toMatchObject({ preventedQuantity: '0.00100000' });
    expect((await cancel(resting)).status).toBe(200);
  });

  it('one that follows the price, and one that shows a part of itself, say so', async () => {
    const trailing = { type: 'STOP_LOSS', side: 'SELL', price: undefined, timeInForce: undefined };
    const { json: follower } = await place({ ...trailing, trailingDelta: 100 });
    expect(follower).toMatchObject({ trailingDelta: 100 });
    const { json: iceberg } = await place({ side: 'SELL', icebergQty: '0.0005' });
    expect(iceberg).toMatchObject({ icebergQty: '0.00050000' });
    expect((await ordersOf(carol, 'status=open')).json).toHaveLength(2);
    for (const order of [follower, iceberg]) expect((await cancel(order)).status).toBe(200);
  });
});

describe('the history', () => {
  it('is told page by page, the newest first, over all markets, each order once', async () => {
    const ids = [];
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'BTCUSDT', 'ETHUSDT', 'BTCUSDT']) {
      const price = symbol === 'BTCUSDT' ? '40000' : '2000';
      const { json } = await buy(price, { symbol, quantity: '0.01' });
      await call(alice, 'DELETE', `/api/orders/${json.orderId}?symbol=${symbol}`);
      ids.unshift(json.orderId);
    }
    const pages = [];
    for (let before = ''; pages.length < 6; before = `&before=${pages.at(-1)}`) {
      const page = idsIn(await ordersOf(alice, `status=all&limit=2${before}`));
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages.slice(0, 5)).toEqual(ids);
    expect(idsIn(await ordersOf(alice, 'status=all&symbol=ETHUSDT'))).toEqual([ids[1], ids[3]]);
    expect((await ordersOf(bob, 'status=all')).json).toEqual([]);
    expect((await ordersOf(alice, 'before=5')).json).toMatchObject({
      code: 'INVALID_FIELD',
      field: 'before',
    });
  });
});

describe('trades', () => {
  const range = (from: number, to: number, format: string) =>
    `/api/trades/statement?from=${from}&to=${to}&format=${format}`;

  it('are told to both sides, page by page, and summed up in a statement without a unit lost', async () => {
    const from = Date.now();
    await sell('50000', '0.003');
    await buy('50000');
    await buy('50000', { quantity: '0.002' });
    const to = Date.now();
    const trades = (await call(alice, 'GET', '/api/trades?symbol=BTCUSDT')).json;
    expect(trades.map(({ qty }: { qty: string }) => qty)).toEqual(['0.00200000', '0.00100000']);
    const next = `/api/trades?symbol=BTCUSDT&limit=1&before=${trades[0].id}`;
    expect((await call(alice, 'GET', next)).json).toEqual([trades[1]]);
    expect((await call(bob, 'GET', '/api/trades?symbol=BTCUSDT')).json).toHaveLength(2);

    const { json } = await call(alice, 'GET', range(from, to, 'json'));
    expect(json.trades).toEqual(trades.toReversed());
    const fees = trades.reduce(
      (sum: number, { commission }: { commission: string }) => sum + Number(commission),
      0,
    );
    expect(json.totals).toEqual([
      { asset: 'USDT', received: '0.000000', paid: '150.000000', fees: '0.000000' },
      { asset: 'BTC', received: '0.00300000', paid: '0.00000000', fees: fees.toFixed(8) },
    ]);
    expect(fees).toBeGreaterThan(0);
    const bobs = (await call(bob, 'GET', range(from, to, 'json'))).json;
    expect(bobs.totals[1]).toMatchObject({ asset: 'BTC', received: '0.00000000', paid: '0.00300000' });
    expect((await call(alice, 'GET', range(from - 2_000, from - 1_000, 'json'))).json.trades).toEqual([]);

    const csv = await call(alice, 'GET', range(from, to, 'csv'));
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [header, first, second, end] = csv.text.split('\r\n');
    expect(header).toBe('time,symbol,tradeId,orderId,side,price,quantity,quoteQuantity,fee,feeAsset,role');
    expect(first).toMatch(
      /^\d{4}-.*Z,BTCUSDT,\d+,\d+,BUY,50000\.000000,0\.00100000,50\.000000,0\.\d{8},BTC,TAKER$/,
    );
    expect([second?.split(',')[6], end]).toEqual(['0.00200000', '']);
  });

  it('of a time that ends before it begins are refused', async () => {
    expect((await call(alice, 'GET', range(2, 1, 'json'))).json).toMatchObject({
      code: 'INVALID_FIELD',
      field: 'to',
    });
  });
});

describe('the transactions of an account', () => {
  const transactions = (user: TestUser, query = '') => call(user, 'GET', `/api/transactions?${query}`);
  let carol: TestUser;
  let dave: TestUser;

  beforeAll(async () => {
    [carol, dave] = [
      await exchange.accounts.newUser('carol@example.com'),
      await exchange.accounts.newUser('dave@example.com'),
    ];
    await exchange.fund(carol.account);
    const [account, to] = [carol.account as AccountId, dave.account as AccountId];
    const [asset, amount, fee] = [0 as AssetId, 5_000_000 as Units, 1_000_000 as Units];
    const of = (reference: string) => ({ account, asset, amount, fee, reference });
    const { engine } = exchange;
    const steps: Command[] = [
      { type: 'holdWithdrawal', ...of('w:one') },
      { type: 'settleWithdrawal', reference: 'w:one' },
      { type: 'holdWithdrawal', ...of('w:two') },
      { type: 'releaseWithdrawal', reference: 'w:two' },
      { type: 'transfer', from: account, to, asset, amount, reference: 't:one' },
    ];
    for (const step of steps) expect((await engine.execute(step)).rejection).toBeNull();
    const order = { ...limit, quantity: '0.001', price: '50000' };
    for (const side of ['SELL', 'BUY'])
      expect((await call(carol, 'POST', '/api/orders', { ...order, side })).status).toBe(201);
    await exchange.fillTables();
  });

  it('are all told, the newest first, each in the words of its kind', async () => {
    const { status, json } = await transactions(carol);
    expect(status).toBe(200);
    const types = json.map(({ type }: { type: string }) => type);
    expect(types).toEqual([
      'TRADE',
      'TRADE',
      'TRANSFER_OUT',
      'WITHDRAWAL_RELEASED',
      'WITHDRAWAL_HELD',
      'WITHDRAWAL_SETTLED',
      'WITHDRAWAL_HELD',
      'DEPOSIT',
      'DEPOSIT',
    ]);
    const own = { id: expect.any(String), time: expect.any(Number) };
    expect(json[5]).toEqual({
      ...own,
      type: 'WITHDRAWAL_SETTLED',
      asset: 'USDT',
      amount: '5.000000',
      fee: '1.000000',
    });
    const trades = (await call(carol, 'GET', '/api/trades?symbol=BTCUSDT')).json;
    const ofTaker = trades.find(({ isMaker }: { isMaker: boolean }) => !isMaker);
    const { id: tradeId, isBestMatch, orderListId, ...same } = ofTaker;
    expect(json[0]).toEqual({ ...own, ...same, type: 'TRADE', tradeId });
    const times = json.map(({ time }: { time: number }) => time);
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  it('are told of a transfer to the account that it reaches, and to nobody else', async () => {
    expect((await transactions(dave)).json).toEqual([
      {
        id: expect.any(String),
        time: expect.any(Number),
        type: 'TRANSFER_IN',
        asset: 'USDT',
        amount: '5.000000',
      },
    ]);
  });

  it('are told page by page, each once, of one asset too', async () => {
    const all = (await transactions(carol)).json;
    const paged = [];
    for (let before = ''; ; ) {
      const { json } = await transactions(carol, `limit=2${before}`);
      if (json.length === 0) break;
      paged.push(...json);
      before = `&before=${json.at(-1).id}`;
    }
    expect(paged).toEqual(all);
    const bitcoin = (await transactions(carol, 'asset=BTC')).json;
    expect(bitcoin).toEqual(
      all.filter(({ asset, symbol }: Record<string, string>) => asset === 'BTC' || symbol),
    );
    expect((await transactions(carol, 'asset=BTC&limit=1')).json).toEqual(bitcoin.slice(0, 1));
    expect((await transactions(carol, 'asset=NONE')).json).toEqual([]);
  });

  it.each(['before=x y', 'before=-0', 'limit=501', 'asset=btc', 'symbol=BTCUSDT'])(
    'are refused for %s',
    async (query) => {
      expect((await transactions(carol, query)).status).toBe(400);
    },
  );
});

describe('a session', () => {
  it('that has ended is refused at the next request, though its token has not expired', async () => {
    const user = await exchange.accounts.newUser('leaving@example.com');
    expect((await ordersOf(user, 'status=open')).status).toBe(200);
    await exchange.accounts.call('POST', '/api/users/me/logout', { token: user.token, body: {} });
    expect(await ordersOf(user, 'status=open')).toMatchObject({
      status: 401,
      json: { code: 'UNAUTHENTICATED' },
    });
  });

  it('of a frozen account places no order', async () => {
    const user = await exchange.accounts.newUser('frozen@example.com');
    await exchange.fund(user.account);
    await exchange.accounts.db
      .updateTable('accounts.users')
      .set({ frozen_at: 1 as never })
      .where('account_id', '=', user.account as never)
      .execute();
    const order = { ...limit, quantity: '0.001', price: '40000' };
    expect((await call(user, 'POST', '/api/orders', order)).status).toBe(401);
  });
});
