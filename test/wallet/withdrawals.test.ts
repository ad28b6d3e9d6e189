/** Withdrawals and transfers over HTTP: who may, how much, when; and what the custodian makes of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { newOrder } from '#test/support/commands.ts';
import { startTestWallet, type TestWallet } from './wallet-service.ts';

let wallet: TestWallet;
let operator: EnrolledUser;
let users = 0;
beforeAll(async () => {
  wallet = await startTestWallet();
  operator = await wallet.accounts.operator('operator@example.com');
}, 60_000);
afterAll(() => wallet.close());

/** Somebody new with half a bitcoin, less than one day's limit, and an address elsewhere. */
async function owner(btc = 50_000_000) {
  const user = await wallet.accounts.enrolledUser(`owner${++users}@example.com`);
  await wallet.engine.deposit(user.account, 1, btc);
  const { id } = await wallet.address(user, 'BTC');
  const withdraw = (amount: string, more = {}) =>
    wallet.call('POST', '/api/wallet/withdrawals', {
      token: user.token,
      body: { asset: 'BTC', amount, addressId: id, ...more },
    });
  const list = async () => (await wallet.call('GET', '/api/wallet/withdrawals', { token: user.token })).json;
  return { user, addressId: id, withdraw, list, balance: () => wallet.balance(user.account) };
}

const decide = (id: string, decision: 'approve' | 'reject', token = operator.token) =>
  wallet.call('POST', `/api/wallet/approvals/${id}/${decision}`, {
    token,
    body: decision === 'reject' ? { reason: 'looks odd' } : undefined,
  });

describe('a withdrawal', () => {
  it('is held, sent, and gone once the chain has it deep enough; its fee stays', async () => {
    const { withdraw, list, balance } = await owner();
    const made = await withdraw('0.1', { clientId: 'rent' });
    expect(made).toMatchObject({
      status: 201,
      json: { asset: 'BTC', amount: '0.10000000', fee: '0.00020000', status: 'approved', clientId: 'rent' },
    });
    expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
    await wallet.round();
    const [{ status, txId }] = await list();
    expect(status).toBe('sent');
    expect(await wallet.chain.find({ txId, output: 0 })).toMatchObject({ amount: 9_980_000 });
    await wallet.mine(2);
    expect(await list()).toMatchObject([{ status: 'sent' }]);
    expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
    const fees = (await wallet.balance(0)).available;
    await wallet.mine();
    expect(await list()).toMatchObject([{ status: 'completed', txId }]);
    expect(await balance()).toEqual({ available: 40_000_000, held: 0 });
    expect((await wallet.balance(0)).available - fees).toBe(20_000);
  });

  it('asked for again under its clientId is the same one, and another under it is refused', async () => {
    const { withdraw, balance } = await owner();
    const first = await withdraw('0.1', { clientId: 'x' });
    expect((await withdraw('0.1', { clientId: 'x' })).json.id).toBe(first.json.id);
    expect(await withdraw('0.11', { clientId: 'x' })).toMatchObject({
      status: 409,
      json: { code: 'CLIENT_ID_TAKEN' },
    });
    expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
  });

  it('asked for a hundred times at once under one clientId is one, and nobody waits for more than its hold', async () => {
    const { withdraw, balance } = await owner();
    const replies = await Promise.all(Array.from({ length: 100 }, () => withdraw('0.1', { clientId: 'x' })));
    expect(new Set(replies.map(({ json: { id, status } }) => `${id} ${status}`)).size).toBe(1);
    expect(replies[0]!.json.status).toBe('approved');
    expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
  });

  it('is refused below the least, above what there is, with too many decimals, and for nothing', async () => {
    const { withdraw } = await owner(10_000_000);
    for (const [amount, code] of [
      ['0.00099999', 'INVALID_FIELD'],
      ['0.000000001', 'INVALID_FIELD'],
      ['0', 'INVALID_FIELD'],
      ['-1', 'INVALID_FIELD'],
      ['9999999999999999', 'INVALID_FIELD'],
      ['0.10000001', 'INSUFFICIENT_BALANCE'],
    ])
      expect((await withdraw(amount!)).json).toMatchObject({ code, field: 'amount' });
  });

  it('needs a code of a moment ago, and two-factor at all', async () => {
    const { user, addressId } = await owner();
    const body = { asset: 'BTC', amount: '0.1', addressId };
    const withToken = (token: string) => wallet.call('POST', '/api/wallet/withdrawals', { token, body });
    const plain = await wallet.accounts.newUser(`plain${++users}@example.com`);
    expect((await withToken(plain.token)).json.code).toBe('TWO_FACTOR_IS_OFF');
    // As if the code had been given six minutes ago.
    await wallet.accounts.db
      .updateTable('accounts.sessions')
      .set({ otp_at: ((Date.now() - 360_000) * 1_000) as never })
      .where('account_id', '=', user.account as never)
      .execute();
    expect(await withToken(user.token)).toMatchObject({ status: 401, json: { code: 'STEP_UP_REQUIRED' } });
  });

  it('goes to an address of one’s own book only, of that asset, and not after it was removed', async () => {
    const { user, withdraw, addressId } = await owner();
    const other = await owner();
    const ether = await wallet.address(user, 'ETH');
    for (const id of [other.addressId, ether.id, '00000000-0000-4000-8000-000000000000'])
      expect(await withdraw('0.1', { addressId: id })).toMatchObject({
        status: 404,
        json: { code: 'UNKNOWN_ADDRESS' },
      });
    const remove = (token: string) => wallet.call('DELETE', `/api/wallet/addresses/${addressId}`, { token });
    expect((await remove(other.user.token)).status).toBe(404);
    expect((await remove(user.token)).status).toBe(204);
    expect((await withdraw('0.1')).json.code).toBe('UNKNOWN_ADDRESS');
    // It may be added again, and is new again.
    expect((await wallet.address(user, 'BTC')).id).not.toBe(addressId);
  });

  it('is called off by its owner until it is sent, and nobody else', async () => {
    const { user, withdraw, balance } = await owner();
    const stranger = await owner();
    const { id } = (await withdraw('0.1')).json;
    const cancel = (token: string) => wallet.call('DELETE', `/api/wallet/withdrawals/${id}`, { token });
    expect(await cancel(stranger.user.token)).toMatchObject({
      status: 404,
      json: { code: 'UNKNOWN_WITHDRAWAL' },
    });
    expect(await cancel(user.token)).toMatchObject({ status: 200, json: { status: 'canceled' } });
    expect(await balance()).toEqual({ available: 50_000_000, held: 0 });
    const sent = (await withdraw('0.1')).json.id;
    await wallet.round();
    const late = await wallet.call('DELETE', `/api/wallet/withdrawals/${sent}`, { token: user.token });
    expect(late).toMatchObject({ status: 409, json: { code: 'TOO_LATE' } });
  });

  it('of a frozen account waits, and goes on when it is not any more', async () => {
    const { user, withdraw, list } = await owner();
    await withdraw('0.1');
    const setFrozen = (at: number | null) =>
      wallet.accounts.db
        .updateTable('accounts.users')
        .set({ frozen_at: at as never })
        .where('account_id', '=', user.account as never)
        .execute();
    await setFrozen(1);
    await wallet.round();
    await setFrozen(null);
    expect(await list()).toMatchObject([{ status: 'approved' }]);
    await wallet.round();
    expect(await list()).toMatchObject([{ status: 'sent' }]);
  });

  it('that is asked for while the engine is away is held when it is back', async () => {
    const { withdraw, list, balance } = await owner();
    wallet.engine.unavailable = 'unsent';
    expect(await withdraw('0.1')).toMatchObject({ status: 201, json: { status: 'requested' } });
    wallet.engine.unavailable = undefined;
    await wallet.round();
    expect(await list()).toMatchObject([{ status: 'sent' }]);
    expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
  });
});

describe('an address', () => {
  it('that cannot be one is refused, and one that is there already', async () => {
    const { user } = await owner();
    const add = (address: string) =>
      wallet.call('POST', '/api/wallet/addresses', {
        token: user.token,
        body: { asset: 'BTC', address, label: 'x' },
      });
    const [{ address }] = (await wallet.call('GET', '/api/wallet/addresses', { token: user.token })).json;
    const mistyped = address.replace(/.$/, address.endsWith('0') ? '1' : '0');
    expect(await add(mistyped)).toMatchObject({ status: 400, json: { field: 'address' } });
    expect(await add('')).toMatchObject({ status: 400, json: { field: 'address' } });
    expect(await add(address)).toMatchObject({ status: 409, json: { code: 'ADDRESS_EXISTS' } });
  });

  it('is no use while it is new', async () => {
    const patient = await startTestWallet({ coolDownMs: 60_000 });
    try {
      const user = await patient.accounts.enrolledUser('patient@example.com');
      await patient.engine.deposit(user.account, 1, 50_000_000);
      const { id } = await patient.address(user, 'BTC');
      const body = { asset: 'BTC', amount: '0.1', addressId: id };
      const withdraw = () => patient.call('POST', '/api/wallet/withdrawals', { token: user.token, body });
      const early = await withdraw();
      expect(early).toMatchObject({ status: 409, json: { code: 'ADDRESS_COOLING_DOWN' } });
      expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(30);
      // As if a minute had gone by.
      await patient.accounts.db
        .updateTable('wallet.addresses')
        .set({ usable_at: 0 as never })
        .execute();
      expect((await withdraw()).status).toBe(201);
    } finally {
      await patient.close();
    }
  });
});

describe('a day’s limit', () => {
  it('counts withdrawals and transfers of 24 hours together, but not what stayed', async () => {
    const { user, withdraw } = await owner(200_000_000);
    const other = await owner();
    const transfer = (amount: string) =>
      wallet.call('POST', '/api/wallet/transfers', {
        token: user.token,
        body: { asset: 'BTC', amount, toAccount: other.user.account },
      });
    expect((await withdraw('0.15')).status).toBe(201);
    expect((await transfer('0.2')).status).toBe(201);
    const { id } = (await withdraw('0.15')).json;
    const over = await withdraw('0.001');
    expect(over).toMatchObject({ status: 409, json: { code: 'OVER_DAILY_LIMIT' } });
    expect(over.json.message).toContain('0.00000000 BTC');
    expect((await transfer('0.001')).json.code).toBe('OVER_DAILY_LIMIT');
    await wallet.call('DELETE', `/api/wallet/withdrawals/${id}`, { token: user.token });
    expect((await withdraw('0.15')).status).toBe(201);
    // A day later.
    const dayBefore = (Date.now() - 25 * 3_600_000) * 1_000;
    for (const table of ['wallet.withdrawals', 'wallet.transfers'] as const)
      await wallet.accounts.db
        .updateTable(table)
        .set({ created_at: dayBefore as never })
        .where('account_id', '=', user.account as never)
        .execute();
    expect((await withdraw('0.2')).status).toBe(201);
  });

  it('is higher in a higher tier, which an operator gives, to others', async () => {
    const { user, withdraw } = await owner(200_000_000);
    expect((await withdraw('0.51')).json.code).toBe('OVER_DAILY_LIMIT');
    const setTier = (account: number, token: string) =>
      wallet.call('PUT', `/api/wallet/accounts/${account}/tier`, { token, body: { tier: 1 } });
    expect((await setTier(user.account, user.token)).json.code).toBe('ROLE_REQUIRED');
    expect((await setTier(operator.account, operator.token)).json.code).toBe('OWN_LIMITS');
    expect((await setTier(2_000_000, operator.token)).json.code).toBe('UNKNOWN_ACCOUNT');
    expect((await setTier(user.account, operator.token)).status).toBe(204);
    expect((await withdraw('0.51')).status).toBe(201);
    const { json } = await wallet.call('GET', '/api/wallet/assets', { token: user.token });
    expect(json.find(({ asset }: { asset: string }) => asset === 'BTC')).toMatchObject({
      dailyMax: '5.00000000',
      leftToday: '4.49000000',
    });
  });
});

describe('a large withdrawal', () => {
  it('waits for an operator, and is sent when one approves', async () => {
    const { user, withdraw, list } = await owner();
    const { id, status } = (await withdraw('0.3')).json;
    expect(status).toBe('pending');
    await wallet.round();
    expect(await list()).toMatchObject([{ status: 'pending' }]);
    expect((await decide(id, 'approve', user.token)).json.code).toBe('ROLE_REQUIRED');
    const waiting = (await wallet.call('GET', '/api/wallet/approvals', { token: operator.token })).json;
    expect(waiting).toContainEqual(expect.objectContaining({ id, accountId: user.account }));
    expect((await decide(id, 'approve')).json.status).toBe('approved');
    expect(await decide(id, 'approve')).toMatchObject({ status: 409, json: { code: 'TOO_LATE' } });
    await wallet.mine(4);
    expect(await list()).toMatchObject([{ status: 'completed' }]);
  });

  it('that is rejected is available again, and says why', async () => {
    const { withdraw, list, balance } = await owner();
    const { id } = (await withdraw('0.3')).json;
    expect((await decide(id, 'reject')).json.status).toBe('rejected');
    expect(await list()).toMatchObject([{ status: 'rejected', reason: 'looks odd' }]);
    expect(await balance()).toEqual({ available: 50_000_000, held: 0 });
    expect((await decide(id, 'approve')).json.code).toBe('TOO_LATE');
  });

  it('of an operator is for another one to decide', async () => {
    await wallet.engine.deposit(operator.account, 1, 50_000_000);
    const { id: addressId } = await wallet.address(operator, 'BTC');
    const body = { asset: 'BTC', amount: '0.3', addressId };
    const { id } = (await wallet.call('POST', '/api/wallet/withdrawals', { token: operator.token, body }))
      .json;
    for (const decision of ['approve', 'reject'] as const)
      expect(await decide(id, decision)).toMatchObject({ status: 403, json: { code: 'OWN_WITHDRAWAL' } });
  });
});

describe('the custodian', () => {
  it.each([['refused'], ['dropped']] as const)('that has a send %s gives all of it back', async (fault) => {
    const { withdraw, list, balance } = await owner();
    await withdraw('0.1');
    wallet.custody.sendFaults.push(fault);
    await wallet.mine(5);
    expect(await list()).toMatchObject([{ status: 'failed' }]);
    expect(await balance()).toEqual({ available: 50_000_000, held: 0 });
  });

  it.each([['request lost'], ['answer lost']] as const)(
    'whose answer is unknown (%s) is asked again, and sends once',
    async (fault) => {
      const { withdraw, list, balance } = await owner();
      const { id } = (await withdraw('0.1')).json;
      wallet.custody.sendFaults.push(fault);
      await wallet.round();
      expect(await list()).toMatchObject([{ status: 'sending' }]);
      expect(await balance()).toEqual({ available: 40_000_000, held: 10_000_000 });
      await wallet.mine(4);
      expect(await list()).toMatchObject([{ status: 'completed' }]);
      const sent = await wallet.accounts.db
        .selectFrom('wallet.sandbox_outputs')
        .selectAll()
        .where('send_key', '=', id)
        .execute();
      expect(sent).toHaveLength(1);
      expect(await balance()).toEqual({ available: 40_000_000, held: 0 });
    },
  );

  it('whose chain loses the block waits until the next has it deep enough', async () => {
    const { withdraw, list } = await owner();
    await withdraw('0.1');
    await wallet.mine(2);
    await wallet.chain.reorganize(2);
    await wallet.mine(2);
    expect(await list()).toMatchObject([{ status: 'sent' }]);
    await wallet.mine(1);
    expect(await list()).toMatchObject([{ status: 'completed' }]);
  });
});

describe('a transfer', () => {
  it('arrives at once, and is listed by both', async () => {
    const { user, balance } = await owner();
    const other = await owner();
    const body = { asset: 'BTC', amount: '0.1', toAccount: other.user.account, clientId: 't' };
    const send = (body: object) => wallet.call('POST', '/api/wallet/transfers', { token: user.token, body });
    const made = await send(body);
    expect(made).toMatchObject({ status: 201, json: { status: 'completed', amount: '0.10000000' } });
    expect((await send(body)).json.id).toBe(made.json.id);
    expect((await send({ ...body, amount: '0.2' })).json.code).toBe('CLIENT_ID_TAKEN');
    expect(await balance()).toEqual({ available: 40_000_000, held: 0 });
    expect(await other.balance()).toEqual({ available: 60_000_000, held: 0 });
    const listOf = async (token: string) =>
      (await wallet.call('GET', '/api/wallet/transfers', { token })).json;
    expect(await listOf(user.token)).toMatchObject([{ id: made.json.id, clientId: 't' }]);
    expect(await listOf(other.user.token)).toMatchObject([{ id: made.json.id, clientId: null }]);
  });

  it('goes to another account that exists, of what there is', async () => {
    const { user } = await owner();
    const other = await owner();
    const send = async (toAccount: number, amount = '0.1') =>
      (
        await wallet.call('POST', '/api/wallet/transfers', {
          token: user.token,
          body: { asset: 'BTC', amount, toAccount },
        })
      ).json.code;
    expect(await send(user.account)).toBe('INVALID_FIELD');
    expect(await send(2_000_000)).toBe('UNKNOWN_ACCOUNT');
    expect(await send(0)).toBe('INVALID_FIELD');
    await wallet.engine.execute(
      newOrder({ account: user.account, market: 0, side: 'SELL', price: 9e10, quantity: 49_000_000 }),
    );
    expect(await send(other.user.account, '0.02')).toBe('INSUFFICIENT_BALANCE');
  });
});

describe('the faucet', () => {
  it('is closed unless it was opened', async () => {
    const { user } = await owner();
    const body = { asset: 'BTC', amount: '0.01' };
    const reply = await wallet.call('POST', '/api/wallet/faucet', { token: user.token, body });
    expect(reply).toMatchObject({ status: 403, json: { code: 'FAUCET_IS_OFF' } });
  });
});

describe('a hundred at once', () => {
  it('withdrawals, transfers and orders on one balance: exactly what fits succeeds', async () => {
    const { user, addressId, balance } = await owner(10_000_000);
    const other = await owner(0);
    const { token } = user;
    const amount = '0.007';
    const each = [
      async () => {
        const body = { asset: 'BTC', amount, addressId };
        return (await wallet.call('POST', '/api/wallet/withdrawals', { token, body })).status === 201;
      },
      async () => {
        const body = { asset: 'BTC', amount, toAccount: other.user.account };
        return (await wallet.call('POST', '/api/wallet/transfers', { token, body })).status === 201;
      },
      async () => {
        const order = newOrder({
          account: user.account,
          side: 'SELL',
          price: 90_000_000_000,
          quantity: 700_000,
        });
        return (await wallet.engine.execute(order)).rejection === null;
      },
    ];
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => each[index % 3]!()));
    // 0.1 / 0.007 = 14.3
    expect(outcomes.filter(Boolean)).toHaveLength(14);
    const { available, held } = await balance();
    const sent = (await other.balance()).available;
    expect(available).toBe(200_000);
    expect(available + held + sent).toBe(10_000_000);
    wallet.engine.matching.checkInvariants();
  });
});
