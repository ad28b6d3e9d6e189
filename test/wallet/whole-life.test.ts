/** A whole life on the services as they run, over HTTP: from the sign-up to the withdrawal that has arrived. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode, totpStep } from '#services/accounts/totp.ts';
import { SandboxChain } from '#services/wallet/sandbox/chain.ts';
import { sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import { fromBase32, PASSWORD } from '#test/accounts/accounts-service.ts';
import { form, hmac } from '#test/orders/signed-client.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { type PeopleExchange, type ServiceName, startPeopleExchange } from '#test/support/people-exchange.ts';

const POLL_MS = 20;
const PATIENCE_MS = 20_000;

let exchange: PeopleExchange;
let chain: SandboxChain;
beforeAll(async () => {
  exchange = await startPeopleExchange({ walletPollMs: POLL_MS });
  chain = new SandboxChain(exchange.accounts.db);
}, 60_000);
afterAll(() => exchange.close());

// biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
type Json = any;

async function call(
  service: ServiceName,
  method: string,
  path: string,
  token = '',
  body?: object,
): Promise<Json> {
  const response = await fetch(exchange.urls[service] + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
      // As behind the load balancer.
      'X-Forwarded-For': '198.51.100.7',
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  const json = text === '' ? null : JSON.parse(text);
  requireDescribed(service, method, path, response.status, json);
  return json;
}

/** Mines blocks until it is so. */
async function mineUntil(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > deadline) throw new Error('mined in vain');
    await chain.mine();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

class Somebody {
  readonly email: string;
  token = '';
  account = 0;
  #key: Buffer = Buffer.alloc(0);

  constructor(email: string) {
    this.email = email;
  }

  async signUp(): Promise<void> {
    await call('accounts', 'POST', '/api/users', '', { email: this.email, password: PASSWORD });
    const token = await exchange.accounts.mailedToken(this.email, 'Confirm');
    await call('accounts', 'POST', '/api/users/verify-email', '', { token });
    await this.#logIn({});
    this.account = (await this.accounts('GET', '/api/users/me')).accountId;
  }

  async turnTwoFactorOn(): Promise<void> {
    const { secret } = await this.accounts('POST', '/api/users/me/two-factor', { password: PASSWORD });
    this.#key = fromBase32(secret);
    await this.accounts('POST', '/api/users/me/two-factor/enable', { code: await this.#code() });
    await this.stepUp();
  }

  async stepUp(): Promise<void> {
    const { accessToken } = await this.accounts('POST', '/api/users/me/step-up', {
      code: await this.#code(),
    });
    this.token = accessToken;
  }

  async logInAgain(): Promise<void> {
    await this.#logIn({ code: await this.#code() });
  }

  accounts = (method: string, path: string, body?: object) =>
    call('accounts', method, path, this.token, body);
  wallet = (method: string, path: string, body?: object) =>
    call('wallet', method, `/api/wallet/${path}`, this.token, body);

  async #logIn(more: object): Promise<void> {
    const body = { email: this.email, password: PASSWORD, ...more };
    this.token = (await call('accounts', 'POST', '/api/users/login', '', body)).accessToken;
  }

  /** As if thirty seconds had passed since the last one. */
  async #code(): Promise<string> {
    await exchange.accounts.db.updateTable('accounts.two_factor').set({ last_step: 0 }).execute();
    return totpCode(this.#key, totpStep(Date.now()));
  }
}

async function order(key: { apiKey: string; secret: string }, params: Record<string, string | number>) {
  const payload = form({ symbol: 'BTCUSDT', ...params, timestamp: Date.now() });
  const url = `${exchange.urls.orders}/api/v3/order?${payload}&signature=${hmac(key.secret, payload)}`;
  const headers = { 'X-MBX-APIKEY': key.apiKey, 'X-Forwarded-For': '198.51.100.7' };
  return (await (await fetch(url, { method: 'POST', headers })).json()) as Json;
}

const SCALES = { BTC: 8, USDT: 6 } as const;
type AssetName = keyof typeof SCALES;

/** `-0.50000000` in units. */
function unitsOf(text: string, asset: AssetName): bigint {
  const [, sign, whole, decimals] = /^(-?)(\d+)\.(\d+)$/.exec(text) as unknown as string[];
  expect(decimals).toHaveLength(SCALES[asset]);
  return BigInt(`${sign}${whole}${decimals}`);
}

/** The lines of a statement's pages, found by their links, one behind the other. */
async function csvOf({ token }: Somebody, query: string): Promise<string[]> {
  let all = '';
  let path: string | undefined = `/api/wallet/statement?asset=BTC&format=csv&${query}`;
  while (path !== undefined) {
    const response: Response = await fetch(exchange.urls.wallet + path, {
      headers: { Authorization: `Bearer ${token}`, 'X-Forwarded-For': '198.51.100.7' },
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    all += await response.text();
    path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return all.split('\r\n').slice(0, -1);
}

/** All of a statement, page by page, and that it says what the engine does. */
async function statementOf(person: Somebody, asset: AssetName, from = 0): Promise<Json[]> {
  const to = Date.now() + 1_000;
  const movements: Json[] = [];
  let page: Json;
  do {
    const cursor = page === undefined ? '' : `&cursor=${page.next}`;
    page = await person.wallet('GET', `statement?asset=${asset}&from=${from}&to=${to}&limit=1${cursor}`);
    movements.push(...page.movements);
  } while (page.next !== null);
  const closing = movements.reduce(
    (balance, { amount, balance: after }) => {
      expect(unitsOf(after, asset)).toBe(balance + unitsOf(amount, asset));
      return unitsOf(after, asset);
    },
    unitsOf(page.opening, asset),
  );
  expect(unitsOf(page.closing, asset)).toBe(closing);
  const { records } = await exchange.engine.ask({ type: 'balances', account: person.account as never });
  const inEngine = records.map((record) =>
    record.type === 'balance' && record.asset === (asset === 'BTC' ? 1 : 0)
      ? record.available + record.held
      : 0,
  );
  expect(closing + unitsOf(page.inWithdrawals, asset)).toBe(
    BigInt(inEngine.reduce((sum, units) => sum + units, 0)),
  );
  return movements;
}

describe('a whole life', () => {
  it('signs up, deposits, trades and withdraws, and every unit is where it should be', async () => {
    const [alice, bob, operator] = ['alice', 'bob', 'operator'].map(
      (name) => new Somebody(`${name}@example.com`),
    );
    for (const person of [alice!, bob!, operator!]) {
      await person.signUp();
      await person.turnTwoFactorOn();
    }
    await exchange.accounts.db
      .updateTable('accounts.users')
      .set({ role: 'operator' })
      .where('email', '=', operator!.email)
      .execute();
    await operator!.logInAgain();

    // Alice brings a bitcoin, Bob the money for it.
    for (const [person, asset, amount] of [
      [alice!, 'BTC', 100_000_000],
      [bob!, 'USDT', 60_000_000_000],
    ] as const) {
      const { address } = await person.wallet('GET', `deposit-address?asset=${asset}`);
      await chain.pay({ asset, address, amount: amount as never });
      await mineUntil(async () => (await person.wallet('GET', 'balances')).length > 0);
    }
    expect(await alice!.wallet('GET', 'balances')).toEqual([
      { asset: 'BTC', available: '1.00000000', held: '0.00000000' },
    ]);

    // They trade half of it by keys that their address alone may use.
    const terms = { label: 'bot', canTrade: true, ipAllowList: ['198.51.100.0/24'] };
    const keys = [];
    for (const person of [alice!, bob!])
      keys.push(await person.accounts('POST', '/api/users/me/api-keys', terms));
    const limit = { type: 'LIMIT', timeInForce: 'GTC', quantity: '0.5', price: '50000' };
    expect((await order(keys[0], { ...limit, side: 'SELL' })).status).toBe('NEW');
    expect((await order(keys[1], { ...limit, side: 'BUY' })).status).toBe('FILLED');

    // Bob takes his out, less fees of 0.1 %; it is so much that an operator must approve.
    const asset = 'BTC';
    const book = { asset, address: sandboxAddress('the cold wallet of Bob'), label: 'cold' };
    const { id: addressId } = await bob!.wallet('POST', 'addresses', book);
    const made = await bob!.wallet('POST', 'withdrawals', { asset, amount: '0.4995', addressId });
    expect(made).toMatchObject({ status: 'pending', fee: '0.00020000' });
    // Held it is on neither side of the statement.
    const held = await statementOf(bob!, 'BTC');
    expect(held.at(-1)).toMatchObject({ event: 'withdrawalHeld', reference: `w:${made.id}` });
    const [waiting] = await operator!.wallet('GET', 'approvals');
    expect(waiting).toMatchObject({ id: made.id, accountId: bob!.account });
    await operator!.wallet('POST', `approvals/${made.id}/approve`);
    await mineUntil(async () => (await bob!.wallet('GET', 'withdrawals'))[0].status === 'completed');
    const [{ txId }] = await bob!.wallet('GET', 'withdrawals');
    expect(await chain.find({ txId, output: 0 })).toMatchObject({
      address: book.address,
      amount: 49_930_000,
    });

    // All together: what came in less what has left.
    expect(await bob!.wallet('GET', 'balances')).toEqual([
      { asset: 'USDT', available: '35000.000000', held: '0.000000' },
    ]);
    expect(await alice!.wallet('GET', 'balances')).toEqual([
      { asset: 'USDT', available: '24975.000000', held: '0.000000' },
      { asset: 'BTC', available: '0.50000000', held: '0.00000000' },
    ]);
    // Opening and movements make closing, and closing is what the engine says, to the unit.
    const statements = [];
    for (const person of [alice!, bob!])
      for (const name of ['BTC', 'USDT'] as const)
        statements.push(
          (await statementOf(person, name)).map(({ event, amount, fee }) => [event, amount, fee]),
        );
    expect(statements).toEqual([
      [
        ['deposited', '1.00000000', '0.00000000'],
        ['trade', '-0.50000000', '0.00000000'],
      ],
      [['trade', '24975.000000', '25.000000']],
      [
        ['trade', '0.49950000', '0.00050000'],
        ['withdrawalHeld', '-0.49950000', '0.00000000'],
      ],
      [
        ['deposited', '60000.000000', '0.000000'],
        ['trade', '-25000.000000', '0.000000'],
      ],
    ]);
    // It begins where one before it ends.
    const [, traded] = await statementOf(alice!, 'BTC');
    const range = `asset=BTC&from=${traded.time}&to=${traded.time}`;
    expect(await alice!.wallet('GET', `statement?${range}`)).toMatchObject({
      opening: '1.00000000',
      closing: '0.50000000',
      movements: [traded],
      next: null,
    });
    expect(await csvOf(alice!, 'from=0&to=4000000000000&limit=1')).toEqual([
      'time,event,amount,fee,balance,symbol,tradeId,reference',
      '1970-01-01T00:00:00.000Z,opening,,,0.00000000,,,',
      expect.stringMatching(/^20.*Z,deposited,1\.00000000,0\.00000000,1\.00000000,,,d:[\w-]+:1$/),
      expect.stringMatching(/^20.*Z,trade,-0\.50000000,0\.00000000,0\.50000000,BTCUSDT,\d+,$/),
      '2096-10-02T07:06:40.000Z,closing,,,0.50000000,,,',
    ]);

    const { records } = await exchange.engine.ask({ type: 'balances', account: 0 as never });
    // The fees of both sides of the trade, and of the withdrawal.
    expect(records.map((record) => record.type === 'balance' && [record.asset, record.available])).toEqual([
      [0, 25_000_000],
      [1, 50_000 + 20_000],
    ]);
    expect([...(await chain.holdings())]).toEqual(
      expect.arrayContaining([
        ['BTC', 100_000_000 - 49_930_000],
        ['USDT', 60_000_000_000],
      ]),
    );
  }, 120_000);
});
