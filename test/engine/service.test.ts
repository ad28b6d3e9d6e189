import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFrame } from '#domain/codec.ts';
import { ListingError } from '#domain/markets.ts';
import { listings } from '#environments/markets.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import { deposit } from '#test/support/engine.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await stop();
  await database.drop();
});

/** Closes the one that runs. */
let stop = async () => {};

/** Starts it anew, and waits until it leads. */
async function start(markets: unknown = listings) {
  await stop();
  const published: Uint8Array[] = [];
  const feed: Feed = {
    publish: (channel, message) => {
      expect(channel).toBe(EVENTS_CHANNEL);
      published.push(message);
    },
    subscribe: async () => async () => {},
    close: async () => {},
  };
  const engine = await startEngineService(database.url, { MARKETS: markets }, { feed });
  const client: EngineClient = connectEngine(engine.url);
  stop = async () => {
    stop = async () => {};
    await client.close();
    await engine.close();
  };
  await client.ask({ type: 'position' });
  return { client, published, address: new URL(engine.url).host };
}

/** What it lists, and the command with which its first leader begins. */
const LISTED = listings.assets.length + listings.markets.length + 1;

describe('an engine', () => {
  it('lists what MARKETS says at its first start, and only what is new at the next', async () => {
    const first = await start({ ...listings, markets: listings.markets.slice(1, 3) });
    expect(await first.client.ask({ type: 'position' })).toEqual({ seq: LISTED - 3, records: [] });
    const again = await start({ ...listings, markets: listings.markets.slice(1, 4) });
    const { seq, records } = await again.client.ask({ type: 'listings' });
    expect(seq).toBe(LISTED - 1);
    expect(records.map((record) => ('symbol' in record ? record.symbol : ''))).toEqual([
      ...listings.assets.map(() => ''),
      ...listings.markets.slice(1, 4).map(({ symbol }) => symbol),
      // Their status.
      ...listings.markets.slice(1, 4).map(() => ''),
    ]);
  });

  it('sets the rules that MARKETS has changed, and only those of markets that differ', async () => {
    await start();
    const [first, second, ...others] = listings.markets;
    const changed = {
      ...listings,
      markets: [
        { ...first, ordersMax: 7, positionMax: '5', breakerMovePpm: 0, takerFeePpm: 5 },
        { ...second, priceMax: '2000.00' },
        ...others,
      ],
    };
    const { client, published } = await start(changed);
    const { seq, records } = await client.ask({ type: 'listings' });
    expect(seq).toBe(LISTED + 3);
    const markets = records.filter(({ type }) => type === 'marketListed');
    expect(markets[0]).toMatchObject({
      symbol: 'BTCUSDT',
      ordersMax: 7,
      positionMax: 500_000_000,
      breakerMove: 0,
      takerFee: 5,
    });
    expect(markets[1]).toMatchObject({ symbol: 'ETHUSDT', priceMax: 2_000_000_000, ordersMax: 200 });
    const told = published.flatMap((bytes) => readFrame(bytes).records.map(({ message }) => message));
    expect(told.filter(({ type }) => type === 'marketRulesSet')).toMatchObject([
      { type: 'marketRulesSet', market: 0, ordersMax: 7 },
      { type: 'marketRulesSet', market: 1, priceMax: 2_000_000_000 },
    ]);
    const again = await start(changed);
    expect(await again.client.ask({ type: 'position' })).toEqual({ seq: LISTED + 4, records: [] });
    const back = await start();
    const { records: restored } = await back.client.ask({ type: 'listings' });
    expect(restored.filter(({ type }) => type === 'marketListed')).toMatchObject([
      { ordersMax: 200, positionMax: null, breakerMove: 200_000 },
      { priceMax: 1_000_000_000_000 },
      ...others.map(() => ({})),
    ]);
  });

  it.each([
    [{ tickSize: '0.10', priceMin: '0.10' }, 'tick: 100000 differs from 10000'],
    [{ lotSize: '0.0002', quantityMin: '0.0002' }, 'lot: 20000 differs from 10000'],
    [{ base: 'ETH' }, 'base: 2 differs from 1'],
    [{ quote: 'ETH', priceMax: '1000.00' }, 'quote: 2 differs from 0'],
    [{ symbol: 'XBTUSDT' }, 'symbol: XBTUSDT differs from BTCUSDT'],
  ])('refuses to start when MARKETS says otherwise of what cannot change: %j', async (change, fault) => {
    await start();
    const [first, ...others] = listings.markets;
    const changed = { ...listings, markets: [{ ...first, ...change }, ...others] };
    await expect(start(changed)).rejects.toThrow(
      `${fault}, as it was listed; it stays, so restore it or add a new entry`,
    );
    const { client } = await start();
    expect(await client.ask({ type: 'position' })).toEqual({ seq: LISTED + 1, records: [] });
  });

  it('refuses to start when MARKETS says otherwise of a listed asset', async () => {
    await start();
    const [first, ...others] = listings.assets;
    const changed = { ...listings, assets: [{ ...first, name: 'USDC' }, ...others] };
    const markets = listings.markets.map((market) =>
      market.quote === 'USDT' ? { ...market, quote: 'USDC' } : market,
    );
    await expect(start({ ...changed, markets })).rejects.toThrow('asset USDC: name: USDC differs from USDT');
  });

  it('refuses to start with rules that no market may have, and changes none', async () => {
    await start();
    const [first, ...others] = listings.markets;
    const changed = { ...listings, markets: [{ ...first, ordersMax: 0 }, ...others] };
    await expect(start(changed)).rejects.toThrow(
      new ListingError('market BTCUSDT: ordersMax: 0 is not from 1 to 10000'),
    );
    const { client } = await start();
    expect(await client.ask({ type: 'position' })).toEqual({ seq: LISTED + 1, records: [] });
  });

  it('refuses to start when MARKETS is malformed', async () => {
    await expect(start({ assets: [] })).rejects.toThrow(ListingError);
  });

  it('publishes each batch to the feed once it is committed', async () => {
    const { client, published } = await start();
    published.length = 0;
    await client.execute(deposit(1, 500, 'a'));
    await client.execute(deposit(1, 500, 'a'));
    expect(published.map((bytes) => readFrame(bytes))).toMatchObject([
      { firstSeq: LISTED + 1, lastSeq: LISTED + 1, records: [{}, {}] },
      { firstSeq: LISTED + 2, lastSeq: LISTED + 2, records: [] },
    ]);
  });

  it('explains itself to who comes without a WebSocket or without a position', async () => {
    const { address } = await start();
    expect((await fetch(`http://${address}/commands`)).status).toBe(426);
    expect((await fetch(`http://${address}/events`)).status).toBe(400);
  });
});
