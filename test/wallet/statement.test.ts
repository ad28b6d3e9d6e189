/** The statement of an account: never less than was acknowledged, and nothing of anybody else's. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { projectLedger } from './projected-ledger.ts';
import { startTestWallet, type TestWallet } from './wallet-service.ts';

let wallet: TestWallet;
let user: EnrolledUser;
let catchUp: () => Promise<void>;
beforeAll(async () => {
  wallet = await startTestWallet();
  user = await wallet.accounts.enrolledUser('user@example.com');
  catchUp = await projectLedger(wallet);
}, 60_000);
afterAll(() => wallet.close());

const ask = (query: string) =>
  wallet.call('GET', `/api/wallet/statement?from=0&to=4000000000000&${query}`, { token: user.token });

describe('a statement', () => {
  it('is refused while the ledger lacks what was acknowledged', async () => {
    await wallet.engine.deposit(user.account, 1, 5);
    const refused = await ask('asset=BTC');
    expect(refused).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await catchUp();
    expect((await ask('asset=BTC')).json).toMatchObject({ closing: '0.00000005', movements: [{}] });
  });

  it('of a withdrawal that is called off takes it and gives it back', async () => {
    await wallet.engine.deposit(user.account, 1, 50_000_000);
    const { id: addressId } = await wallet.address(user, 'BTC');
    const { token } = user;
    const body = { asset: 'BTC', amount: '0.1', addressId };
    const { json } = await wallet.call('POST', '/api/wallet/withdrawals', { token, body });
    await catchUp();
    expect((await ask('asset=BTC')).json).toMatchObject({
      closing: '0.40000005',
      inWithdrawals: '0.10000000',
    });
    await wallet.call('DELETE', `/api/wallet/withdrawals/${json.id}`, { token });
    await catchUp();
    const { movements, ...sums } = (await ask('asset=BTC')).json;
    expect(sums).toMatchObject({
      opening: '0.00000000',
      closing: '0.50000005',
      inWithdrawals: '0.00000000',
      next: null,
    });
    const reference = `w:${json.id}`;
    expect(movements.slice(-2)).toMatchObject([
      { event: 'withdrawalHeld', amount: '-0.10000000', balance: '0.40000005', reference },
      { event: 'withdrawalReleased', amount: '0.10000000', balance: '0.50000005', reference },
    ]);
  });

  it('of an asset that never moved is empty, and of what is listed nowhere is refused', async () => {
    expect((await ask('asset=USDT')).json).toMatchObject({ opening: '0.000000', movements: [], next: null });
    for (const wrong of ['asset=DOGE', 'asset=BTC&cursor=1.2.3.4', 'asset=BTC&limit=1001'])
      expect(await ask(wrong)).toMatchObject({ status: 400, json: { code: 'INVALID_FIELD' } });
  });

  it('asks for what is missing by its name', async () => {
    const { json } = await wallet.call('GET', '/api/wallet/statement?asset=BTC&to=1', { token: user.token });
    expect(json).toMatchObject({ field: 'from', message: 'from must be given.' });
  });

  it('is the caller’s own', async () => {
    const other = await wallet.accounts.newUser('other@example.com');
    const path = '/api/wallet/statement?asset=BTC&from=0&to=4000000000000';
    expect((await wallet.call('GET', path, { token: other.token })).json.movements).toEqual([]);
    expect((await wallet.call('GET', path)).status).toBe(401);
  });
});
