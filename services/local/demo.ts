/** What makes the first screen useful: a demo user with funds and an API key, and bots that keep the books alive. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hono } from 'hono';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, Units } from '#domain/ids.ts';
import { parseDecimal } from '#domain/money.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Mailbox } from './mailbox.ts';
import { startMarketMaker } from './market-maker.ts';

/** What opening deposits are known by: no chain ever had them. */
export const OPENING_FUNDS = 'opening-funds';

const DEMO_FUNDS = { USDT: '100000', BTC: '2', ETH: '20', SOL: '500', XRP: '10000' };
const BOT_FUNDS = { USDT: '500000000', BTC: '10000', ETH: '200000', SOL: '4000000', XRP: '500000000' };

/** What a trader's bot needs to connect; the data directory's `client.json`, readable by its owner only. */
interface ClientFile {
  readonly baseUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly secret: string;
}

/** Whom a person may log in as on the trading screen, and find funds. */
interface DemoLogin {
  readonly email: string;
  readonly password: string;
}

export interface Demo {
  readonly client: ClientFile;
  readonly login: DemoLogin;
  close(): Promise<void>;
}

export interface DemoParts {
  /** The accounts service: the demo user signs up as anybody does. */
  readonly accounts: Hono;
  readonly mailbox: Mailbox;
  readonly engine: EngineClient;
  readonly dataDirectory: string;
  /** The password of the demo user and the bots. */
  readonly password: string;
  readonly address: string;
  readonly marketMakers: boolean;
  readonly onError: (error: unknown) => void;
}

/** Every step can be cut short and done again: funds carry a reference, and users are found by their address. */
export async function prepareDemo(parts: DemoParts): Promise<Demo> {
  const { records } = await parts.engine.ask({ type: 'listings' });
  const assets = records.filter((record) => record.type === 'assetListed');
  const markets = records.filter((record) => record.type === 'marketListed');
  const fund = async (account: AccountId, funds: Readonly<Record<string, string>>) => {
    const deposits = assets
      .filter((asset) => funds[asset.name] !== undefined)
      .map((asset) => openingDeposit(account, asset.asset, funds[asset.name]!, asset.scale));
    await Promise.all(deposits.map((deposit) => parts.engine.execute(deposit)));
  };
  const login = { email: 'demo@localhost.localdomain', password: parts.password };
  const user = await logIn(parts, login.email);
  await fund(user.account, DEMO_FUNDS);
  const client = await writeClientFile(parts, user.token);
  if (!parts.marketMakers) return { client, login, close: async () => {} };

  const maker = await logIn(parts, 'maker@localhost.localdomain');
  const taker = await logIn(parts, 'taker@localhost.localdomain');
  await fund(maker.account, BOT_FUNDS);
  await fund(taker.account, BOT_FUNDS);
  const bots = startMarketMaker({
    engine: parts.engine,
    maker: maker.account,
    taker: taker.account,
    assets,
    markets,
    onError: parts.onError,
  });
  return { client, login, close: bots.stop };
}

/** The same deposit at every start; the engine counts its reference once. */
function openingDeposit(
  account: AccountId,
  asset: CommandOf<'deposit'>['asset'],
  text: string,
  scale: number,
): CommandOf<'deposit'> {
  const amount = parseDecimal(text, scale);
  if (typeof amount === 'string') throw new Error(`opening funds ${text} at scale ${scale}: ${amount}`);
  return { type: 'deposit', account, asset, amount: amount as Units, reference: OPENING_FUNDS };
}

/** The user's account and an access token; signs up whoever does not exist yet. */
async function logIn(parts: DemoParts, email: string): Promise<{ account: AccountId; token: string }> {
  const credentials = { email, password: parts.password };
  let answer = await call(parts, 'POST', '/api/users/login', credentials);
  if (!answer.ok) {
    await expectOk(await call(parts, 'POST', '/api/users', credentials), `sign-up of ${email}`);
    answer = await call(parts, 'POST', '/api/users/login', credentials);
  }
  const { accessToken } = (await expectOk(answer, `login of ${email}`)) as { accessToken: string };
  const me = await expectOk(await call(parts, 'GET', '/api/users/me', undefined, accessToken), email);
  const { accountId, emailVerified } = me as { accountId: AccountId; emailVerified: boolean };
  if (!emailVerified) await verifyAddress(parts, email, accessToken);
  return { account: accountId, token: accessToken };
}

async function verifyAddress(parts: DemoParts, email: string, token: string): Promise<void> {
  const asked = await call(parts, 'POST', '/api/users/me/verification', {}, token);
  await expectOk(asked, `verification of ${email}`);
  const { text } = await parts.mailbox.mailTo(email);
  const mailed = { token: /#token=(\S+)/.exec(text)?.[1] };
  const verified = await call(parts, 'POST', '/api/users/verify-email', mailed);
  if (!verified.ok) throw new Error(`verification of ${email} failed: ${await verified.text()}`);
}

/** Keeps the key of an earlier start; the addresses are those of this one. */
async function writeClientFile(parts: DemoParts, token: string): Promise<ClientFile> {
  const file = join(parts.dataDirectory, 'client.json');
  const stored = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as ClientFile,
    () => undefined,
  );
  const created =
    stored ??
    (await expectOk(
      await call(parts, 'POST', '/api/users/me/api-keys', { label: 'demo', canTrade: true }, token),
      'API key of the demo user',
    ));
  const { apiKey, secret } = created as ClientFile;
  const client: ClientFile = {
    baseUrl: `http://${parts.address}`,
    wsUrl: `ws://${parts.address}`,
    apiKey,
    secret,
  };
  // Written beside and renamed: a crash leaves the old file or the new one, never half of one.
  await writeFile(`${file}.new`, `${JSON.stringify(client, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return client;
}

async function call(parts: DemoParts, method: string, path: string, body?: object, token?: string) {
  return parts.accounts.request(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function expectOk(response: Response, what: string): Promise<unknown> {
  if (!response.ok) throw new Error(`${what} failed with ${response.status}: ${await response.text()}`);
  return response.json();
}
