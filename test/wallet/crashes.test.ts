/**
 * The process dies before and after each single effect of a withdrawal's and a deposit's way, one at a time; another one
 * goes on. Whatever the moment, the money moves once, and no hold is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId, TimeUs, Units } from '#domain/ids.ts';
import { addAddress } from '#services/wallet/addresses.ts';
import { advanceDeposit, type DepositDeps } from '#services/wallet/deposit-steps.ts';
import { depositAddress } from '#services/wallet/deposits.ts';
import { sandboxAddress } from '#services/wallet/sandbox/custody.ts';
import { approve, cancelWithdrawal, reject, withdraw } from '#services/wallet/withdrawals.ts';
import { workRound } from '#services/wallet/worker.ts';
import { Death, DyingProcess } from './dying-process.ts';
import { BTC, startTestWallet, type TestWallet } from './wallet-service.ts';

/** More than any of these ways has. */
const EFFECTS_MAX = 200;
const OPERATOR = 1_000_000 as AccountId;

let wallet: TestWallet;
let accounts = 0;
beforeAll(async () => {
  wallet = await startTestWallet();
}, 60_000);
afterAll(() => wallet.close());

async function newAccount(): Promise<AccountId> {
  const { account_id } = await wallet.accounts.db
    .insertInto('accounts.users')
    .values({ email: `crash${++accounts}@example.com`, password_hash: '', created_at: 0 as TimeUs })
    .returning('account_id')
    .executeTakeFirstOrThrow();
  return account_id;
}

/** Does it all, or dies on the way. */
async function survives(run: () => Promise<void>): Promise<void> {
  await run().catch((error) => {
    if (!(error instanceof Death)) throw error;
  });
}

/** Tries every moment until one is after the end; returns how many there are. */
async function atEachMoment(
  when: 'before' | 'after',
  attempt: (process: DyingProcess) => Promise<void>,
): Promise<number> {
  for (let effect = 1; effect < EFFECTS_MAX; effect++) {
    const process = new DyingProcess(wallet.deps, effect, when);
    await attempt(process);
    if (!process.isDead) return effect - 1;
  }
  throw new Error(`there are more than ${EFFECTS_MAX} moments`);
}

interface Way {
  readonly amount: number;
  /** What is done once it has got as far as this. */
  readonly at?: 'approved' | 'pending';
  readonly act?: (deps: DepositDeps, account: AccountId, id: string) => Promise<unknown>;
  readonly end: 'completed' | 'failed' | 'canceled' | 'rejected';
}

const ways: Record<string, Way> = {
  'approved by an operator': {
    amount: 30_000_000,
    at: 'pending',
    act: (deps, _, id) => approve(deps, OPERATOR, id),
    end: 'completed',
  },
  'rejected by an operator': {
    amount: 30_000_000,
    at: 'pending',
    act: (deps, _, id) => reject(deps, OPERATOR, id, 'odd'),
    end: 'rejected',
  },
  'called off': {
    amount: 10_000_000,
    at: 'approved',
    act: (deps, account, id) => cancelWithdrawal(deps, account, id),
    end: 'canceled',
  },
  'refused by the custodian': { amount: 10_000_000, end: 'failed' },
};

describe.each(Object.entries(ways))('a withdrawal that is %s', (_, { amount, at, act, end }) => {
  it.each(['before', 'after'] as const)(
    'survives that the process dies %s each of its effects',
    async (when) => {
      const moments = await atEachMoment(when, async (process) => {
        // However often it is asked: a refusal is for good.
        wallet.custody.sendFaults.splice(0, 10, ...Array(end === 'failed' ? 10 : 0).fill('refused'));
        const account = await newAccount();
        const asset = wallet.deps.assets.named('BTC');
        await wallet.engine.deposit(account, BTC, 40_000_000);
        const to = await addAddress({ ...wallet.deps, coolDownMs: 0 }, account, {
          asset,
          address: sandboxAddress('elsewhere'),
          label: 'elsewhere',
        });
        const request = { asset, amount: amount as Units, to, clientId: 'once' };
        const run = async (deps: DepositDeps) => {
          const { id, status } = await withdraw(deps, account, request);
          if (status === at) await act!(deps, account, id);
          for (let block = 0; block < 4; block++) {
            await workRound(deps);
            await wallet.chain.mine();
          }
          await workRound(deps);
        };
        await survives(() => run(process.deps));
        // The client asks again, and another process does the rest.
        await run(wallet.deps);

        const { id, status } = await wallet.accounts.db
          .selectFrom('wallet.withdrawals')
          .select(['id', 'status'])
          .where('account_id', '=', account)
          .executeTakeFirstOrThrow();
        const sent = await wallet.chain.sent(id);
        expect({ status, sent: sent?.amount }).toEqual({
          status: end,
          sent: end === 'completed' ? amount - 20_000 : undefined,
        });
        const left = end === 'completed' ? 40_000_000 - amount : 40_000_000;
        expect(await wallet.balance(account)).toEqual({ available: left, held: 0 });
        wallet.engine.matching.checkInvariants();
      });
      // The walk went through all of it, not past it.
      expect(moments).toBeGreaterThan(15);
    },
    240_000,
  );
});

describe('a deposit', () => {
  it.each(['before', 'after'] as const)(
    'is credited once, and taken back once, although the process dies %s each of its effects',
    async (when) => {
      const moments = await atEachMoment(when, async (process) => {
        const account = await newAccount();
        const asset = wallet.deps.assets.named('BTC');
        const address = await depositAddress(wallet.deps, account, asset);
        const output = await wallet.chain.pay({ asset: 'BTC', address, amount: 1_000 as Units });
        for (let block = 0; block < 3; block++) await wallet.chain.mine();
        await survives(() => workRound(process.deps));
        await workRound(wallet.deps);
        expect(await wallet.balance(account)).toEqual({ available: 1_000, held: 0 });

        await wallet.accounts.db
          .updateTable('wallet.sandbox_outputs')
          .set({ height: null, is_gone: true })
          .where('tx_id', '=', output.txId)
          .execute();
        const { id } = await wallet.accounts.db
          .selectFrom('wallet.deposits')
          .select('id')
          .where('tx_id', '=', output.txId)
          .executeTakeFirstOrThrow();
        if (!process.isDead) await survives(() => advanceDeposit(process.deps, id));
        await advanceDeposit(wallet.deps, id);
        expect(await wallet.balance(account)).toEqual({ available: 0, held: 0 });
        wallet.engine.matching.checkInvariants();
      });
      expect(moments).toBeGreaterThan(15);
    },
    240_000,
  );
});
