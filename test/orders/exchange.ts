/** The orders service over a real matching engine in this process, with accounts that can sign. */
import { createSecretKey } from 'node:crypto';
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import type { Listings as Listed } from '#domain/markets.ts';
import { listings as environmentListings } from '#environments/markets.ts';
import type { Database } from '#platform/database.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { IpAllowList } from '#platform/ip-allow-list.ts';
import { createLog } from '#platform/log.ts';
import type { Recognition } from '#platform/people-api/authenticate.ts';
import { openDatabase } from '#platform/postgres.ts';
import { ReadBarrier } from '#platform/read-barrier.ts';
import type { ApiKey, ApiKeys } from '#platform/spot-api/api-keys.ts';
import { ConnectionCounts, OrderCounts, RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { createOrdersApp } from '#services/orders/app.ts';
import { KeyWatch } from '#services/orders/key-watch.ts';
import { ListNames } from '#services/orders/user-data/list-names.ts';
import { ListenKeyStreams } from '#services/orders/user-data/listen-key-streams.ts';
import { ListenKeys } from '#services/orders/user-data/listen-keys.ts';
import { UserStreams } from '#services/orders/user-data/user-streams.ts';
import type { Connection } from '#services/orders/websocket-api/connection.ts';
import { marketDataAt } from '#services/orders/websocket-api/market-data.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import { frameOf } from './history.ts';
import { SignedClient, type Signer } from './signed-client.ts';

export const ALICE = 1 as AccountId;
const BOB = 2 as AccountId;
/** The key that the dialect's documentation signs its examples with: it belongs to Alice. */
export const DOCUMENTED: Signer = {
  apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
  secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
};
export const BOBS: Signer = { apiKey: 'b'.repeat(64), secret: 'bob-secret' };
/** Alice's too, without the right to trade. */
export const READ_ONLY: Signer = { apiKey: 'r'.repeat(64), secret: 'read-only-secret' };

const USDT = 0;
const BTC = 1;

/** The environments' markets, which no jump of the price halts. */
const jumpyListings: Listed = {
  ...environmentListings,
  markets: environmentListings.markets.map((market) => ({ ...market, breakerMovePpm: 0 })),
};

export interface TestExchange {
  readonly app: Hono;
  readonly engine: InProcessEngine;
  readonly alice: SignedClient;
  readonly bob: SignedClient;
  readonly readOnly: SignedClient;
  readonly connections: Set<Connection>;
  readonly userStreams: UserStreams;
  /** Takes a key's right to do anything away, and tells whoever watches it. */
  revoke(apiKey: string): void;
  /** Lets Bob and Alice trade 0.001 BTC at `price`, so that it is the last one. */
  tradeAt(price: number): Promise<void>;
  close(): Promise<void>;
}

export interface TestExchangeOptions {
  readonly listings?: Listed;
  /** Needed by what reads history. */
  readonly db?: Kysely<Database>;
  readonly onCommitted?: (outcome: Outcome) => Promise<void>;
  readonly weightPerMinute?: number;
  readonly ordersPer10Seconds?: number;
  readonly ordersPerDay?: number;
  /** Where public data is asked for. */
  readonly marketDataUrl?: string;
  /** Keys beside the usual ones. */
  readonly keys?: Readonly<Record<string, ApiKey>>;
}

/** Alice and Bob have 1,000,000 USDT and 10 BTC each. */
export async function startTestExchange(options: TestExchangeOptions = {}): Promise<TestExchange> {
  let userStreams: UserStreams | undefined;
  const engine = await InProcessEngine.start(options.listings ?? jumpyListings, async (outcome) => {
    await options.onCommitted?.(outcome);
    await userStreams?.take(frameOf(outcome));
  });
  for (const account of [ALICE, BOB]) {
    await engine.deposit(account, USDT, 1_000_000_000_000);
    await engine.deposit(account, BTC, 1_000_000_000);
  }
  const listings = await Listings.load(engine);
  // Nothing connects until the first query.
  const db = options.db ?? openDatabase('postgres://127.0.0.1:1/none', { connectionsMax: 1 });
  const counters = new ProcessCounters();
  const log = createLog('orders', 'silent');
  const barrier = new ReadBarrier(db);
  userStreams = new UserStreams(listings, new ListNames({ db, barrier, log }));
  const keys = testKeys(options.keys);
  const keyWatch = new KeyWatch(keys, log);
  const listenKeys = new ListenKeys(db, Buffer.alloc(32, 1));
  const connections = new Set<Connection>();
  const app = createOrdersApp({
    engine,
    listings,
    db,
    barrier,
    keys,
    keyUses: { note: () => {} },
    keyWatch,
    userStreams,
    listenKeys,
    listenKeyStreams: new ListenKeyStreams({ listenKeys, userStreams, keyWatch, log }),
    connections,
    connectionCounts: new ConnectionCounts(counters, 300),
    transactions: { of: async () => [] },
    marketData: marketDataAt(options.marketDataUrl ?? 'http://127.0.0.1:9'),
    ...nobody,
    log,
    trustedHops: 0,
    weights: new RequestWeights(counters, options.weightPerMinute ?? 6_000),
    orderCounts: new OrderCounts(counters, {
      per10Seconds: options.ordersPer10Seconds ?? 50,
      perDay: options.ordersPerDay ?? 160_000,
    }),
  });
  const [alice, bob] = [new SignedClient(app, DOCUMENTED), new SignedClient(app, BOBS)];
  return {
    app,
    engine,
    alice,
    bob,
    connections,
    userStreams,
    revoke: (apiKey) => {
      keys.revoked.add(apiKey);
      keyWatch.check(apiKey);
    },
    tradeAt: async (price) => {
      await bob.order({ side: 'SELL', quantity: '0.001', price });
      const { json } = await alice.order({ side: 'BUY', quantity: '0.001', price });
      if (json.status !== 'FILLED') throw new Error(`no trade at ${price}: ${JSON.stringify(json)}`);
    },
    readOnly: new SignedClient(app, READ_ONLY),
    close: async () => listings.close(),
  };
}

/** No test here sends a token: `test/orders/people.test.ts` has a whole exchange for that. */
const nobody: Recognition = {
  tokens: { read: async () => undefined },
  sessions: { find: async () => undefined },
  findPerson: async () => undefined,
};

function testKeys(others: Readonly<Record<string, ApiKey>> = {}) {
  const terms = { canWithdraw: false, allowList: new IpAllowList([]) };
  const entry = ({ apiKey, secret }: Signer, account: AccountId, canTrade: boolean) =>
    [apiKey, { ...terms, account, canTrade, verifier: createSecretKey(secret, 'utf8') }] as const;
  const keys = new Map<string, ApiKey>([
    entry(DOCUMENTED, ALICE, true),
    entry(BOBS, BOB, true),
    entry(READ_ONLY, ALICE, false),
    ...Object.entries(others),
  ]);
  const revoked = new Set<string>();
  const find: ApiKeys['find'] = async (apiKey) => (revoked.has(apiKey) ? undefined : keys.get(apiKey));
  return { find, forget: () => {}, revoked };
}
