/** Puts the service together. */
import type { Hono } from 'hono';
import { connectEngine, type EngineClient } from '#platform/engine-client.ts';
import type { ConfigOf } from '#platform/env.ts';
import { createLog, type Log } from '#platform/log.ts';
import { openRecognition } from '#platform/people-api/recognition.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { ReadBarrier } from '#platform/read-barrier.ts';
import { sealingKey } from '#platform/sealed-secret.ts';
import { openKeyRing } from '#platform/spot-api/key-ring.ts';
import { RequestWeights } from '#platform/spot-api/limits.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { openWindowCounters } from '#platform/spot-api/window-counters.ts';
import type { tracingVariables } from '#platform/tracing.ts';
import { createWalletApp } from './app.ts';
import { Assets, readTerms } from './assets.ts';
import type { config } from './config.ts';
import { migrations } from './migrations.ts';
import { readCustody } from './reconciliation/custody-side.ts';
import { scheduleReconciliation } from './reconciliation/schedule.ts';
import { scheduleReserves } from './reserves/schedule.ts';
import { SandboxChain } from './sandbox/chain.ts';
import { SandboxCustody } from './sandbox/custody.ts';
import { Worker } from './worker.ts';

/** A step holds one while it waits for the engine, and needs another for what it asks. */
const CONNECTIONS_MAX = 8;

export interface WalletStartDeps {
  /** Closed by whoever gives it; by default one of the service's own. */
  readonly engine?: EngineClient;
  readonly log?: Log;
}

export interface WalletService {
  readonly app: Hono;
  healthy(): boolean;
  /** Waits for the steps under way. */
  close(): Promise<void>;
}

/**
 * @throws {TermsError} when the terms of an asset cannot be.
 * @throws {SealError} when the encryption key is malformed.
 * @throws {MigrationError} when the schema cannot be brought up to date.
 * @throws {EngineUnavailable} when the engine stays away.
 */
export async function startWallet(
  values: Omit<ConfigOf<typeof config>, keyof typeof tracingVariables>,
  { engine: given, log = createLog('wallet') }: WalletStartDeps = {},
): Promise<WalletService> {
  const terms = readTerms(values.WALLET_TERMS);
  const secretsKey = sealingKey(values.API_KEY_ENCRYPTION_KEY);
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: CONNECTIONS_MAX });
  const engine = given ?? connectEngine(values.ENGINE_URL);
  const recognition = openRecognition(values, db);
  const keyRing = openKeyRing(db, { databaseUrl: values.DATABASE_URL, sealingKey: secretsKey, log });
  const counters = await openWindowCounters(values.REDIS_URL);
  const leave = async () => {
    await Promise.all([given === undefined ? engine.close() : undefined, recognition.close()]);
    await Promise.all([keyRing.close(), counters.close()]);
    await db.destroy();
  };
  try {
    await migrate(db, 'wallet', migrations);
    const listings = await Listings.load(engine);
    const chain = new SandboxChain(db);
    const custody = new SandboxCustody(chain);
    const assets = new Assets(listings, terms);
    const shared = { db, engine, assets, custody, log };
    const worker = new Worker(
      { ...shared, reorgPatienceMs: values.REORG_PATIENCE },
      values.POLL_INTERVAL,
      () => chain.mineWhenDue(values.SANDBOX_BLOCK_TIME),
    );
    const custodyDeps = { db, custody, assets, unbackedReference: values.UNBACKED_REFERENCE };
    const shownCustody = () => readCustody(custodyDeps);
    const reconciliation = scheduleReconciliation(
      { db, engine, readCustody: shownCustody },
      { intervalMs: values.RECONCILE_INTERVAL, log },
    );
    const reserves = scheduleReserves(
      { db, readCustody: shownCustody, assetOf: (id) => assets.listed(id) },
      { everyMs: values.RESERVES_INTERVAL, log },
    );
    const app = createWalletApp({
      ...recognition,
      ...shared,
      keys: keyRing.keys,
      keyUses: keyRing.keyUses,
      weights: new RequestWeights(counters, values.REQUEST_WEIGHT_PER_MINUTE),
      barrier: new ReadBarrier(db),
      coolDownMs: values.ADDRESS_COOL_DOWN,
      faucet: values.FAUCET === 'on' ? (payment) => chain.pay(payment) : undefined,
      trustedHops: values.TRUSTED_HOPS,
    });
    return {
      app,
      healthy: () => worker.healthy,
      close: async () => {
        await Promise.all([worker.close(), reconciliation.close(), reserves.close()]);
        listings.close();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
