/** ccxt as it is, over HTTP on the services as they run: what it knows of deposits and withdrawals holds here. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import ccxt from 'ccxt';
import { Hono } from 'hono';
import type { AccountId } from '#domain/ids.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import type { Routes } from '#platform/routes.ts';
import { SandboxChain } from '#services/wallet/sandbox/chain.ts';
import { sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import { setTier } from '#services/wallet/standing.ts';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import {
  type PeopleExchange,
  routesOf,
  type ServiceName,
  startPeopleExchange,
} from '#test/support/people-exchange.ts';

const POLL_MS = 20;
const PATIENCE_MS = 20_000;
const ELSEWHERE = sandboxAddress('the cold wallet');

let exchange: PeopleExchange;
let chain: SandboxChain;
let owner: EnrolledUser;
let server: HttpServer;
let baseUrl: string;
beforeAll(async () => {
  exchange = await startPeopleExchange({ walletPollMs: POLL_MS });
  chain = new SandboxChain(exchange.accounts.db);
  server = await listen(front(exchange), { port: 0, host: '127.0.0.1' });
  baseUrl = `http://127.0.0.1:${server.port}`;
  owner = await exchange.accounts.enrolledUser('owner@example.com');
  const book = { asset: 'BTC', address: ELSEWHERE, label: 'cold' };
  await fetch(`${baseUrl}/api/wallet/addresses`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${owner.token}` },
    body: JSON.stringify(book),
  });
}, 60_000);
afterAll(async () => {
  await server.close();
  await exchange.close();
});

/** One address for all services: each gets what its routes declare, as from the load balancer. */
function front({ apps }: PeopleExchange): Hono {
  const app = new Hono();
  for (const [service, routes] of Object.entries(routesOf) as [ServiceName, Routes][])
    for (const { method, path } of Object.values(routes))
      app.on(method, path, ({ req, env }) => apps[service].fetch(req.raw, env));
  return app;
}

async function client(terms: object) {
  const body = { label: 'bot', ...terms };
  const made = await exchange.accounts.call('POST', '/api/users/me/api-keys', { token: owner.token, body });
  const { apiKey, secret } = made.json;
  return new ccxt.binance({
    apiKey,
    secret,
    urls: {
      api: {
        public: `${baseUrl}/api/v3`,
        private: `${baseUrl}/api/v3`,
        sapi: `${baseUrl}/sapi/v1`,
      },
    },
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
  });
}

/** Waits until it is so, with a block before each look if told to. */
async function until(holds: () => Promise<boolean>, { mining = false } = {}): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${holds}`);
    if (mining) await chain.mine();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

it('learns assets and terms, takes a deposit in, and lets it go by key', async () => {
  const binance = await client({ canWithdraw: true, ipAllowList: ['127.0.0.1'] });
  const currencies = await binance.fetchCurrencies();
  expect(currencies.BTC!.networks.SANDBOX).toMatchObject({
    id: 'SANDBOX',
    fee: 0.0002,
    precision: 1e-8,
    deposit: true,
    withdraw: true,
    limits: { withdraw: { min: 0.001, max: 0.5 } },
  });

  const { address, tag } = await binance.fetchDepositAddress('BTC');
  expect(tag).toBeUndefined();
  expect((await binance.fetchDepositAddress('BTC', { network: 'SANDBOX' })).address).toBe(address);
  const { txId } = await chain.pay({ asset: 'BTC', address: address!, amount: 100_000_000 as never });
  await chain.mine();
  await until(async () => (await binance.fetchDeposits('BTC')).length === 1);
  expect(await binance.fetchDeposits()).toMatchObject([
    {
      txid: txId,
      address,
      amount: 1,
      currency: 'BTC',
      network: 'SANDBOX',
      status: 'pending',
      internal: false,
    },
  ]);
  await until(async () => (await binance.fetchDeposits('BTC'))[0]!.status === 'ok', { mining: true });
  expect((await binance.fetchBalance()).BTC).toMatchObject({ free: 1, used: 0 });
  // As ccxt asks for a time: ninety days from there.
  const since = Date.now() - 60_000;
  expect(await binance.fetchDeposits('BTC', since, 1)).toHaveLength(1);
  expect(await binance.fetchDeposits('ETH', since)).toEqual([]);

  const made = await binance.withdraw('BTC', 0.1, ELSEWHERE, undefined, {
    network: 'SANDBOX',
    withdrawOrderId: 'rent',
  });
  const again = await binance.withdraw('BTC', 0.1, ELSEWHERE, undefined, { withdrawOrderId: 'rent' });
  expect(again.id).toBe(made.id);
  await until(async () => (await binance.fetchWithdrawals('BTC'))[0]!.status === 'ok', { mining: true });
  const [withdrawal, ...others] = await binance.fetchWithdrawals('BTC', since, 10);
  expect(others).toEqual([]);
  expect(withdrawal).toMatchObject({
    id: made.id,
    address: ELSEWHERE,
    amount: 0.0998,
    fee: { currency: 'BTC', cost: 0.0002 },
    network: 'SANDBOX',
    internal: false,
  });
  expect(Math.abs(withdrawal!.timestamp! - Date.now())).toBeLessThan(60_000);
  expect(await chain.find({ txId: withdrawal!.txid!, output: 0 })).toMatchObject({ amount: 9_980_000 });
  expect((await binance.fetchBalance()).BTC).toMatchObject({ free: 0.9, used: 0 });
}, 60_000);

it('refuses by the codes that ccxt takes for what they are, at the address of Binance', async () => {
  const binance = await client({ canWithdraw: true, ipAllowList: ['127.0.0.1'] });
  const reading = await client({ canTrade: true });
  // It looks at the host before it looks at these codes.
  const meaningOf = async (refused: Promise<unknown>) => {
    const { message } = await refused.then(
      () => ({ message: '{"code":0}' }),
      (error: Error) => error,
    );
    const { code } = JSON.parse(message.slice(message.indexOf('{')));
    return [code, binance.exceptions.spot.exact[String(code)] ?? binance.exceptions.exact[String(code)]];
  };
  const withdraw = (coin: string, amount: number, to = ELSEWHERE, params = {}) =>
    meaningOf(binance.withdraw(coin, amount, to, undefined, params));
  expect(await meaningOf(reading.withdraw('BTC', 0.1, ELSEWHERE))).toEqual([-2015, ccxt.AuthenticationError]);
  expect(await withdraw('BTC', 0.1, sandboxAddress('a thief'))).toEqual([-4035, ccxt.PermissionDenied]);
  expect(await withdraw('ETH', 1)).toEqual([-4035, ccxt.PermissionDenied]);
  expect(await withdraw('BTC', 0.1, 'nowhere')).toEqual([-4033, ccxt.BadRequest]);
  expect(await withdraw('BTC', 0.0001)).toEqual([-4022, ccxt.BadRequest]);
  expect(await withdraw('BTC', 0.45)).toEqual([-4023, ccxt.OperationRejected]);
  expect(await withdraw('BTC', 0.1, ELSEWHERE, { network: 'ERC20' })).toEqual([-1130, ccxt.BadRequest]);
  await setTier(exchange.accounts.db, owner.account as AccountId, 2);
  expect(await withdraw('BTC', 5)).toEqual([-4026, ccxt.InsufficientFunds]);
  const startTime = Date.now() - 200 * 24 * 60 * 60 * 1_000;
  expect(await meaningOf(binance.fetchDeposits('BTC', undefined, undefined, { startTime }))).toEqual([
    -4047,
    ccxt.BadRequest,
  ]);
});
