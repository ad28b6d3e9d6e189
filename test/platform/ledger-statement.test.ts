import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RawNode, sql } from 'kysely';
import type { AccountId, AssetId, TimeUs } from '#domain/ids.ts';
import {
  readBalance,
  readStatement,
  type StatementLine,
  type StatementQuery,
} from '#platform/ledger-statement.ts';
import { migrate } from '#platform/postgres.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import { engineRun } from '#test/projector/engine-run.ts';
import { frame, opening, record, trade } from '#test/projector/events.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.db, 'projector', migrations);
});
afterEach(() => database.drop());

const ALWAYS = { from: 0 as TimeUs, to: Number.MAX_SAFE_INTEGER as TimeUs };

function query(account: number, asset: number, fields: Partial<StatementQuery> = {}): StatementQuery {
  return {
    account: account as AccountId,
    asset: asset as AssetId,
    kind: 'account',
    ...ALWAYS,
    limit: 1_000,
    ...fields,
  };
}

async function pages(of: StatementQuery): Promise<StatementLine[][]> {
  const all: StatementLine[][] = [];
  for (;;) {
    const after = all.at(-1)?.at(-1);
    const page = await readStatement(database.db, { ...of, ...(after && { after }) });
    if (page.length === 0) return all;
    all.push(page);
  }
}

describe('a statement', () => {
  it('says what came and went, by what, and what was left', async () => {
    const given = { from: 7, to: 8, asset: 1, amount: 30, reference: 'thanks' };
    await applyFrames(database.db, [
      frame(1, 1, ...opening(1, 5)),
      frame(2, 2, record(2, 20, trade({ tradeId: 4, takerFee: 2, makerFee: 3 }))),
      frame(3, 3, record(3, 30, { type: 'transferred', ...given } as never)),
    ]);
    const rich = 2 ** 51;
    const lines = await readStatement(database.db, query(7, 1));
    expect(lines).toEqual([
      {
        at: 5,
        seq: 1,
        entry: 1,
        side: 1,
        event: 'deposited',
        amount: rich,
        fee: 0,
        balance: rich,
        symbol: null,
        tradeId: null,
        reference: 'opening',
      },
      {
        at: 20,
        seq: 2,
        entry: 0,
        side: 1,
        event: 'trade',
        amount: 997,
        fee: 3,
        balance: rich + 997,
        symbol: 'COINCASH',
        tradeId: 4,
        reference: null,
      },
      {
        at: 30,
        seq: 3,
        entry: 0,
        side: 0,
        event: 'transferred',
        amount: -30,
        fee: 0,
        balance: rich + 967,
        symbol: null,
        tradeId: null,
        reference: 'thanks',
      },
    ]);
    expect(
      await readStatement(database.db, query(8, 0, { from: 20 as TimeUs, to: 29 as TimeUs })),
    ).toMatchObject([{ event: 'trade', amount: 8, fee: 2, balance: rich + 8 }]);
  });

  it('has each line follow from the one before, and its pages all lines once, whatever their length', async () => {
    const frames = engineRun(seededRandom(5), 1_500);
    for (let next = 0; next < frames.length; next += 7)
      await applyFrames(database.db, frames.slice(next, next + 7));
    let lines = 0;
    for (const { account_id, asset_id, kind, balance } of await database.db
      .selectFrom('projector.ledger_balances')
      .selectAll()
      .where('kind', 'in', ['account', 'withdrawal'])
      .execute()) {
      const own = query(account_id, asset_id, { kind: kind as StatementQuery['kind'] });
      const whole = await readStatement(database.db, own);
      whole.reduce((before, line) => {
        expect(line.balance).toBe(before + line.amount);
        return line.balance;
      }, 0);
      expect(whole.at(-1)!.balance).toBe(balance);
      for (const { at } of [whole[0]!, whole[whole.length >> 1]!]) {
        const last = whole.findLast((line) => line.at === at)!;
        expect(await readBalance(database.db, { ...own, at })).toBe(last.balance);
      }
      const before = (whole[0]!.at - 1) as TimeUs;
      expect(await readBalance(database.db, { ...own, at: before })).toBe(0);
      const paged = await pages({ ...own, limit: 3 });
      expect(paged.flat()).toEqual(whole);
      lines += whole.length;
    }
    expect(lines).toBeGreaterThan(200);
  });

  it('is read by its index, however long the ledger is', async () => {
    const deposits = Array.from({ length: 5_000 }, (_, at) => {
      const fields = { account: 1 + (at % 50), asset: 0, amount: 1, reference: String(at) };
      return record(at + 1, at + 1, { type: 'deposited', ...fields } as never);
    });
    await applyFrames(database.db, [frame(1, 5_000, ...deposits)]);
    await sql`analyze projector.ledger_movements`.execute(database.db);
    const last = (await readStatement(database.db, query(7, 0, { limit: 50 }))).at(-1)!;
    const explaining = database.db.withPlugin({
      transformQuery: ({ node }) => {
        if (node.kind !== 'RawNode') return node;
        const [first, ...rest] = (node as RawNode).sqlFragments;
        return { ...node, sqlFragments: [`explain ${first}`, ...rest] };
      },
      transformResult: async ({ result }) => result,
    });
    const plan = JSON.stringify(await readStatement(explaining, query(7, 0, { after: last, limit: 50 })));
    expect(plan).toMatch(/Index Scan (using|on) ledger_movements_to/);
    expect(plan).toMatch(/Index Scan (using|on) ledger_movements_from/);
    expect(plan).toMatch(/Index Cond:[^"]*ROW\(happened_at, seq, entry\)/);
    expect(plan).not.toContain('Seq Scan on ledger_movements');
  });
});
