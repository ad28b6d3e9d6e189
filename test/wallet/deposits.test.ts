/** Deposits on a chain that misbehaves in every way it can: what is credited is what stays, once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { advanceDeposit } from '#services/wallet/deposit-steps.ts';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { startTestWallet, type TestWallet } from './wallet-service.ts';

let wallet: TestWallet;
let users = 0;
beforeAll(async () => {
  wallet = await startTestWallet({ faucet: 'on' });
}, 60_000);
afterAll(() => wallet.close());

/** Somebody new, and where their bitcoins come in. */
async function depositor(): Promise<{ user: EnrolledUser; address: string }> {
  const user = await wallet.accounts.enrolledUser(`depositor${++users}@example.com`);
  const { json } = await wallet.call('GET', '/api/wallet/deposit-address?asset=BTC', { token: user.token });
  return { user, address: json.address };
}

const pay = (address: string, amount = 1_000_000, options = {}) =>
  wallet.chain.pay({ asset: 'BTC', address, amount: amount as never }, options);
const deposits = async ({ token }: EnrolledUser) =>
  (await wallet.call('GET', '/api/wallet/deposits', { token })).json;
const available = async ({ account }: EnrolledUser) => (await wallet.balance(account)).available;

describe('a deposit', () => {
  it('is shown as it comes, and credited with the block that its asset asks for', async () => {
    const { user, address } = await depositor();
    const { txId } = await pay(address);
    await wallet.round();
    expect(await deposits(user)).toMatchObject([
      { asset: 'BTC', amount: '0.01000000', address, txId, output: 0, status: 'pending', confirmations: 0 },
    ]);
    await wallet.mine(2);
    expect(await deposits(user)).toMatchObject([{ status: 'pending', confirmations: 2 }]);
    expect(await available(user)).toBe(0);
    await wallet.mine();
    expect(await deposits(user)).toMatchObject([{ status: 'credited', confirmations: 3 }]);
    expect(await available(user)).toBe(1_000_000);
    for (let block = 0; block < 97; block++) await wallet.chain.mine();
    await wallet.round();
    expect(await deposits(user)).toMatchObject([{ status: 'final', confirmations: 100 }]);
    expect(await available(user)).toBe(1_000_000);
  });

  it('that is announced twice, or again long after, is credited once', async () => {
    const { user, address } = await depositor();
    const output = await pay(address);
    await wallet.chain.announce(output);
    await wallet.mine(3);
    await wallet.chain.announce(output);
    await wallet.mine(5);
    await wallet.chain.announce(output);
    await wallet.mine();
    expect(await deposits(user)).toHaveLength(1);
    expect(await available(user)).toBe(1_000_000);
  });

  it('that is announced late is credited at once, if it is deep enough by then', async () => {
    const { user, address } = await depositor();
    const output = await pay(address, 5, { unannounced: true });
    await wallet.mine(10);
    expect(await deposits(user)).toEqual([]);
    await wallet.chain.announce(output);
    await wallet.round();
    expect(await available(user)).toBe(5);
  });

  it('of each of two outputs to the same address counts', async () => {
    const { user, address } = await depositor();
    await pay(address, 5);
    await pay(address, 5);
    await wallet.mine(3);
    expect(await available(user)).toBe(10);
  });

  it('to an address of nobody, or of another asset, is nobody’s', async () => {
    const { user, address } = await depositor();
    await pay('sandbox1nobody');
    await wallet.chain.pay({ asset: 'ETH', address, amount: 5 as never });
    await wallet.chain.pay({ asset: 'DOGE', address, amount: 5 as never });
    await wallet.mine(20);
    expect(await deposits(user)).toEqual([]);
  });

  it('is credited once although two processes look at the chain at the same time', async () => {
    const { user, address } = await depositor();
    await pay(address);
    await wallet.chain.mine();
    await wallet.chain.mine();
    await wallet.chain.mine();
    await Promise.all([wallet.round(), wallet.round(), wallet.round()]);
    await wallet.round();
    expect(await available(user)).toBe(1_000_000);
  });
});

describe('a reorganization', () => {
  it('before a deposit is credited makes it wait anew', async () => {
    const { user, address } = await depositor();
    await pay(address);
    await wallet.mine(2);
    await wallet.chain.reorganize(2);
    await wallet.round();
    expect(await deposits(user)).toMatchObject([{ status: 'pending', confirmations: 0 }]);
    await wallet.mine(2);
    expect(await available(user)).toBe(0);
    await wallet.mine();
    expect(await available(user)).toBe(1_000_000);
  });

  it('that takes a deposit away before it is credited leaves nothing, until it is on the chain after all', async () => {
    const { user, address } = await depositor();
    const output = await pay(address);
    await wallet.mine(2);
    await wallet.chain.reorganize(2, true);
    await wallet.mine(5);
    expect(await deposits(user)).toMatchObject([{ status: 'gone' }]);
    expect(await available(user)).toBe(0);
    await comeBack(output.txId);
    await wallet.chain.announce(output);
    await wallet.mine(4);
    expect(await available(user)).toBe(1_000_000);
  });

  it('of a credited deposit that comes back stops what leaves until it does, and changes nothing', async () => {
    const { user, address } = await depositor();
    const to = await wallet.address(user, 'BTC');
    await pay(address);
    await wallet.mine(4);
    await wallet.chain.reorganize(4);
    await wallet.round();
    expect(await deposits(user)).toMatchObject([{ status: 'missing' }]);
    const body = { asset: 'BTC', amount: '0.002', addressId: to.id };
    const refused = await wallet.call('POST', '/api/wallet/withdrawals', { token: user.token, body });
    expect(refused).toMatchObject({ status: 409, json: { code: 'SUSPENDED' } });
    await wallet.mine();
    expect(await deposits(user)).toMatchObject([{ status: 'credited', confirmations: 1 }]);
    expect(await available(user)).toBe(1_000_000);
    expect((await wallet.call('POST', '/api/wallet/withdrawals', { token: user.token, body })).status).toBe(
      201,
    );
  });

  it('that takes a credited deposit away takes back what is available, and the rest when there is some', async () => {
    const { user, address } = await depositor();
    const other = await depositor();
    const output = await pay(address);
    await wallet.mine(3);
    const body = { asset: 'BTC', amount: '0.004', toAccount: other.user.account };
    const sent = await wallet.call('POST', '/api/wallet/transfers', { token: user.token, body });
    expect(sent.status).toBe(201);
    await wallet.chain.reorganize(3, true);
    await wallet.mine(2);
    expect(await deposits(user)).toMatchObject([{ status: 'reversing' }]);
    expect(await available(user)).toBe(0);
    // The rest comes by an ordinary deposit, and is taken too.
    await pay(address, 1_000_000);
    await wallet.mine(4);
    expect(await available(user)).toBe(600_000);
    const gone = (await deposits(user)).find(({ txId }: { txId: string }) => txId === output.txId);
    expect(gone.status).toBe('reversed');
    // On the chain after all, it is credited again.
    await comeBack(output.txId);
    await wallet.chain.announce(output);
    await wallet.mine(4);
    expect(await available(user)).toBe(1_600_000);
  });

  it('that takes what the account cannot cover stops all that leaves it, until an operator releases it', async () => {
    const operator = await wallet.accounts.operator('operator@example.com');
    const { user, address } = await depositor();
    const other = await depositor();
    const { token } = user;
    await wallet.fund(user, 'ETH', 5_000_000_000);
    const { txId } = await pay(address);
    await wallet.mine(3);
    const transfer = (asset: string, amount: string) =>
      wallet.call('POST', '/api/wallet/transfers', {
        token,
        body: { asset, amount, toAccount: other.user.account },
      });
    expect((await transfer('BTC', '0.004')).status).toBe(201);
    const to = await wallet.address(user, 'ETH');
    const withdraw = () =>
      wallet.call('POST', '/api/wallet/withdrawals', {
        token,
        body: { asset: 'ETH', amount: '1', addressId: to.id },
      });
    const { json: before } = await withdraw();
    await wallet.chain.reorganize(3, true);
    await wallet.round();
    const suspended = { status: 409, json: { code: 'SUSPENDED' } };
    for (const refused of [await withdraw(), await transfer('ETH', '1')])
      expect(refused).toMatchObject(suspended);
    const statusOf = async () =>
      (await wallet.call('GET', '/api/wallet/withdrawals', { token })).json.find(
        ({ id }: { id: string }) => id === before.id,
      ).status;
    expect(await statusOf()).toBe('approved');
    const listed = async () =>
      (await wallet.call('GET', '/api/wallet/lost-deposits', { token: operator.token })).json.filter(
        ({ accountId }: { accountId: number }) => accountId === user.account,
      );
    const lostAt = expect.any(Number);
    expect(await listed()).toMatchObject([{ txId, status: 'reversing', owed: '0.00400000', lostAt }]);

    // That the rest comes in does not release it.
    await pay(address, 400_000);
    await wallet.mine(4);
    expect(await listed()).toMatchObject([{ status: 'reversed', owed: '0.00000000' }]);
    expect(await withdraw()).toMatchObject(suspended);
    const [{ id }] = await listed();
    const release = (as: EnrolledUser) =>
      wallet.call('POST', `/api/wallet/lost-deposits/${id}/release`, {
        token: as.token,
        body: { reason: 'has paid' },
      });
    expect((await release(user)).status).toBe(403);
    expect((await release(operator)).status).toBe(200);
    expect(await release(operator)).toMatchObject({ status: 404, json: { code: 'UNKNOWN_DEPOSIT' } });
    expect(await listed()).toEqual([]);
    expect((await transfer('ETH', '1')).status).toBe(201);
    await wallet.round();
    expect(await statusOf()).toBe('sent');
    expect(
      await wallet.accounts.db
        .selectFrom('wallet.deposits')
        .select(['released_by', 'release_reason'])
        .where('id', '=', id)
        .executeTakeFirst(),
    ).toEqual({ released_by: operator.account, release_reason: 'has paid' });
  });

  it('that takes a deposit away stops a transfer that waits for the engine too, until it is back', async () => {
    const { user, address } = await depositor();
    const other = await depositor();
    const { token } = user;
    await pay(address);
    await wallet.mine(3);
    const body = { asset: 'BTC', amount: '0.004', toAccount: other.user.account };
    wallet.engine.unavailable = 'unsent';
    const { json } = await wallet.call('POST', '/api/wallet/transfers', { token, body });
    wallet.engine.unavailable = undefined;
    expect(json.status).toBe('requested');
    const status = async () => (await wallet.call('GET', '/api/wallet/transfers', { token })).json[0].status;
    await wallet.chain.reorganize(3);
    await wallet.round();
    expect(await status()).toBe('requested');
    expect(await available(user)).toBe(1_000_000);
    await wallet.mine();
    expect(await status()).toBe('completed');
    expect(await available(user)).toBe(600_000);
  });

  it('that takes what the account covers is not for an operator', async () => {
    const { user, address } = await depositor();
    await wallet.fund(user, 'ETH', 5_000_000_000);
    await pay(address);
    await wallet.mine(3);
    await wallet.chain.reorganize(3, true);
    await wallet.round();
    expect((await deposits(user))[0]).toMatchObject({ asset: 'BTC', status: 'reversed' });
    const to = await wallet.address(user, 'ETH');
    const body = { asset: 'ETH', amount: '1', addressId: to.id };
    expect((await wallet.call('POST', '/api/wallet/withdrawals', { token: user.token, body })).status).toBe(
      201,
    );
  });

  it('that takes a lost deposit back again stops the account again', async () => {
    const { user, address } = await depositor();
    const other = await depositor();
    const output = await pay(address);
    await wallet.mine(3);
    const { token } = user;
    const body = { asset: 'BTC', amount: '0.01', toAccount: other.user.account };
    expect((await wallet.call('POST', '/api/wallet/transfers', { token, body })).status).toBe(201);
    await wallet.chain.reorganize(3, true);
    await wallet.round();
    const lost = () =>
      wallet.accounts.db
        .selectFrom('wallet.deposits')
        .select(['status', 'lost_at', 'released_at'])
        .where('tx_id', '=', output.txId)
        .executeTakeFirstOrThrow();
    expect(await lost()).toMatchObject({ status: 'reversing', released_at: null });
    await wallet.accounts.db
      .updateTable('wallet.deposits')
      .set({ released_at: 1 as never })
      .where('tx_id', '=', output.txId)
      .execute();
    await pay(address);
    await wallet.mine(4);
    expect((await lost()).status).toBe('reversed');
    await comeBack(output.txId);
    await wallet.chain.announce(output);
    await wallet.mine(4);
    expect(await lost()).toEqual({ status: 'credited', lost_at: null, released_at: null });
  });

  it('that keeps a credited deposit away for too long has it taken back', async () => {
    const { user, address } = await depositor();
    await pay(address);
    await wallet.mine(3);
    await wallet.chain.reorganize(3);
    await wallet.round();
    const impatient = { ...wallet.deps, reorgPatienceMs: 0 };
    await advanceDeposit(impatient, (await deposits(user))[0].id);
    expect(await deposits(user)).toMatchObject([{ status: 'reversed' }]);
    expect(await available(user)).toBe(0);
  });
});

describe('the faucet', () => {
  it('gives by the chain, up to a limit', async () => {
    const { user } = await depositor();
    const { token } = user;
    const ask = (amount: string) =>
      wallet.call('POST', '/api/wallet/faucet', { token, body: { asset: 'BTC', amount } });
    expect(await ask('0.11')).toMatchObject({
      status: 400,
      json: { code: 'INVALID_FIELD', field: 'amount' },
    });
    expect((await ask('0.1')).status).toBe(202);
    await wallet.mine(4);
    expect(await available(user)).toBe(10_000_000);
  });

  it('gives no more than a day’s limit, however many ask at once, of each asset and to each account', async () => {
    const { user } = await depositor();
    const other = await depositor();
    const ask = ({ token }: EnrolledUser, asset: string, amount: string) =>
      wallet.call('POST', '/api/wallet/faucet', { token, body: { asset, amount } });
    const replies = await Promise.all(Array.from({ length: 50 }, () => ask(user, 'BTC', '0.06')));
    const refused = replies.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(42);
    for (const reply of refused)
      expect(reply).toMatchObject({
        status: 409,
        json: {
          code: 'OVER_FAUCET_LIMIT',
          field: 'amount',
          message: expect.stringContaining('0.02000000 BTC'),
        },
      });
    await wallet.mine(4);
    expect(await available(user)).toBe(8 * 6_000_000);
    expect((await ask(user, 'BTC', '0.02')).status).toBe(202);
    expect((await ask(user, 'BTC', '0.00000001')).status).toBe(409);
    expect((await ask(user, 'ETH', '1')).status).toBe(202);
    expect((await ask(other.user, 'BTC', '0.1')).status).toBe(202);
    // A day later it gives again.
    await wallet.accounts.db
      .updateTable('wallet.gifts')
      .set((gift) => ({ given_at: sql`${gift.ref('given_at')} - 86400000000` }))
      .execute();
    expect((await ask(user, 'BTC', '0.1')).status).toBe(202);
  });
});

/** The branch that won is not the last one: what it had pushed aside is mined again. */
async function comeBack(txId: string): Promise<void> {
  await wallet.accounts.db
    .updateTable('wallet.sandbox_outputs')
    .set({ is_gone: false })
    .where('tx_id', '=', txId)
    .execute();
  await wallet.chain.mine();
}
