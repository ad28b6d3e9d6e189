/** A deposit and a withdrawal from end to end on the sandbox chain: at every step custody and ledger agree. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCustody } from '#services/wallet/reconciliation/custody-side.ts';
import { describeDifferences } from '#services/wallet/reconciliation/described.ts';
import { reconcile } from '#services/wallet/reconciliation/reconcile.ts';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { projectLedger } from '../projected-ledger.ts';
import { startTestWallet, type TestWallet } from '../wallet-service.ts';

let wallet: TestWallet;
let catchUp: () => Promise<void>;
let user: EnrolledUser;
beforeAll(async () => {
  wallet = await startTestWallet();
  catchUp = await projectLedger(wallet);
  user = await wallet.accounts.enrolledUser('owner@example.com');
}, 60_000);
afterAll(() => wallet.close());

async function differences(unbackedReference = ''): Promise<string[]> {
  await catchUp();
  const { deps, engine } = wallet;
  const found = await reconcile({
    db: deps.db,
    engine,
    readCustody: () => readCustody({ ...deps, unbackedReference }),
    custodyPauseMs: 1,
  });
  return describeDifferences(engine, found.differences);
}

describe('custody', () => {
  it('agrees with the ledger at each block of a deposit', async () => {
    const { token } = user;
    const { json } = await wallet.call('GET', '/api/wallet/deposit-address?asset=BTC', { token });
    await wallet.chain.pay({ asset: 'BTC', address: json.address, amount: 50_000_000 as never });
    expect(await differences()).toEqual([]);
    for (let block = 0; block < 4; block++) {
      await wallet.mine();
      expect(await differences()).toEqual([]);
    }
    expect((await wallet.balance(user.account)).available).toBe(50_000_000);
  });

  it('agrees with the ledger at each step of a withdrawal', async () => {
    const { id: addressId } = await wallet.address(user, 'BTC');
    const body = { asset: 'BTC', amount: '0.1', addressId };
    await wallet.call('POST', '/api/wallet/withdrawals', { token: user.token, body });
    expect(await differences()).toEqual([]);
    await wallet.round();
    expect(await differences()).toEqual([]);
    for (let block = 0; block < 4; block++) {
      await wallet.mine();
      expect(await differences()).toEqual([]);
    }
    expect(await wallet.balance(user.account)).toEqual({ available: 40_000_000, held: 0 });
  });

  it('lacks what a block took back that was credited, and says so until it comes again', async () => {
    await wallet.chain.reorganize(1_000);
    const lacking = ['BTC in custody: ledger 0.40020000, custody 0.00000000, difference 0.40020000'];
    expect(await differences()).toEqual(lacking);
    await wallet.chain.mine();
    expect(await differences()).toEqual([]);
  });

  it('has too much while there is a deposit that the wallet was never told of', async () => {
    const { token } = user;
    const { json } = await wallet.call('GET', '/api/wallet/deposit-address?asset=ETH', { token });
    const payment = { asset: 'ETH', address: json.address, amount: 7 as never };
    const output = await wallet.chain.pay(payment, { unannounced: true });
    await wallet.mine();
    expect(await differences()).toEqual([
      expect.stringMatching(/^ETH in custody: ledger 0\.0+, custody 0\.0+7,/),
    ]);
    await wallet.chain.announce(output);
    await wallet.round();
    expect(await differences()).toEqual([]);
  });

  it('lacks what the engine was given from nowhere, unless that is told to count', async () => {
    await wallet.engine.execute({
      type: 'deposit',
      account: user.account as never,
      asset: 0 as never,
      amount: 5_000_000 as never,
      reference: 'opening-funds',
    });
    expect(await differences()).toEqual([
      'USDT in custody: ledger 5.000000, custody 0.000000, difference 5.000000',
    ]);
    expect(await differences('opening-funds')).toEqual([]);
  });
});
