import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFrame } from '#domain/codec.ts';
import { ListingError } from '#domain/markets.ts';
import { listings } from '#environments/markets.ts';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import { EVENTS_CHANNEL, type Feed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { startEngine } from '#services/engine/service.ts';
import { deposit } from '#test/support/engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { until } from '#test/support/until.ts';

let database: TestDatabase;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await database.drop();
});

async function start(markets: unknown = listings) {
  const published: Uint8Array[] = [];
  let exits = 0;
  const feed: Feed = {
    publish: (channel, message) => {
      expect(channel).toBe(EVENTS_CHANNEL);
      published.push(message);
    },
    subscribe: async () => async () => {},
    close: async () => {},
  };
  const engine = await startEngine(
    { PORT: 0, DATABASE_URL: database.url, REDIS_URL: '', MARKETS: markets, BATCH_COMMANDS_MAX: 1024 },
    { feed, log: createLog('engine', 'silent'), exit: () => exits++ },
  );
  const server = await listen(engine.app, { port: 0, host: '127.0.0.1' });
  const client: EngineClient = connectEngine(`ws://127.0.0.1:${server.port}`);
  closing.push(engine.close, server.close, () => client.close());
  return { client, published, exits: () => exits, address: `127.0.0.1:${server.port}` };
}

const LISTED = listings.assets.length + listings.markets.length;

describe('an engine', () => {
  it('lists what MARKETS says at its first start, and only what is new at the next', async () => {
    const first = await start({ ...listings, markets: listings.markets.slice(1, 3) });
    expect(await first.client.ask({ type: 'position' })).toEqual({ seq: LISTED - 3, records: [] });
    const again = await start({ ...listings, markets: listings.markets.slice(1, 4) });
    const { seq, records } = await again.client.ask({ type: 'listings' });
    expect(seq).toBe(LISTED - 2);
    expect(records.map((record) => ('symbol' in record ? record.symbol : ''))).toEqual([
      ...listings.assets.map(() => ''),
      ...listings.markets.slice(1, 4).map(({ symbol }) => symbol),
    ]);
  });

  it('refuses to start when MARKETS says otherwise of what is listed', async () => {
    await start();
    const [first, ...others] = listings.markets;
    const changed = { ...listings, markets: [{ ...first, ordersMax: 7 }, ...others] };
    await expect(start(changed)).rejects.toThrow(
      'market BTCUSDT: ordersMax: 7 differs from 200, as it was listed; what is listed stays',
    );
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

  it('leaves when another has taken over, with nothing executed', async () => {
    const old = await start();
    const next = await start();
    const lost = old.client.execute(deposit(1, 500, 'a')).catch(() => {});
    await until(() => old.exits() === 1);
    expect(await next.client.ask({ type: 'position' })).toMatchObject({ seq: LISTED });
    expect(await next.client.execute(deposit(1, 500, 'a'))).toMatchObject({
      seq: LISTED + 1,
      rejection: null,
    });
    await old.client.close();
    await lost;
  });

  it('explains itself to who comes without a WebSocket or without a position', async () => {
    const { address } = await start();
    expect((await fetch(`http://${address}/commands`)).status).toBe(426);
    expect((await fetch(`http://${address}/events`)).status).toBe(400);
  });
});
