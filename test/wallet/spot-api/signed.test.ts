/** The wallet by API key: what a key needs to withdraw, where that goes, that each counts once; and what is told. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import { setTier } from '#services/wallet/standing.ts';
import { form, hmac, type Params, SignedClient, type Signer, send } from '#test/orders/signed-client.ts';
import { startTestWallet, type TestWallet } from '../wallet-service.ts';

const APPLY = '/sapi/v1/capital/withdraw/apply';
const HISTORY = '/sapi/v1/capital/withdraw/history';
const DEPOSITS = '/sapi/v1/capital/deposit/hisrec';
const DEPOSIT_ADDRESS = '/sapi/v1/capital/deposit/address';
const COINS = '/sapi/v1/capital/config/getall';
const ADDRESSES = '/sapi/v1/capital/withdraw/address/list';
const SECOND_US = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

let wallet: TestWallet;
let owners = 0;
beforeAll(async () => {
  wallet = await startTestWallet();
}, 60_000);
afterAll(() => wallet.close());

async function newKey(token: string, terms: object): Promise<Signer> {
  const body = { label: 'bot', ...terms };
  return (await wallet.accounts.call('POST', '/api/users/me/api-keys', { token, body })).json;
}

/** Somebody new with an address in the book, and a key that may withdraw from this machine. */
async function owner(btc = 50_000_000) {
  const user = await wallet.accounts.enrolledUser(`owner${++owners}@example.com`);
  const account = user.account as AccountId;
  await wallet.engine.deposit(account, 1, btc);
  const entry = await wallet.address(user, 'BTC', `elsewhere ${owners}`);
  const key = await newKey(user.token, { canWithdraw: true, ipAllowList: ['127.0.0.1'] });
  const bot = new SignedClient(wallet.app, key);
  const withdraw = (params: Params = {}) =>
    bot.post(APPLY, { coin: 'BTC', address: entry.address, amount: '0.001', ...params });
  return { user, account, entry, key, bot, withdraw, balance: () => wallet.balance(account) };
}

const setKey = (apiKey: string, terms: { ip_allow_list?: string[]; revoked_at?: TimeUs }) =>
  wallet.accounts.db.updateTable('accounts.api_keys').set(terms).where('api_key', '=', apiKey).execute();

/** Nobody hears of what changes meanwhile. */
async function untold(change: () => Promise<unknown>): Promise<void> {
  const { db } = wallet.accounts;
  await sql`alter table accounts.api_keys disable trigger tell_of_change`.execute(db);
  await change();
  await sql`alter table accounts.api_keys enable trigger tell_of_change`.execute(db);
}

describe('a key that withdraws', () => {
  it('needs the right to it, and is told how to get it', async () => {
    const { user, entry, balance } = await owner();
    for (const terms of [{}, { canTrade: true, ipAllowList: ['127.0.0.1'] }]) {
      const bot = new SignedClient(wallet.app, await newKey(user.token, terms));
      expect(await bot.post(APPLY, { coin: 'BTC', address: entry.address, amount: '0.001' })).toMatchObject({
        status: 401,
        json: {
          code: -2015,
          msg: 'Invalid API-key, IP, or permissions for action. This key may not withdraw: make one with canWithdraw.',
        },
      });
      // Reading is what every key may do.
      expect(await bot.get(HISTORY)).toMatchObject({ status: 200, json: [] });
    }
    expect(await balance()).toEqual({ available: 50_000_000, held: 0 });
  });

  it('needs an IP allow-list, however it came to be without one', async () => {
    const { key, bot, withdraw } = await owner();
    await setKey(key.apiKey, { ip_allow_list: [] });
    expect(await withdraw()).toMatchObject({
      status: 401,
      json: {
        code: -2015,
        msg: 'Invalid API-key, IP, or permissions for action. A key that withdraws needs an IP allow-list: make one with ipAllowList.',
      },
    });
    expect((await bot.get(HISTORY)).status).toBe(200);
  });

  it('works from its addresses alone, and says nothing to anybody else', async () => {
    const { key, entry } = await owner();
    const params = { coin: 'BTC', address: entry.address, amount: '0.001', timestamp: Date.now() };
    const payload = form(params);
    const query = `${payload}&signature=${hmac(key.secret, payload)}`;
    const headers = { 'X-MBX-APIKEY': key.apiKey };
    const from = (address: string) => send(wallet.app, 'POST', APPLY, { query, headers, address });
    expect(await from('198.51.100.9')).toMatchObject({
      status: 401,
      json: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
    });
    expect((await from('127.0.0.1')).status).toBe(200);
  });

  it('does so no more from the moment it is revoked, even if nobody was told', async () => {
    const { key, bot, withdraw } = await owner();
    expect((await bot.get(HISTORY)).status).toBe(200);
    await untold(() => setKey(key.apiKey, { revoked_at: 1 as TimeUs }));
    expect(await withdraw()).toMatchObject({ status: 401, json: { code: -2015 } });
  });

  it('of a frozen account does nothing', async () => {
    const { account, bot, withdraw, balance } = await owner();
    await wallet.accounts.db
      .updateTable('accounts.users')
      .set({ frozen_at: 1 as TimeUs })
      .where('account_id', '=', account)
      .execute();
    expect(await withdraw()).toMatchObject({ status: 401, json: { code: -2015 } });
    expect(await bot.get(HISTORY)).toMatchObject({ status: 401, json: { code: -2015 } });
    expect(await balance()).toEqual({ available: 50_000_000, held: 0 });
  });
});

describe('where it goes', () => {
  it('is an address of the account’s own book for that asset, and no other', async () => {
    const [mine, other] = [await owner(), await owner()];
    const ether = await wallet.address(mine.user, 'ETH', 'ether elsewhere');
    for (const address of [other.entry.address, ether.address, sandboxAddress('a thief')]) {
      const { status, json } = await mine.withdraw({ address });
      expect({ status, code: json.code }).toEqual({ status: 400, code: -4035 });
      expect(json.msg).toMatch(/^This address is not on the whitelist\. Please join and try again\. /);
    }
    expect((await mine.withdraw({ address: 'sandbox1' })).json.code).toBe(-4033);
    expect((await mine.withdraw({ address: '\u0000' })).json.code).toBe(-4033);
    expect((await mine.bot.get(ADDRESSES)).json).toEqual([
      {
        address: mine.entry.address,
        addressTag: '',
        coin: 'BTC',
        name: expect.stringMatching(/^elsewhere/),
        network: 'SANDBOX',
        origin: '',
        originType: 'others',
        whiteStatus: true,
      },
      expect.objectContaining({ coin: 'ETH', address: ether.address }),
    ]);
    expect(await mine.balance()).toEqual({ available: 50_000_000, held: 0 });
  });

  it('waits until a new address is one no more', async () => {
    const { bot, entry, withdraw } = await owner();
    const setUsableIn = (us: number) =>
      wallet.accounts.db
        .updateTable('wallet.addresses')
        .set({ usable_at: (Date.now() * 1_000 + us) as TimeUs })
        .where('id', '=', entry.id)
        .execute();
    await setUsableIn(5_400 * SECOND_US);
    const { status, json, headers } = await withdraw();
    expect({ status, json }).toEqual({
      status: 400,
      json: { code: -4036, msg: 'The new address needs to be withdrawn in 2 hours.' },
    });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(5_390);
    expect((await bot.get(ADDRESSES)).json[0].whiteStatus).toBe(false);
    await setUsableIn(0);
    expect((await withdraw()).status).toBe(200);
  });

  it('has one network, and no tags', async () => {
    const { withdraw } = await owner();
    expect((await withdraw({ network: 'ETH' })).json.code).toBe(-1130);
    expect((await withdraw({ addressTag: '7' })).json.code).toBe(-4106);
    expect((await withdraw({ network: 'SANDBOX', name: 'cold', walletType: 0 })).status).toBe(200);
    expect((await withdraw({ walletType: 1 })).json.code).toBe(-1130);
    expect((await withdraw({ coin: 'DOGE' })).json.code).toBe(-4018);
  });
});

it('weighs, and says so in the headers', async () => {
  const { bot, withdraw } = await owner();
  const used = async (reply: ReturnType<typeof withdraw>) =>
    Number((await reply).headers.get('x-mbx-used-weight-1m'));
  const before = await used(bot.get(HISTORY));
  const after = await used(withdraw());
  // Unless a minute began between the two.
  expect(after === 30 || after - before === 30).toBe(true);
});

describe('how much', () => {
  it('is bound as it is for people', async () => {
    const { account, withdraw } = await owner(60_000_000);
    const refusal = async (amount: string) => (await withdraw({ amount })).json.code;
    expect(await refusal('0.00099999')).toBe(-4022);
    expect(await refusal('0.000000001')).toBe(-1111);
    expect(await refusal('-1')).toBe(-1100);
    expect(await refusal('1e-3')).toBe(-1100);
    // The day's limit is half a bitcoin.
    expect((await withdraw({ amount: '0.50000001' })).json).toEqual({
      code: -4023,
      msg: 'Within 24 hours, the withdrawal exceeds the maximum amount. Within 24 hours no more than 0.50000000 BTC may leave now.',
    });
    await setTier(wallet.accounts.db, account, 1);
    expect(await refusal('0.60000001')).toBe(-4026);
  });

  it('above the limit waits for an operator', async () => {
    const { bot, withdraw, balance } = await owner();
    await withdraw({ amount: '0.3' });
    await wallet.round();
    expect((await bot.get(HISTORY)).json).toMatchObject([{ status: 2, amount: '0.29980000', txId: '' }]);
    expect(await balance()).toEqual({ available: 20_000_000, held: 30_000_000 });
  });
});

describe('a withdrawOrderId', () => {
  it('counts once, for people and bots together, whatever has become of the address', async () => {
    const { user, entry, withdraw, balance } = await owner();
    const body = { asset: 'BTC', amount: '0.001', addressId: entry.id, clientId: 'rent' };
    const made = await wallet.call('POST', '/api/wallet/withdrawals', { token: user.token, body });
    expect((await withdraw({ withdrawOrderId: 'rent' })).json).toEqual({ id: made.json.id });
    await wallet.call('DELETE', `/api/wallet/addresses/${entry.id}`, { token: user.token });
    expect((await withdraw({ withdrawOrderId: 'rent' })).json).toEqual({ id: made.json.id });
    expect((await withdraw({ withdrawOrderId: 'other' })).json.code).toBe(-4035);
    expect((await withdraw({ withdrawOrderId: 'rent', amount: '0.002' })).json.code).toBe(-4001);
    expect((await withdraw({ withdrawOrderId: 'no spaces' })).json.code).toBe(-1100);
    expect(await balance()).toEqual({ available: 49_900_000, held: 100_000 });
  });

  it('is one’s own: another account may have the same', async () => {
    const [one, other] = [await owner(), await owner()];
    const first = await one.withdraw({ withdrawOrderId: 'same' });
    const second = await other.withdraw({ withdrawOrderId: 'same' });
    expect(second.status).toBe(200);
    expect(second.json.id).not.toBe(first.json.id);
  });

  it('sent a hundred times at once withdraws once', async () => {
    const { bot, withdraw, balance } = await owner();
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => withdraw({ withdrawOrderId: 'once', amount: '0.01' })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ json }) => json.id)).size).toBe(1);
    expect((await bot.get(HISTORY)).json).toHaveLength(1);
    expect(await balance()).toEqual({ available: 49_000_000, held: 1_000_000 });
  }, 60_000);

  it('of its own for each of a hundred at once lets no more go than there is, nor than may', async () => {
    // Of what there is sixty could go, and of what may leave in a day fifty.
    const { bot, withdraw, balance } = await owner(60_000_000);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        withdraw({ withdrawOrderId: `each-${index}`, amount: '0.01' }),
      ),
    );
    const codes = replies.map(({ json }) => json.code ?? 0);
    expect(codes.filter((code) => code === 0)).toHaveLength(50);
    expect(codes.filter((code) => code === -4023)).toHaveLength(50);
    expect(await balance()).toEqual({ available: 10_000_000, held: 50_000_000 });
    const rows = (await bot.get(HISTORY)).json;
    expect(new Set(rows.map(({ id }: { id: string }) => id)).size).toBe(50);
    // Asked for again, each is what it was.
    const again = await withdraw({ withdrawOrderId: rows[0].withdrawOrderId, amount: '0.01' });
    expect(again.json).toEqual({ id: rows[0].id });
  }, 60_000);
});

describe('the history', () => {
  it('tells each as Binance does, and finds what is asked for', async () => {
    const { user, bot, entry, withdraw } = await owner();
    const rent = (await withdraw({ withdrawOrderId: 'rent' })).json.id;
    const called = (await withdraw({ amount: '0.002' })).json.id;
    await wallet.call('DELETE', `/api/wallet/withdrawals/${called}`, { token: user.token });
    await wallet.round();
    await wallet.mine(3);
    const idsOf = async (params: Params) => {
      const { status, json } = await bot.get(HISTORY, params);
      expect(status).toBe(200);
      return json.map(({ id }: { id: string }) => id);
    };
    expect((await bot.get(HISTORY, { status: 6 })).json).toEqual([
      {
        id: rent,
        amount: '0.00080000',
        transactionFee: '0.00020000',
        coin: 'BTC',
        status: 6,
        address: entry.address,
        txId: expect.stringMatching(/^[0-9a-f]{64}$/),
        applyTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        network: 'SANDBOX',
        transferType: 0,
        withdrawOrderId: 'rent',
        info: '',
        walletType: 0,
        completeTime: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    // The newest first.
    expect(await idsOf({})).toEqual([called, rent]);
    expect(await idsOf({ offset: 1, limit: 1 })).toEqual([rent]);
    expect(await idsOf({ status: 1 })).toEqual([called]);
    expect(await idsOf({ status: 0 })).toEqual([]);
    expect(await idsOf({ withdrawOrderId: 'rent' })).toEqual([rent]);
    expect(await idsOf({ idList: `${called},${rent}` })).toEqual([called, rent]);
    expect(await idsOf({ coin: 'ETH' })).toEqual([]);
    expect(await idsOf({ endTime: Date.now() - 60_000 })).toEqual([]);
    const startTime = Date.now() - 60_000;
    expect(await idsOf({ startTime, endTime: startTime + 90 * DAY_MS })).toEqual([called, rent]);
    const stranger = await owner();
    expect((await stranger.bot.get(HISTORY, { idList: rent })).json).toEqual([]);
  });

  it('refuses what it cannot mean', async () => {
    const { bot } = await owner();
    const codeOf = async (params: Params) => (await bot.get(HISTORY, params)).json.code;
    const now = Date.now();
    expect(await codeOf({ startTime: now - 91 * DAY_MS })).toBe(-4047);
    expect(await codeOf({ startTime: now, endTime: now - 1 })).toBe(-4047);
    expect(await codeOf({ status: 9 })).toBe(-1130);
    expect(await codeOf({ idList: 'x' })).toBe(-1130);
    expect(await codeOf({ limit: 0 })).toBe(-1130);
  });
});

describe('deposits', () => {
  it('are told by the numbers of Binance, and found by what is asked for', async () => {
    const { user, bot, account } = await owner();
    await wallet.fund(user, 'BTC', 1_000_000);
    const { json } = await bot.get(DEPOSITS);
    expect(json).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        amount: '0.01000000',
        coin: 'BTC',
        network: 'SANDBOX',
        status: 1,
        address: (await bot.get(DEPOSIT_ADDRESS, { coin: 'BTC' })).json.address,
        addressTag: '',
        txId: expect.stringMatching(/^[0-9a-f]{64}$/),
        insertTime: expect.any(Number),
        transferType: 0,
        confirmTimes: expect.stringMatching(/^\d+\/3$/),
        unlockConfirm: 3,
        walletType: 0,
      },
    ]);
    const [{ txId }] = json;
    expect((await bot.get(DEPOSITS, { txId, includeSource: 'true' })).json).toHaveLength(1);
    expect((await bot.get(DEPOSITS, { txId: txId.replace(/.$/, 'x') })).json).toEqual([]);
    expect((await bot.get(DEPOSITS, { txId: '\u0000' })).json.code).toBe(-1130);
    for (const [status, number] of [
      ['pending', 0],
      ['crediting', 0],
      ['missing', 6],
      ['reversing', 6],
      ['reversed', 2],
      ['gone', 2],
    ] as const) {
      await wallet.accounts.db
        .updateTable('wallet.deposits')
        .set({ status })
        .where('account_id', '=', account)
        .execute();
      expect((await bot.get(DEPOSITS, { status: number })).json).toMatchObject([{ txId, status: number }]);
      expect((await bot.get(DEPOSITS, { status: 1 })).json).toEqual([]);
    }
  });

  it('that vanished from their chain let nothing leave', async () => {
    const { account, user, withdraw } = await owner();
    await wallet.fund(user, 'BTC', 1_000_000);
    await wallet.accounts.db
      .updateTable('wallet.deposits')
      .set({ status: 'missing' })
      .where('account_id', '=', account)
      .execute();
    expect((await withdraw()).json).toEqual({
      code: -4015,
      msg: 'Withdraw is limited. A deposit of this account is missing from its chain: wait, or write to us.',
    });
  });
});

it('lists every asset with what the account has of it, and the terms of those that move', async () => {
  const { bot } = await owner();
  const { json } = await bot.get(COINS);
  const of = (name: string) => json.find(({ coin }: { coin: string }) => coin === name);
  expect(of('BTC')).toMatchObject({
    free: '0.50000000',
    locked: '0.00000000',
    depositAllEnable: true,
    withdrawAllEnable: true,
    networkList: [
      {
        network: 'SANDBOX',
        isDefault: true,
        withdrawFee: '0.00020000',
        withdrawMin: '0.00100000',
        withdrawMax: '0.50000000',
        withdrawIntegerMultiple: '0.00000001',
        minConfirm: 3,
        withdrawTag: false,
      },
    ],
  });
  expect(of('XRP')).toMatchObject({ free: '0.000000', networkList: [{ minConfirm: 1 }] });
});
