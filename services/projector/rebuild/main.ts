/** Builds read models and tables from the journal, as a task of its own: `node services/projector/rebuild/main.ts --from 0`. */
import { parseArgs } from 'node:util';
import { openDocuments } from '#platform/documents.ts';
import { ConfigError, readConfig } from '#platform/env.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { rebuildConfig } from '../config.ts';
import { migrations } from '../migrations.ts';
import { progressLines, readFrom } from './command-line.ts';
import { RebuildError, rebuild } from './rebuild.ts';

async function main(): Promise<void> {
  const { from } = parseArgs({ options: { from: { type: 'string' } } }).values;
  const sequence = readFrom(from);
  const values = readConfig(rebuildConfig);
  const db = openDatabase(values.DATABASE_URL, { connectionsMax: 1 });
  const documents = openDocuments(values.DYNAMODB_ENDPOINT);
  try {
    await migrate(db, 'projector', migrations);
    await rebuild({
      db,
      documents,
      tableNames: {
        marketData: values.MARKET_DATA_TABLE,
        transactionHistory: values.TRANSACTION_HISTORY_TABLE,
      },
      engineUrl: values.ENGINE_URL,
      from: sequence,
      progress: progressLines((line) => process.stdout.write(`${line}\n`)),
    });
  } finally {
    documents.destroy();
    await db.destroy();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RebuildError || error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
