/** Reports of the reserves over a real ledger, and what each account is told of its place in them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { AssetId, Units } from '#domain/ids.ts';
import type { AssetInCustody } from '#services/wallet/reconciliation/custody-side.ts';
import { faultOf, type LeafProof } from '#services/wallet/reserves/proof.ts';
import { PROVABLE_MAX, publishWhenDue } from '#services/wallet/reserves/publish.ts';
import type { EnrolledUser } from '#test/accounts/accounts-service.ts';
import { projectLedger } from '../projected-ledger.ts';
import { startTestWallet, type TestWallet } from '../wallet-service.ts';

const run = promisify(execFile);
const [USDT, BTC] = [0 as AssetId, 1 as AssetId];

let wallet: TestWallet;
let catchUp: () => Promise<void>;
let users: EnrolledUser[];
let custody: AssetInCustody[];
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crossbook-reserves-'));
  wallet = await startTestWallet();
  catchUp = await projectLedger(wallet);
  users = [];
  for (let user = 0; user < 5; user++)
    users.push(await wallet.accounts.enrolledUser(`saver${user}@example.com`));
  for (const [at, { account }] of users.entries()) {
    await wallet.engine.deposit(account, BTC, (at + 1) * 100_000_000);
    if (at < 2) await wallet.engine.deposit(account, USDT, 3_000_000);
  }
  custody = [heldOf(BTC, 1_600_000_000), heldOf(USDT, 5_000_000)];
}, 60_000);
afterAll(async () => {
  await wallet.close();
  await rm(directory, { recursive: true });
});

function heldOf(asset: AssetId, units: number): AssetInCustody {
  return { asset, held: units as Units, uncredited: 0 as Units, unsettled: 0 as Units };
}

async function publish(everyMs = 0): Promise<number | undefined> {
  await catchUp();
  const { db, assets } = wallet.deps;
  const assetOf = (id: AssetId) => assets.listed(id);
  return publishWhenDue({ db, readCustody: async () => custody, assetOf }, everyMs);
}

/** Something happens, so that there is a later sequence. */
const happen = () => wallet.engine.deposit(users[0]!.account, BTC, 1);
const report = () => wallet.call('GET', '/api/wallet/reserves');
const proofs = async ({ token }: EnrolledUser) =>
  (await wallet.call('GET', '/api/wallet/reserves/proof', { token })).json;

describe('a report of the reserves', () => {
  it('says nothing before the first was made', async () => {
    const none = { format: 'crossbook-reserves-1', seq: null, madeAt: null };
    expect(await report()).toMatchObject({ status: 200, json: { ...none, assets: [] } });
    expect(await proofs(users[0]!)).toEqual({ ...none, proofs: [] });
  });

  it('tells everybody what is owed and held, and to each that theirs is in it, withdrawals held included', async () => {
    const { account } = users[4]!;
    const hold = {
      type: 'holdWithdrawal',
      account,
      asset: BTC,
      amount: 40_000_000,
      fee: 0,
      reference: 'under way',
    };
    await wallet.engine.execute(hold as never);
    const seq = await publish();
    const { status, json } = await report();
    expect(status).toBe(200);
    expect(json).toEqual({
      format: 'crossbook-reserves-1',
      seq,
      madeAt: expect.any(Number),
      assets: [
        {
          asset: 'BTC',
          owed: '15.00000000',
          held: '16.00000000',
          leaves: 5,
          root: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), sum: '1500000000' },
        },
        {
          asset: 'USDT',
          owed: '6.000000',
          held: '5.000000',
          leaves: 2,
          root: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), sum: '6000000' },
        },
      ],
    });
    const places = new Set<number>();
    for (const [at, user] of users.entries()) {
      const own = (await proofs(user)).proofs as LeafProof[];
      expect(own.map(({ asset, account, amount }) => [asset, account, amount])).toEqual([
        ['BTC', user.account, String((at + 1) * 100_000_000)],
        ...(at < 2 ? [['USDT', user.account, '3000000']] : []),
      ]);
      for (const proof of own) {
        expect(faultOf(proof)).toBeNull();
        const published = json.assets.find((one: { asset: string }) => one.asset === proof.asset);
        expect([proof.root, proof.leaves]).toEqual([published.root, published.leaves]);
      }
      places.add(own[0]!.index);
    }
    expect([...places].toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  it('tells nobody the salt or the number of another account', async () => {
    const text = JSON.stringify(await proofs(users[0]!));
    const { rows } = await sql<{ salt: string }>`
      select encode(salt, 'hex') as salt from wallet.reserve_leaves where account_id <> ${users[0]!.account}
    `.execute(wallet.deps.db);
    expect(rows.length).toBeGreaterThan(4);
    for (const { salt } of rows) expect(text).not.toContain(salt);
    expect(text.match(/"account":\d+/g)).toEqual(Array(2).fill(`"account":${users[0]!.account}`));
    expect((await wallet.call('GET', '/api/wallet/reserves/proof')).status).toBe(401);
  });

  it('is made anew when it is due and something has happened, once by however many', async () => {
    expect(await publish()).toBeUndefined();
    await happen();
    expect(await publish(60_000)).toBeUndefined();
    const made = await Promise.all([1, 2, 3, 4].map(() => publish()));
    expect(made.filter((seq) => seq !== undefined)).toEqual([wallet.engine.matching.lastSeq]);
    expect((await report()).json.seq).toBe(wallet.engine.matching.lastSeq);
  });

  it('shows to whoever follows it that a stored balance was changed', async () => {
    const { db } = wallet.deps;
    const { account } = users[1]!;
    await sql`update wallet.reserve_leaves set amount = amount - 1 where account_id = ${account}`.execute(db);
    for (const proof of (await proofs(users[1]!)).proofs) expect(faultOf(proof)).toMatch(/^root: its sum is/);
    await sql`update wallet.reserve_leaves set amount = amount + 1 where account_id = ${account}`.execute(db);
  });

  it('is verified by hand with files of what was told, and fails when a file was changed', async () => {
    const write = async (name: string, json: unknown) => {
      const file = join(directory, name);
      await writeFile(file, JSON.stringify(json));
      return file;
    };
    const verify = (...files: string[]) =>
      run(process.execPath, ['services/wallet/reserves/verify-reserves.ts', ...files]).then(
        ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
        ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
      );
    const own = await proofs(users[0]!);
    const { json } = await report();
    const [proofFile, reportFile] = [await write('proof.json', own), await write('report.json', json)];
    const good = await verify(proofFile, reportFile);
    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good {2}BTC of account \d+ at/) });
    expect(good.stdout.match(/^good/gm)).toHaveLength(2);
    const less = { ...own.proofs[0], amount: '1' };
    const bad = await verify(await write('less.json', { proofs: [less] }), reportFile);
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BAD .*root: its sum is/) });
    const other = { ...json, assets: [{ ...json.assets[0], root: { hash: '0'.repeat(64), sum: '1' } }] };
    const unpublished = await verify(proofFile, await write('other.json', other));
    expect(unpublished.code).toBe(1);
    expect(unpublished.stdout).toMatch(/BAD .*BTC.*the report has the root 0{64} with 1/);
    expect(unpublished.stdout).toMatch(/BAD .*USDT.*does not have this asset/);
    expect(await verify(join(directory, 'nothing.json'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nothing\.json: cannot be read as JSON/),
    });
    expect(await verify()).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Say which file/) });
    expect(await verify(await write('empty.json', {}))).toMatchObject({ code: 1 });
  });

  it('keeps the roots of all, and the leaves of the last ones', async () => {
    for (let more = 0; more < PROVABLE_MAX; more++) {
      await happen();
      expect(await publish()).toBeDefined();
    }
    const count = async (table: string) => {
      const { rows } = await sql<{ reports: number }>`
        select count(distinct seq)::int as reports from ${sql.table(`wallet.${table}`)}
      `.execute(wallet.deps.db);
      return rows[0]!.reports;
    };
    expect(await count('reserve_roots')).toBe(PROVABLE_MAX + 2);
    expect(await count('reserve_leaves')).toBe(PROVABLE_MAX);
    expect(await count('reserve_nodes')).toBe(PROVABLE_MAX);
    for (const proof of (await proofs(users[2]!)).proofs) expect(faultOf(proof)).toBeNull();
  });
});
