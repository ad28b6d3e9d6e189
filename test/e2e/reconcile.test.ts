/** `npm run reconcile` on an exchange that runs, and on the same one once it is stopped. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '#platform/postgres.ts';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';

const run = promisify(execFile);

let dataDirectory: string;
let exchange: ExchangeProcess;
beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory);
}, 90_000);
afterAll(async () => {
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

const reconcile = (DATA_DIR = dataDirectory) =>
  run(process.execPath, ['services/local/reconcile.ts'], { env: { ...process.env, DATA_DIR } }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

/** Moves a unit from one account to another, which the database lets pass: all still sums to zero. */
async function plant(): Promise<void> {
  const { databaseUrl } = JSON.parse(await readFile(join(dataDirectory, 'connections.json'), 'utf8'));
  const db = openDatabase(databaseUrl, { connectionsMax: 1 });
  await sql`
    update projector.ledger_balances set balance = balance + case account_id when 1 then 1 else -1 end
    where kind = 'account' and asset_id = 0 and account_id in (1, 2)
  `.execute(db);
  await db.destroy();
}

describe('npm run reconcile', () => {
  it('agrees while the bots trade, names what was planted, and the same when the exchange is stopped', async () => {
    expect(await reconcile()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ balances agree at sequence \d+, and so does custody\.\n$/),
    });
    await plant();
    const planted = {
      code: 1,
      stdout: expect.stringMatching(
        /USDT of account [12]: ledger \d+\.\d{6}, engine \d+\.\d{6}, difference -?0\.000001\n[\s\S]*2 differences among/,
      ),
    };
    expect(await reconcile()).toMatchObject(planted);
    await exchange.interrupt();
    expect(await reconcile()).toMatchObject(planted);
  }, 120_000);

  it('says so where there is no exchange', async () => {
    expect(await reconcile(join(dataDirectory, 'elsewhere'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is nothing to reconcile at'),
    });
  });
});
