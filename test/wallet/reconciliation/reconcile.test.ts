import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import type { AssetInCustody } from '#services/wallet/reconciliation/custody-side.ts';
import { describeDifferences } from '#services/wallet/reconciliation/described.ts';
import { type Reconciliation, reconcile } from '#services/wallet/reconciliation/reconcile.ts';
import { newOrder } from '#test/support/commands.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const [USDT, BTC] = [0 as AssetId, 1 as AssetId];
const USD = 1_000_000;
const COIN = 100_000_000;

let database: TestDatabase;
let engine: InProcessEngine;
let custody: AssetInCustody[];
/** Events of these never reach the ledger. */
let isLost: (outcome: Outcome) => boolean;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
  isLost = () => false;
  engine = await InProcessEngine.start(undefined, async (outcome) => {
    const records = isLost(outcome)
      ? []
      : outcome.events.map((message) => ({ id: outcome.seq, timeUs: outcome.timeUs, message }));
    await applyFrames(database.db, [{ firstSeq: outcome.seq, lastSeq: outcome.seq, records }]);
  });
  for (const account of [1, 2, 3]) {
    await engine.deposit(account, USDT, 1_000_000 * USD);
    await engine.deposit(account, BTC, 10 * COIN);
  }
  custody = [held(USDT, 3_000_000 * USD), held(BTC, 30 * COIN)];
});
afterEach(() => database.drop());

function held(asset: AssetId, units: number, fields: Partial<AssetInCustody> = {}): AssetInCustody {
  return { asset, held: units as Units, uncredited: 0 as Units, unsettled: 0 as Units, ...fields };
}

const run = (): Promise<Reconciliation> =>
  reconcile({ db: database.db, engine, readCustody: async () => custody, custodyPauseMs: 1 });
const words = async () => describeDifferences(engine, (await run()).differences);

function trade(price = 60_000): Promise<unknown> {
  const order = (account: number, side: 'BUY' | 'SELL') =>
    engine.execute(newOrder({ account, side, price: price * USD, quantity: COIN / 100 }));
  return order(1, 'BUY').then(() => order(2, 'SELL'));
}

const withdrawal = (account: number, reference: string) =>
  ({
    type: 'holdWithdrawal',
    account: account as AccountId,
    asset: USDT,
    amount: (100 * USD) as Units,
    fee: USD as Units,
    reference,
  }) as const;

describe('a reconciliation', () => {
  it('agrees after trades with fees, holds, withdrawals of every end and transfers', async () => {
    await trade();
    await engine.execute(newOrder({ account: 3, side: 'BUY', price: 50_000 * USD, quantity: COIN / 100 }));
    for (const reference of ['held', 'settled', 'released']) await engine.execute(withdrawal(1, reference));
    await engine.execute({ type: 'settleWithdrawal', reference: 'settled' });
    await engine.execute({ type: 'releaseWithdrawal', reference: 'released' });
    await engine.execute({
      type: 'transfer',
      from: 1 as AccountId,
      to: 9 as AccountId,
      asset: BTC,
      amount: 5 as Units,
      reference: 'gift',
    });
    custody = [held(USDT, (3_000_000 - 99) * USD), held(BTC, 30 * COIN)];
    // Five fee accounts, three accounts with two assets each, and the one that was given something.
    expect(await run()).toEqual({ seq: engine.matching.lastSeq, balances: 12, differences: [] });
  });

  it('counts what is under way at the custodians to the side where the ledger has it', async () => {
    await engine.execute(withdrawal(1, 'sent'));
    custody = [
      held(USDT, (3_000_000 - 99 + 7) * USD, {
        uncredited: (7 * USD) as Units,
        unsettled: (99 * USD) as Units,
      }),
      held(BTC, 30 * COIN),
    ];
    expect((await run()).differences).toEqual([]);
  });

  it('names each account of the ledger that differs from the engine', async () => {
    await database.db.transaction().execute(async (transaction) => {
      for (const [account, change] of [
        [1, 250],
        [2, -250],
      ] as const) {
        await sql`
          update projector.ledger_balances set balance = balance + ${change * USD}
          where kind = 'account' and account_id = ${account} and asset_id = ${USDT}
        `.execute(transaction);
      }
    });
    expect((await words()).toSorted()).toEqual([
      'USDT of account 1: ledger 1000250.000000, engine 1000000.000000, difference 250.000000',
      'USDT of account 2: ledger 999750.000000, engine 1000000.000000, difference -250.000000',
    ]);
  });

  it('names what the engine did and the ledger was never told', async () => {
    isLost = ({ events }) => events.some(({ type }) => type === 'deposited');
    await engine.deposit(3, BTC, 7);
    await engine.deposit(8, USDT, 9 * USD);
    isLost = ({ events }) => events.some(({ type }) => type === 'trade');
    await trade();
    const [found] = [await words()];
    expect(found).toContain(
      'BTC of account 3: ledger 10.00000000, engine 10.00000007, difference -0.00000007',
    );
    expect(found).toContain('USDT of account 8: ledger 0.000000, engine 9.000000, difference -9.000000');
    expect(found).toContain(
      'USDT of the fee account: ledger 0.000000, engine 0.600000, difference -0.600000',
    );
  });

  it('names an account that the engine does not know', async () => {
    await database.db.transaction().execute(async (transaction) => {
      await sql`insert into projector.ledger_balances values (5, 77, ${BTC}, 'account')`.execute(transaction);
      await sql`
        update projector.ledger_balances set balance = balance - 5 where kind = 'custody' and asset_id = ${BTC}
      `.execute(transaction);
    });
    custody = [held(USDT, 3_000_000 * USD), held(BTC, 30 * COIN + 5)];
    expect(await words()).toEqual([
      'BTC of account 77: ledger 0.00000005, engine 0.00000000, difference 0.00000005',
    ]);
  });

  it('names what custody has too little or too much of', async () => {
    custody = [held(USDT, 3_000_000 * USD - 1), held(4 as AssetId, 5)];
    expect(await words()).toEqual([
      'USDT in custody: ledger 3000000.000000, custody 2999999.999999, difference 0.000001',
      'BTC in custody: ledger 30.00000000, custody 0.00000000, difference 30.00000000',
      expect.stringMatching(/^XRP in custody: ledger 0\.0+, custody 0\.0*5, difference -0\.0*5$/),
    ]);
  });

  it('names an asset whose ledger was broken behind the database’s back', async () => {
    await database.db.transaction().execute(async (transaction) => {
      await sql`set local session_replication_role = replica`.execute(transaction);
      await sql`
        update projector.ledger_balances set balance = balance + 3
        where kind = 'account' and account_id = 1 and asset_id = ${BTC}
      `.execute(transaction);
    });
    expect(await words()).toEqual([
      'BTC of account 1: ledger 10.00000003, engine 10.00000000, difference 0.00000003',
      'BTC in the ledger: its balances sum to 0.00000003, and have to sum to 0',
    ]);
  });

  it('does not take for a difference what custody was told a moment before the ledger', async () => {
    let reads = 0;
    const readCustody = async () => {
      // Grows with every read, as deposits come in.
      reads++;
      return [held(USDT, 3_000_000 * USD + (reads < 3 ? reads : 0)), held(BTC, 30 * COIN)];
    };
    const { differences } = await reconcile({ db: database.db, engine, readCustody, custodyPauseMs: 1 });
    expect(differences).toEqual([]);
    expect(reads).toBe(2);
  });

  it('agrees while trading goes on, though the ledger is read later than the engine', async () => {
    const random = seededRandom(8);
    let trading = true;
    const traders = (async () => {
      while (trading) await trade(59_000 + Math.floor(random() * 2_000));
    })();
    const found: Reconciliation[] = [];
    while (found.length < 10) found.push(await run());
    trading = false;
    await traders;
    expect(found.flatMap(({ differences }) => differences)).toEqual([]);
    expect(found.at(-1)!.seq).toBeGreaterThan(found[0]!.seq);
  });
});
