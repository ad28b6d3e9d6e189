/** What accounts are told over the WebSocket API: each event whole, in its order, and to nobody else. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import { listings as environmentListings } from '#environments/markets.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { newOrder } from '#test/support/commands.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';
import { ALICE, BOBS, DOCUMENTED, READ_ONLY, startTestExchange, type TestExchange } from '../exchange.ts';
import { createTables, project } from '../history.ts';
import { hmacSigner, type Message, WsClient } from '../websocket-api/ws-client.ts';

const alice = hmacSigner(DOCUMENTED);
const bob = hmacSigner(BOBS);

let exchange: TestExchange;
let server: HttpServer;
let database: TestDatabase | undefined;
let open: WsClient[];

async function start(options: Parameters<typeof startTestExchange>[0] = {}): Promise<void> {
  exchange = await startTestExchange(options);
  server = await listen(exchange.app, { port: 0, host: '127.0.0.1' });
}

async function stop(): Promise<void> {
  for (const client of open) client.socket.terminate();
  await server.close();
  await exchange.close();
}

async function connect(): Promise<WsClient> {
  const client = await WsClient.connect(`ws://127.0.0.1:${server.port}/ws-api/v3?returnRateLimits=false`);
  open.push(client);
  return client;
}

/** A connection that is told of this account. */
async function follow(signer = alice): Promise<WsClient> {
  const client = await connect();
  const { result } = await client.signed(signer, 'userDataStream.subscribe.signature');
  expect(result).toEqual({ subscriptionId: 0 });
  return client;
}

/** Everything that was done so far has been told by now. */
async function settled(client: WsClient): Promise<void> {
  await client.call('session.status');
}

beforeEach(async () => {
  open = [];
  await start();
});
afterEach(async () => {
  await stop();
  await database?.drop();
  database = undefined;
});

describe('executionReport', () => {
  it('has every field of the reference, for a new order and for its trade', async () => {
    await exchange.bob.order({ side: 'SELL', quantity: '0.4', price: '50000' });
    const client = await follow();
    const { json } = await exchange.alice.order({
      side: 'BUY',
      quantity: '1',
      price: '50000',
      newClientOrderId: 'mine',
    });
    await settled(client);
    const common = {
      e: 'executionReport',
      E: expect.any(Number),
      s: 'BTCUSDT',
      c: 'mine',
      S: 'BUY',
      o: 'LIMIT',
      f: 'GTC',
      q: '1.00000000',
      p: '50000.000000',
      P: '0.000000',
      F: '0.00000000',
      g: -1,
      C: '',
      r: 'NONE',
      i: json.orderId,
      T: json.transactTime,
      I: exchange.engine.matching.lastSeq,
      w: true,
      m: false,
      M: false,
      O: json.transactTime,
      Q: '0.000000',
      W: json.workingTime,
      V: 'NONE',
    };
    expect(client.events()).toEqual([
      {
        ...common,
        x: 'NEW',
        X: 'NEW',
        l: '0.00000000',
        z: '0.00000000',
        L: '0.000000',
        n: '0',
        N: null,
        t: -1,
        Z: '0.000000',
        Y: '0.000000',
      },
      {
        ...common,
        x: 'TRADE',
        X: 'PARTIALLY_FILLED',
        l: '0.40000000',
        z: '0.40000000',
        L: '50000.000000',
        n: json.fills[0].commission,
        N: 'BTC',
        t: json.fills[0].tradeId,
        Z: '20000.000000',
        Y: '20000.000000',
      },
      {
        e: 'outboundAccountPosition',
        E: expect.any(Number),
        u: json.transactTime,
        B: expect.arrayContaining([
          { a: 'USDT', f: '950000.000000', l: '30000.000000' },
          { a: 'BTC', f: expect.stringMatching(/^10\.39\d+$/), l: '0.00000000' },
        ]),
      },
    ]);
    expect(client.messages.at(1)).toHaveProperty('subscriptionId', 0);
  });

  it('tells the maker its side: its own fee, in what it receives', async () => {
    const client = await follow(bob);
    await exchange.bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    await exchange.alice.order({ side: 'BUY', quantity: '0.4', price: '50000' });
    await settled(client);
    const [, trade] = client.events('executionReport');
    const { json } = await exchange.bob.get('/api/v3/account');
    expect(trade).toMatchObject({
      x: 'TRADE',
      X: 'PARTIALLY_FILLED',
      m: true,
      w: true,
      N: 'USDT',
      l: '0.40000000',
    });
    const usdt = json.balances.find(({ asset }: Message) => asset === 'USDT');
    expect(Number(usdt.free) - 1_000_000).toBeCloseTo(20_000 - Number(trade.n), 6);
  });

  it('says on a cancel which order it was and what the cancel is called', async () => {
    const client = await follow();
    await exchange.alice.order({ side: 'BUY', quantity: '1', price: '50000', newClientOrderId: 'order' });
    const { json } = await exchange.alice.delete('/api/v3/order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'order',
    });
    await settled(client);
    const cancelled = client.events('executionReport').at(-1);
    expect(cancelled).toMatchObject({
      x: 'CANCELED',
      X: 'CANCELED',
      C: 'order',
      c: json.clientOrderId,
      w: false,
    });
    expect(cancelled.c).not.toBe('order');
  });

  it('has what only some orders have: a trailing stop, an iceberg, an amount, an expiry', async () => {
    await exchange.tradeAt(50_000);
    const client = await follow();
    const fields = async (order: Parameters<typeof exchange.alice.order>[0]) => {
      const { status, json } = await exchange.alice.order(order);
      expect([status, json]).toEqual([200, json]);
      await settled(client);
      return client.events('executionReport').findLast(({ i }) => i === json.orderId);
    };
    const trailing = {
      side: 'SELL',
      quantity: '1',
      type: 'STOP_LOSS',
      timeInForce: null,
      trailingDelta: 100,
    };
    const trailed = await fields(trailing);
    expect(trailed).toMatchObject({ d: 100, D: expect.any(Number), w: false, P: '0.000000' });
    expect(trailed).not.toHaveProperty('W');
    const iceberg = { side: 'SELL', quantity: '1', price: '60000', icebergQty: '0.2' };
    expect(await fields(iceberg)).toMatchObject({ F: '0.20000000' });
    const amount = { side: 'BUY', type: 'MARKET', timeInForce: null, quoteOrderQty: '600' };
    expect(await fields(amount)).toMatchObject({
      X: 'FILLED',
      Q: '600.000000',
      q: '0.01000000',
      p: '0.000000',
    });
    const expired = { side: 'BUY', quantity: '1', price: '40000', timeInForce: 'IOC' };
    expect(await fields(expired)).toMatchObject({ X: 'EXPIRED', eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' });
  });

  it('tells what self-trade prevention took out of both orders', async () => {
    const client = await follow();
    const made = await exchange.alice.order({ side: 'SELL', quantity: '1', price: '50000' });
    const taken = await exchange.alice.order({
      side: 'BUY',
      quantity: '3',
      price: '50000',
      selfTradePreventionMode: 'EXPIRE_BOTH',
    });
    await settled(client);
    const [taker, maker] = client.events('executionReport').slice(-2);
    const both = { x: 'TRADE_PREVENTION', X: 'EXPIRED_IN_MATCH', v: 1, u: -1, Cs: 'BTCUSDT' };
    const prevented = { pl: '1.00000000', pL: '50000.000000', pY: '50000.000000' };
    expect(taker).toMatchObject({
      ...both,
      ...prevented,
      A: '3.00000000',
      B: '3.00000000',
      U: made.json.orderId,
    });
    expect(maker).toMatchObject({
      ...both,
      ...prevented,
      A: '1.00000000',
      B: '1.00000000',
      U: taken.json.orderId,
    });
  });

  it('comes in the order of what happened, NEW before its trades, cumulating', async () => {
    for (let count = 0; count < 5; count++)
      await exchange.bob.order({ side: 'SELL', quantity: '0.1', price: String(50_000 + count) });
    const client = await follow();
    await exchange.alice.order({ side: 'BUY', quantity: '0.5', price: '50010' });
    await settled(client);
    const reports = client.events('executionReport');
    expect(reports.map(({ x }) => x)).toEqual(['NEW', 'TRADE', 'TRADE', 'TRADE', 'TRADE', 'TRADE']);
    expect(reports.map(({ z }) => Number(z))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(reports.map(({ X }) => X).slice(-2)).toEqual(['PARTIALLY_FILLED', 'FILLED']);
    const quotes = reports.map(({ Y }) => Number(Y));
    expect(Number(reports.at(-1).Z)).toBeCloseTo(
      quotes.reduce((sum, each) => sum + each),
      6,
    );
  });

  it('tells of a market that was listed a moment ago, before anybody here knew of it', async () => {
    await stop();
    const listings = { ...environmentListings, markets: environmentListings.markets.slice(0, 1) };
    await start({ listings });
    const client = await follow();
    const [, next] = listingCommands(environmentListings).filter(({ type }) => type === 'listMarket');
    await exchange.engine.execute(next!);
    const order = newOrder({ account: ALICE, market: 1, price: 2_000_000_000, quantity: 1_000_000 });
    expect(await exchange.engine.execute(order)).toMatchObject({ rejection: null });
    await settled(client);
    const { symbol } = environmentListings.markets[1]!;
    expect(client.events('executionReport')).toMatchObject([{ s: symbol, x: 'NEW', q: '0.01000000' }]);
  });
});

const BOB = 2 as AccountId;

describe('outboundAccountPosition and balanceUpdate', () => {
  it('tell every change of a balance: what is left after it, and for a deposit the amount', async () => {
    const client = await follow();
    await exchange.engine.deposit(ALICE, 1, 50_000_000);
    await exchange.alice.order({ side: 'BUY', quantity: '1', price: '50000' });
    await exchange.alice.delete('/api/v3/openOrders', { symbol: 'BTCUSDT' });
    await settled(client);
    expect(client.events('balanceUpdate')).toEqual([
      { e: 'balanceUpdate', E: expect.any(Number), a: 'BTC', d: '0.50000000', T: expect.any(Number) },
    ]);
    expect(client.events('outboundAccountPosition').map(({ B }) => B)).toEqual([
      [{ a: 'BTC', f: '10.50000000', l: '0.00000000' }],
      [{ a: 'USDT', f: '950000.000000', l: '50000.000000' }],
      [{ a: 'USDT', f: '1000000.000000', l: '0.000000' }],
    ]);
  });

  it('tell a withdrawal when it has left, not while it is held, and a transfer to both sides', async () => {
    const alice = await follow();
    const money = { asset: 1 as AssetId, amount: 10_000_000 as Units };
    const withdrawal = { ...money, account: ALICE, fee: 1_000 as Units, reference: 'w-1' };
    await exchange.engine.execute({ type: 'holdWithdrawal', ...withdrawal });
    const transfer = { type: 'transfer', ...money } as const;
    await exchange.engine.execute({ ...transfer, from: ALICE, to: BOB, reference: 't-1' });
    await exchange.engine.execute({ ...transfer, from: BOB, to: ALICE, reference: 't-2' });
    const settlement = { type: 'settleWithdrawal', reference: 'w-1' } as const;
    expect(await exchange.engine.execute(settlement)).toMatchObject({ rejection: null });
    await settled(alice);
    expect(alice.events('balanceUpdate').map(({ a, d }) => `${a} ${d}`)).toEqual([
      'BTC -0.10000000',
      'BTC 0.10000000',
      'BTC -0.10000000',
    ]);
  });
});

describe('listStatus', () => {
  const oto = {
    symbol: 'BTCUSDT',
    workingType: 'LIMIT',
    workingSide: 'BUY',
    workingPrice: '50000',
    workingQuantity: '1',
    workingTimeInForce: 'GTC',
    workingClientOrderId: 'working',
    pendingType: 'LIMIT_MAKER',
    pendingSide: 'SELL',
    pendingPrice: '60000',
    pendingQuantity: '0.5',
    pendingClientOrderId: 'pending',
    listClientOrderId: 'both',
  };
  const status = (l: string, L: string) => ({
    e: 'listStatus',
    E: expect.any(Number),
    s: 'BTCUSDT',
    g: 1,
    c: 'OTO',
    l,
    L,
    r: 'NONE',
    C: 'both',
    T: expect.any(Number),
    O: [
      { s: 'BTCUSDT', i: expect.any(Number), c: 'working' },
      { s: 'BTCUSDT', i: expect.any(Number), c: 'pending' },
    ],
  });

  it('begins and ends a list, though one of its orders has long been filled', async () => {
    const client = await follow();
    await exchange.alice.post('/api/v3/orderList/oto', oto);
    await exchange.bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    await exchange.bob.order({ side: 'BUY', quantity: '0.5', price: '60000' });
    await settled(client);
    expect(client.events('listStatus')).toEqual([
      status('EXEC_STARTED', 'EXECUTING'),
      status('ALL_DONE', 'ALL_DONE'),
    ]);
    expect(client.events().map(({ e, x }) => x ?? e)).toEqual([
      'listStatus',
      'NEW',
      'NEW',
      'outboundAccountPosition',
      'TRADE',
      'NEW',
      'outboundAccountPosition',
      'TRADE',
      'listStatus',
      'outboundAccountPosition',
    ]);
  });

  it('names its orders to whoever came when one of them was filled already', async () => {
    await stop();
    database = await testDatabase();
    const { db } = database;
    await createTables(db);
    await start({ db, onCommitted: (outcome) => project(db, outcome) });
    await exchange.alice.post('/api/v3/orderList/oto', oto);
    await exchange.bob.order({ side: 'SELL', quantity: '1', price: '50000' });
    const client = await follow();
    await exchange.bob.order({ side: 'BUY', quantity: '0.5', price: '60000' });
    await settled(client);
    expect(client.events('listStatus')).toEqual([status('ALL_DONE', 'ALL_DONE')]);
  });
});

describe('a subscription', () => {
  it('is answered before its first event, however many are on the way', async () => {
    const client = await connect();
    const orders = Array.from({ length: 20 }, () =>
      exchange.alice.order({ side: 'BUY', quantity: '0.01', price: '50000' }),
    );
    const reply = client.signed(alice, 'userDataStream.subscribe.signature');
    await Promise.all([...orders, reply]);
    await exchange.alice.order({ side: 'BUY', quantity: '0.01', price: '50000' });
    await settled(client);
    expect(client.messages[0]).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
    expect(client.events('executionReport').length).toBeGreaterThan(0);
  });

  it('is one for an account on a connection, by whichever of its keys', async () => {
    const client = await follow();
    const again = await client.signed(hmacSigner(READ_ONLY), 'userDataStream.subscribe.signature');
    expect(again).toMatchObject({
      status: 400,
      error: { code: -2035, msg: 'User Data Stream subscription already active.' },
    });
    expect((await client.signed(bob, 'userDataStream.subscribe.signature')).result).toEqual({
      subscriptionId: 1,
    });
    expect((await client.call('session.subscriptions')).result).toEqual([
      { subscriptionId: 0 },
      { subscriptionId: 1 },
    ]);
    // On another connection the account may have another.
    await follow();
  });

  it('ends when it is asked to, one or all, and says so', async () => {
    const client = await follow();
    await client.signed(bob, 'userDataStream.subscribe.signature');
    expect((await client.call('userDataStream.unsubscribe', { subscriptionId: 7 })).error).toMatchObject({
      code: -2036,
    });
    expect((await client.call('userDataStream.unsubscribe', { subscriptionId: 0 })).result).toEqual({});
    await exchange.tradeAt(50_000);
    expect((await client.call('userDataStream.unsubscribe')).result).toEqual({});
    expect((await client.call('userDataStream.unsubscribe')).error).toMatchObject({ code: -2036 });
    await exchange.tradeAt(50_000);
    await settled(client);
    const terminated = client.messages.filter(({ event }) => event?.e === 'eventStreamTerminated');
    expect(terminated.map(({ subscriptionId }) => subscriptionId)).toEqual([0, 1]);
    expect(
      client.messages.some(
        (message) => message.subscriptionId === 0 && message.event.e === 'executionReport',
      ),
    ).toBe(false);
    expect(
      client.messages.some((message) => message.subscriptionId === 1 && message.event.x === 'TRADE'),
    ).toBe(true);
  });

  it('may be taken again after it ended, under another id', async () => {
    const client = await follow();
    await client.call('userDataStream.unsubscribe');
    expect((await client.signed(alice, 'userDataStream.subscribe.signature')).result).toEqual({
      subscriptionId: 1,
    });
  });

  it('ends at once when its key is revoked, others of the account go on', async () => {
    const revoked = await follow(hmacSigner(READ_ONLY));
    const other = await follow();
    exchange.revoke(READ_ONLY.apiKey);
    await until(() => revoked.events().length > 0);
    await exchange.alice.order({ side: 'BUY', quantity: '1', price: '50000' });
    await Promise.all([settled(revoked), settled(other)]);
    expect(revoked.events()).toMatchObject([{ e: 'eventStreamTerminated' }]);
    expect(other.events('executionReport')).toHaveLength(1);
    const again = await revoked.signed(hmacSigner(READ_ONLY), 'userDataStream.subscribe.signature');
    expect(again.error).toMatchObject({ code: -2015 });
  });

  it('does not outlive a key that is revoked while it is being taken', async () => {
    const client = await connect();
    const taken = client.signed(alice, 'userDataStream.subscribe.signature');
    exchange.revoke(DOCUMENTED.apiKey);
    await taken;
    await until(() => exchange.userStreams.wanted.size === 0);
  });
});

describe('other accounts', () => {
  it('are never told: what happens to both sides of a trade is told to each alone', async () => {
    const [ofAlice, ofBob] = [await follow(alice), await follow(bob)];
    const both = await connect();
    await both.signed(alice, 'userDataStream.subscribe.signature');
    await both.signed(bob, 'userDataStream.subscribe.signature');
    for (let count = 0; count < 10; count++) await exchange.tradeAt(50_000 + count);
    await exchange.alice.order({ side: 'BUY', quantity: '1', price: '40000', newClientOrderId: 'of-alice' });
    await exchange.bob.order({ side: 'SELL', quantity: '1', price: '60000', newClientOrderId: 'of-bob' });
    for (const client of [ofAlice, ofBob, both]) await settled(client);
    const sides = (client: WsClient) => new Set(client.events('executionReport').map(({ S }) => S));
    expect([...sides(ofAlice)]).toEqual(['BUY']);
    expect([...sides(ofBob)]).toEqual(['SELL']);
    expect(ofAlice.texts.join()).not.toContain('of-bob');
    expect(ofBob.texts.join()).not.toContain('of-alice');
    const withoutTime = (messages: readonly Message[]) => messages.map(({ E, ...event }) => event);
    const ofSubscription = (id: number) =>
      both.messages.filter(({ subscriptionId }) => subscriptionId === id).map(({ event }) => event);
    expect(withoutTime(ofSubscription(0))).toEqual(withoutTime(ofAlice.events()));
    expect(withoutTime(ofSubscription(1))).toEqual(withoutTime(ofBob.events()));
  });

  it.each([
    ["another's key with one's own secret", { apiKey: BOBS.apiKey, sign: alice.sign }, -1022],
    ["another's key without a signature", { apiKey: BOBS.apiKey, sign: () => '' }, -1102],
    ['a signature of other parameters', { apiKey: BOBS.apiKey, sign: () => bob.sign('timestamp=1') }, -1022],
  ])('cannot be followed by %s', async (_, signer, code) => {
    const client = await follow();
    const { error } = await client.signed(signer, 'userDataStream.subscribe.signature');
    expect(error).toMatchObject({ code });
    await exchange.bob.order({ side: 'SELL', quantity: '1', price: '60000' });
    await settled(client);
    expect(client.events()).toEqual([]);
  });

  it('cannot be followed by a request that was signed for another purpose and overheard', async () => {
    const client = await connect();
    const timestamp = Date.now();
    const payload = `apiKey=${BOBS.apiKey}&symbol=BTCUSDT&timestamp=${timestamp}`;
    const overheard = { apiKey: BOBS.apiKey, timestamp, signature: bob.sign(payload) };
    expect((await client.call('userDataStream.subscribe.signature', overheard)).error.code).toBe(-1022);
    const whole = { ...overheard, symbol: 'BTCUSDT' };
    expect((await client.call('userDataStream.subscribe.signature', whole)).error.code).toBe(-1104);
    expect((await client.call('session.subscriptions')).result).toEqual([]);
  });
});
