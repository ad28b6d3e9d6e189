/** The wallet on a database of its own beside the accounts service, its chain and its rounds in the test's hands. */
import { Hono } from 'hono';
import type { AccountId } from '#domain/ids.ts';
import type { WalletTerms } from '#domain/wallet-terms.ts';
import { walletTerms } from '#environments/wallet.ts';
import { defaultsOf } from '#platform/env.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import { Assets } from '#services/wallet/assets.ts';
import { config } from '#services/wallet/config.ts';
import type { DepositDeps } from '#services/wallet/deposit-steps.ts';
import { SandboxChain } from '#services/wallet/sandbox/chain.ts';
import { SandboxCustody, sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import { startWallet } from '#services/wallet/service.ts';
import { workRound } from '#services/wallet/worker.ts';
import {
  type EnrolledUser,
  ISSUER,
  startTestAccounts,
  type TestAccounts,
} from '#test/accounts/accounts-service.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';

/** As good as never, and within what a timer can wait. */
const NEVER_MS = 2_000_000_000;
const UNLIMITED = 1_000_000_000;
export const BTC = 1;

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
  readonly json: any;
}

export interface TestWallet {
  readonly app: Hono;
  readonly accounts: TestAccounts;
  readonly engine: InProcessEngine;
  readonly chain: SandboxChain;
  readonly custody: SandboxCustody;
  readonly deps: DepositDeps;
  call(method: string, path: string, options?: { token?: string; body?: unknown }): Promise<Reply>;
  /** One look of the service at everything that is under way. */
  round(): Promise<void>;
  /** So many blocks, with a round after each. */
  mine(blocks?: number): Promise<void>;
  /** A deposit by the chain, credited and final. */
  fund(user: EnrolledUser, asset: string, amount: number): Promise<void>;
  /** An address of somebody elsewhere in the user's book, usable at once. */
  address(user: EnrolledUser, asset: string, name?: string): Promise<{ id: string; address: string }>;
  /** What the engine says, in units. */
  balance(account: number, asset?: number): Promise<{ available: number; held: number }>;
  close(): Promise<void>;
}

export interface TestWalletOptions {
  readonly terms?: WalletTerms;
  readonly coolDownMs?: number;
  readonly faucet?: 'on' | 'off';
}

export async function startTestWallet(options: TestWalletOptions = {}): Promise<TestWallet> {
  const accounts = await startTestAccounts({ sessions: 'PostgreSQL' });
  const keySet = await serveKeySet(accounts);
  const engine = await InProcessEngine.start();
  const terms = options.terms ?? walletTerms;
  const log = createLog('wallet', 'silent');
  const wallet = await startWallet(
    {
      ...defaultsOf(config),
      PORT: 0,
      REQUEST_WEIGHT_PER_MINUTE: UNLIMITED,
      ENGINE_URL: 'ws://127.0.0.1:1',
      DATABASE_URL: accounts.databaseUrl,
      API_KEY_ENCRYPTION_KEY: accounts.encryptionKey.toString('hex'),
      WALLET_TERMS: terms,
      ADDRESS_COOL_DOWN: options.coolDownMs ?? 0,
      POLL_INTERVAL: NEVER_MS,
      SANDBOX_BLOCK_TIME: NEVER_MS,
      FAUCET: options.faucet ?? 'off',
      JWKS_URL: `http://127.0.0.1:${keySet.port}${accountsRoutes.jwks.path}`,
      TOKEN_ISSUER: ISSUER,
    },
    { engine, log },
  );
  const listings = await Listings.load(engine);
  const { db } = accounts;
  const chain = new SandboxChain(db);
  const custody = new SandboxCustody(chain);
  const assets = new Assets(listings, terms);
  const deps: DepositDeps = { db, engine, custody, assets, reorgPatienceMs: NEVER_MS, log };

  const call: TestWallet['call'] = async (method, path, { token, body } = {}) => {
    const response = await wallet.app.request(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const json = text === '' ? null : JSON.parse(text);
    requireDescribed('wallet', method, path, response.status, json);
    return { status: response.status, headers: response.headers, json };
  };
  const round = () => workRound(deps);
  const mine = async (blocks = 1) => {
    for (let block = 0; block < blocks; block++) {
      await chain.mine();
      await round();
    }
  };
  const balance: TestWallet['balance'] = async (account, asset = BTC) => {
    const { records } = await engine.ask({ type: 'balances', account: account as AccountId });
    const found = records.find((record) => record.type === 'balance' && record.asset === asset);
    return found?.type === 'balance'
      ? { available: found.available, held: found.held }
      : { available: 0, held: 0 };
  };
  return {
    app: wallet.app,
    accounts,
    engine,
    chain,
    custody,
    deps,
    call,
    round,
    mine,
    balance,
    fund: async (user, asset, amount) => {
      const { json } = await call('GET', `/api/wallet/deposit-address?asset=${asset}`, { token: user.token });
      await chain.pay({ asset, address: json.address, amount: amount as never });
      for (let block = 0; block < 100; block++) await chain.mine();
      for (let rounds = 0; rounds < 2; rounds++) await round();
    },
    address: async (user, asset, name = 'somebody elsewhere') => {
      const body = { asset, address: sandboxAddress(name), label: name };
      const { json } = await call('POST', '/api/wallet/addresses', { token: user.token, body });
      return json;
    },
    close: async () => {
      await wallet.close();
      listings.close();
      await keySet.close();
      await accounts.close();
    },
  };
}

/** Where accounts publishes the keys of access tokens, as others reach it. */
async function serveKeySet(accounts: TestAccounts): Promise<HttpServer> {
  const { path } = accountsRoutes.jwks;
  const app = new Hono().get(path, async (context) =>
    context.json((await accounts.call('GET', path)).json as object),
  );
  return listen(app, { port: 0, host: '127.0.0.1' });
}
