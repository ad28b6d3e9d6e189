import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Frame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { engineRun } from '../engine-run.ts';
import { frame, opening, record, trade } from '../events.ts';
import { storedReadModels } from '../read-models.ts';
import { storedLedger } from './expected-ledger.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
});
afterEach(() => database.drop());

/** What the engine has at the end of a run, as the last of its events says, with fees under account 0. */
function engineBalances(frames: readonly Frame[]): Map<string, number> {
  const balances = new Map<string, number>();
  for (const { message } of frames.flatMap(({ records }) => records))
    if (message.type === 'balance')
      balances.set(`${message.account} ${message.asset}`, message.available + message.held);
  return balances;
}

/** What the ledger says the engine should have. */
async function ledgerBalances(): Promise<Map<string, number>> {
  const rows = await database.db
    .selectFrom('projector.ledger_balances')
    .select((all) => ['account_id', 'asset_id', all.fn.sum<string>('balance').as('total')])
    .where('kind', '<>', 'custody')
    .groupBy(['account_id', 'asset_id'])
    .execute();
  return new Map(rows.map((row) => [`${row.account_id} ${row.asset_id}`, Number(row.total)]));
}

const nonZero = (balances: Map<string, number>) =>
  Object.fromEntries([...balances].filter(([, balance]) => balance !== 0).sort());

describe('the ledger', () => {
  for (const seed of [1, 2, 3, randomInt(2 ** 31)]) {
    it(`has what the engine has, and sums to zero, after any run (seed ${seed})`, async () => {
      const frames = engineRun(seededRandom(seed), 1_500);
      const held = new Set(frames.flatMap(({ records }) => records.map(({ message }) => message.type)));
      for (const type of ['deposited', 'trade', 'withdrawalHeld', 'withdrawalSettled', 'transferred'])
        expect(held).toContain(type);
      for (let next = 0; next < frames.length; next += 10) {
        await applyFrames(database.db, frames.slice(next, next + 10));
        if (next % 100 > 0) continue;
        expect(nonZero(await ledgerBalances())).toEqual(nonZero(engineBalances(frames.slice(0, next + 10))));
      }
      expect(nonZero(await ledgerBalances())).toEqual(nonZero(engineBalances(frames)));
      const { rows: unbalanced } = await sql`
        select seq, entry, asset_id, sum(amount) from projector.ledger_postings
        group by seq, entry, asset_id having sum(amount) <> 0
      `.execute(database.db);
      expect(unbalanced).toEqual([]);
      const { rows: sums } = await sql`
        select asset_id from projector.ledger_balances group by asset_id having sum(balance) <> 0
      `.execute(database.db);
      expect(sums).toEqual([]);
      const { rows: underived } = await sql`
        select * from projector.ledger_balances full join (
          select kind, account_id, asset_id, sum(amount) as total from projector.ledger_postings
          group by kind, account_id, asset_id
        ) postings using (kind, account_id, asset_id)
        where balance is distinct from total
      `.execute(database.db);
      expect(underived).toEqual([]);
    });
  }

  it('is the same when it is built again from the first event in one piece', async () => {
    const frames = engineRun(seededRandom(11), 1_500);
    for (const one of frames) await applyFrames(database.db, [one, one]);
    const live = await storedReadModels(database.db);
    const again = await testDatabase();
    await migrate(again.db, 'projector', migrations);
    await applyFrames(again.db, frames);
    expect(await storedReadModels(again.db)).toEqual(live);
    await again.drop();
  });

  it('is the same after everything was forgotten and made again', async () => {
    const frames = engineRun(seededRandom(12), 1_500);
    await applyFrames(database.db, frames);
    const live = await storedReadModels(database.db);
    expect(live.ledger.postings.length).toBeGreaterThan(50);
    await sql`select projector.begin_again()`.execute(database.db);
    expect(await storedReadModels(database.db)).toMatchObject({
      seq: 0,
      trades: [],
      ledger: { balances: [] },
    });
    await applyFrames(database.db, frames);
    expect(await storedReadModels(database.db)).toEqual(live);
  });

  it('refuses to go over its end twice, whoever forgets the position', async () => {
    const gift = { type: 'transferred', from: 7, to: 8, asset: 0, amount: 5, reference: 'gift' };
    const last = frame(2, 2, record(2, 2, gift as never));
    await applyFrames(database.db, [frame(1, 1, ...opening()), last]);
    const before = await storedLedger(database.db);
    await database.db
      .updateTable('projector.position')
      .set({ seq: 1 as Seq })
      .execute();
    await expect(applyFrames(database.db, [last])).rejects.toThrow('duplicate key');
    expect(await storedLedger(database.db)).toEqual(before);
  });

  it('stops at a trade on a market that nobody listed', async () => {
    await expect(applyFrames(database.db, [frame(1, 1, record(1, 1, trade()))])).rejects.toThrow(
      'a trade on market 0, which was never listed',
    );
  });

  it('stops when an account would give what it does not have', async () => {
    await applyFrames(database.db, [frame(1, 1, ...opening())]);
    const nobody = record(2, 2, trade({ takerAccount: 9, takerSide: 'SELL' }));
    await expect(applyFrames(database.db, [frame(2, 2, nobody)])).rejects.toThrow('check constraint');
  });
});

describe('the database', () => {
  beforeEach(() =>
    applyFrames(database.db, [frame(1, 2, ...opening(), record(2, 2, trade({ takerFee: 1 })))]),
  );

  it.each([
    ['nothing moves', { amount: 0 }, 'amount_check'],
    ['less than nothing moves', { amount: -5 }, 'amount_check'],
    ['the fee is more than what moves', { amount: 5, fee: 6 }, 'violates check'],
    ['the fee is a gift', { amount: 5, fee: -1 }, 'violates check'],
    ['the same entry moves the asset again', { seq: 2 }, 'duplicate key'],
  ])('refuses a movement when %s', async (_, fields, message) => {
    const movement = { seq: 3, amount: 5, fee: 0, ...fields };
    const insert = sql`
      insert into projector.ledger_movements (seq, happened_at, amount, fee, from_balance, to_balance, entry,
        asset_id, from_account, to_account, from_kind, to_kind, event)
      values (${movement.seq}, 3, ${movement.amount}, ${movement.fee}, 0, 0, 0, 0, 7, 8, 'account', 'account', 'transferred')
    `.execute(database.db);
    await expect(insert).rejects.toThrow(message);
  });

  it('refuses at the commit that balances no longer sum to zero, and names asset and amount', async () => {
    const before = await storedLedger(database.db);
    let reached = false;
    const change = database.db.transaction().execute(async (transaction) => {
      await sql`
        update projector.ledger_balances set balance = balance + 5
        where kind = 'account' and account_id = 7 and asset_id = 1
      `.execute(transaction);
      await sql`insert into projector.ledger_balances values (2, 30, 1, 'account')`.execute(transaction);
      reached = true;
    });
    await expect(change).rejects.toThrow(
      'the balances of asset 1 would sum to 7 more than before, and have to sum to zero',
    );
    expect(reached).toBe(true);
    expect(await storedLedger(database.db)).toEqual(before);
  });

  it('lets a transaction balance in several statements', async () => {
    await database.db.transaction().execute(async (transaction) => {
      await sql`
        update projector.ledger_balances set balance = balance - 5
        where kind = 'account' and account_id = 7 and asset_id = 1
      `.execute(transaction);
      await sql`insert into projector.ledger_balances values (5, 30, 1, 'account')`.execute(transaction);
    });
    const { rows } = await sql`select * from projector.ledger_imbalances`.execute(database.db);
    expect(rows).toEqual([]);
  });

  it('refuses that custody is owed, or that an account owes', async () => {
    const set = (kind: string, account: number, balance: number) =>
      sql`
        update projector.ledger_balances set balance = ${balance}
        where kind = ${kind}::projector.ledger_kind and account_id = ${account} and asset_id = 0
      `.execute(database.db);
    await expect(set('custody', 0, 1)).rejects.toThrow('check constraint');
    await expect(set('account', 7, -1)).rejects.toThrow('check constraint');
  });

  it.each([
    ['a movement is changed', sql`update projector.ledger_movements set fee = 0`],
    ['a movement is deleted', sql`delete from projector.ledger_movements where seq = 2`],
    ['a balance is deleted', sql`delete from projector.ledger_balances where balance = 0`],
  ])('refuses that %s', async (_, statement) => {
    await expect(statement.execute(database.db)).rejects.toThrow('is append-only');
  });
});
