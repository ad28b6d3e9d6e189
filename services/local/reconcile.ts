/**
 * `npm run reconcile`: compares ledger, engine and custody of the exchange in DATA_DIR, whether it runs or not, and names
 * what differs. Ends with 1 when something does.
 */
import { walletTerms } from '#environments/wallet.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { ConfigError, readConfig } from '#platform/env.ts';
import { openDatabase } from '#platform/postgres.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { Assets } from '#services/wallet/assets.ts';
import { readCustody } from '#services/wallet/reconciliation/custody-side.ts';
import { describeDifferences } from '#services/wallet/reconciliation/described.ts';
import { reconcile } from '#services/wallet/reconciliation/reconcile.ts';
import { SandboxChain } from '#services/wallet/sandbox/chain.ts';
import { SandboxCustody } from '#services/wallet/sandbox/custody.ts';
import { config } from './config.ts';
import { type Connections, readConnections } from './connections.ts';
import { isInUse, isThere, openDataDirectory } from './data-directory.ts';
import { OPENING_FUNDS } from './demo.ts';
import { startExchange } from './exchange.ts';
import { StartError } from './start-error.ts';

const CONNECTIONS_MAX = 4;
const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  process.exitCode = (await withExchange(compare)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof StartError || error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** The one that runs, or one that is started for as long as `use` takes, on a free port and without its bots. */
async function withExchange<T>(use: (connections: Connections) => Promise<T>): Promise<T> {
  const settings = readConfig(config);
  if (!(await isThere(settings.DATA_DIR)))
    throw new StartError(`There is nothing to reconcile at ${settings.DATA_DIR}: start the exchange first.`);
  if (await isInUse(settings.DATA_DIR)) return use(await readConnections(settings.DATA_DIR));
  const data = await openDataDirectory(settings.DATA_DIR);
  try {
    const exchange = await startExchange({ ...settings, PORT: 0, MARKET_MAKERS: 'off' }, data, () => {});
    return await use(exchange.connections).finally(() => exchange.close());
  } finally {
    await data.release();
  }
}

/** Whether they agree. */
async function compare({ databaseUrl, engineUrl }: Connections): Promise<boolean> {
  const db = openDatabase(databaseUrl, { connectionsMax: CONNECTIONS_MAX });
  const engine = connectEngine(engineUrl);
  try {
    const listings = await Listings.load(engine);
    const assets = new Assets(listings, walletTerms);
    listings.close();
    const custody = new SandboxCustody(new SandboxChain(db));
    const custodyDeps = { db, custody, assets, unbackedReference: OPENING_FUNDS };
    const found = await reconcile({ db, engine, readCustody: () => readCustody(custodyDeps) });
    const { balances, seq, differences } = found;
    for (const line of await describeDifferences(engine, differences)) print(line);
    if (differences.length === 0)
      print(`${balances} balances agree at sequence ${seq}, and so does custody.`);
    else print(`${differences.length} differences among ${balances} balances at sequence ${seq}.`);
    return differences.length === 0;
  } finally {
    await engine.close();
    await db.destroy();
  }
}
