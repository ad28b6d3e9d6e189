import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Listings } from '#domain/markets.ts';
import { listings } from '#environments/markets.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { DOCUMENTED, startTestExchange, type TestExchange } from './exchange.ts';
import { form, hmac, type RawRequest, send } from './signed-client.ts';

const { apiKey, secret } = DOCUMENTED;
const OUTSIDE = { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };
const AHEAD = { code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." };
const NOT_SIGNED = { code: -1022, msg: 'Signature for this request is not valid.' };

/** The two markets of the documentation's examples. */
const [btcusdt] = listings.markets;
const documented: Listings = {
  assets: listings.assets,
  markets: [...listings.markets, { ...btcusdt!, symbol: 'LTCBTC' }, { ...btcusdt!, symbol: '１２３４５６' }],
};

let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange({ listings: documented });
});
afterEach(async () => {
  thawClock();
  await exchange.close();
});

const testOrder = (request: RawRequest) =>
  send(exchange.app, 'POST', '/api/v3/order/test', { headers: { 'X-MBX-APIKEY': apiKey }, ...request });
const order = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '50',
};
const withTime = (params: object = {}) => form({ ...order, timestamp: Date.now(), ...params });
const signed = (payload: string) => `${payload}&signature=${hmac(secret, payload)}`;

describe("the documentation's signatures (conformance 8, 9)", () => {
  const TIME = 1499827319559;
  const ascii =
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
  const asciiSignature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
  const unicode = ascii.replace('LTCBTC', '%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96');
  const unicodeSignature = 'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3';
  // The older documentation's mixed example: the query's end and the body's beginning touch without a separator.
  const mixedQuery = 'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC';
  const mixedBody = 'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
  const mixedSignature = '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77';

  beforeEach(() => {
    freezeClock(TIME + 1);
  });

  it.each([
    ['in the query', { query: `${ascii}&signature=${asciiSignature}` }],
    ['in the body', { body: `${ascii}&signature=${asciiSignature}` }],
    ['split over both', { query: mixedQuery, body: `${mixedBody}&signature=${mixedSignature}` }],
    ['with a symbol beyond ASCII', { query: `${unicode}&signature=${unicodeSignature}` }],
    ['in upper case', { query: `${ascii}&signature=${asciiSignature.toUpperCase()}` }],
  ])('hold %s', async (_, request) => {
    // The signature holds and the symbol is known; what the filters say of the order comes after.
    expect((await testOrder(request)).json).toEqual({ code: -1013, msg: 'Filter failure: NOTIONAL' });
  });

  it('do not hold for a symbol signed before it was encoded', async () => {
    const signature = hmac(secret, decodeURIComponent(unicode));
    expect((await testOrder({ query: `${unicode}&signature=${signature}` })).json).toEqual(NOT_SIGNED);
  });
});

describe('where parameters and signature stand', () => {
  it('takes a form body labelled JSON (conformance 3)', async () => {
    const headers = { 'X-MBX-APIKEY': apiKey, 'Content-Type': 'application/json' };
    expect(await testOrder({ body: signed(withTime()), headers })).toMatchObject({ status: 200, json: {} });
  });

  it('takes a query without a body, labelled JSON (conformance 4)', async () => {
    const headers = { 'X-MBX-APIKEY': apiKey, 'Content-Type': 'application/json' };
    expect(await testOrder({ query: signed(withTime()), headers })).toMatchObject({ status: 200, json: {} });
  });

  it('takes DELETE parameters from the body (conformance 5)', async () => {
    const payload = form({ symbol: 'BTCUSDT', orderId: 1, timestamp: Date.now() });
    const headers = { 'X-MBX-APIKEY': apiKey };
    const reply = await send(exchange.app, 'DELETE', '/api/v3/order', { body: signed(payload), headers });
    expect(reply.json).toEqual({ code: -2011, msg: 'Unknown order sent.' });
  });

  it('joins query and body for the signature, and the query wins (conformance 6)', async () => {
    const query = 'symbol=BTCUSDT&price=50';
    const body = form({ ...order, symbol: 'NONE', price: '0.01', timestamp: Date.now() });
    const signature = hmac(secret, query + body);
    const accepted = await testOrder({ query, body: `${body}&signature=${signature}` });
    expect(accepted).toMatchObject({ status: 200, json: {} });
    const signedInQuery = await testOrder({ query: `${query}&signature=${signature}`, body });
    expect(signedInQuery).toMatchObject({ status: 200, json: {} });
  });

  it('finds the signature at the beginning and in the middle (conformance 7)', async () => {
    const first = form({ ...order });
    const last = form({ timestamp: Date.now() });
    const signature = hmac(secret, `${first}&${last}`);
    for (const query of [
      `signature=${signature}&${first}&${last}`,
      `${first}&signature=${signature}&${last}`,
    ])
      expect(await testOrder({ query })).toMatchObject({ status: 200, json: {} });
  });
});

describe('what is refused', () => {
  it('one altered byte of the payload or of the signature (conformance 11)', async () => {
    const query = signed(withTime());
    const last = query.at(-1) === '0' ? '1' : '0';
    expect((await testOrder({ query: query.slice(0, -1) + last })).json).toEqual(NOT_SIGNED);
    expect((await testOrder({ query: query.replace('quantity=1', 'quantity=2') })).json).toEqual(NOT_SIGNED);
    expect((await testOrder({ query: query.slice(0, -1) })).json).toEqual(NOT_SIGNED);
    expect((await testOrder({ query: `${query}%20` })).json).toEqual(NOT_SIGNED);
  });

  it('a request without a key, or with a malformed one (conformance 12)', async () => {
    const refused = { status: 401, json: { code: -2014, msg: 'API-key format invalid.' } };
    expect(await testOrder({ query: signed(withTime()), headers: {} })).toMatchObject(refused);
    expect(
      await testOrder({ query: signed(withTime()), headers: { 'X-MBX-APIKEY': "' or 1=1" } }),
    ).toMatchObject(refused);
  });

  it('an unknown key, and a key without the right to trade (conformance 13)', async () => {
    const refused = {
      status: 401,
      json: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
    };
    const headers = { 'X-MBX-APIKEY': 'u'.repeat(64) };
    expect(await testOrder({ query: signed(withTime()), headers })).toMatchObject(refused);
    expect(await exchange.readOnly.post('/api/v3/order', order)).toMatchObject(refused);
    expect(await exchange.readOnly.get('/api/v3/account')).toMatchObject({ status: 200 });
    expect(exchange.engine.commands.some(({ type }) => type === 'place')).toBe(false);
  });

  it('a request without timestamp or signature', async () => {
    const missing = (name: string) => ({
      code: -1102,
      msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
    });
    expect((await testOrder({ query: signed(form({ ...order })) })).json).toEqual(missing('timestamp'));
    expect((await testOrder({ query: withTime() })).json).toEqual(missing('signature'));
  });
});

describe('the time of a request', () => {
  const at = (timestamp: number, recvWindow?: string) =>
    testOrder({
      query: signed(withTime(recvWindow === undefined ? { timestamp } : { timestamp, recvWindow })),
    });

  beforeEach(() => {
    freezeClock(1_700_000_000_000);
  });

  it('may be less than a second ahead (conformance 14)', async () => {
    expect((await at(Date.now() + 999)).json).toEqual({});
    expect((await at(Date.now() + 1_000)).json).toEqual(AHEAD);
    expect((await at(Date.now() + 1_001)).json).toEqual(AHEAD);
  });

  it('may be as old as recvWindow, 5000 unless given (conformance 15)', async () => {
    expect((await at(Date.now() - 5_000)).json).toEqual({});
    expect((await at(Date.now() - 5_001)).json).toEqual(OUTSIDE);
    expect((await at(Date.now() - 100, '100')).json).toEqual({});
    expect((await at(Date.now() - 101, '100')).json).toEqual(OUTSIDE);
  });

  it('may be in microseconds, with a recvWindow to the microsecond (conformance 16)', async () => {
    const nowUs = Date.now() * 1_000;
    expect((await at(nowUs - 6_000_346, '6000.346')).json).toEqual({});
    expect((await at(nowUs - 6_000_347, '6000.346')).json).toEqual(OUTSIDE);
  });

  it('takes no recvWindow above a minute (conformance 17)', async () => {
    expect(await at(Date.now(), '60000')).toMatchObject({ status: 200 });
    expect(await at(Date.now(), '60001')).toMatchObject({
      status: 400,
      json: { code: -1102, msg: "'recvWindow' contains unexpected value. Cannot be greater than 60000." },
    });
  });
});
