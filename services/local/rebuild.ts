/** `npm run rebuild`: builds orders, trades, klines and history of a local exchange, which is not running, from its journal. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { listings } from '#environments/markets.ts';
import { openDocuments } from '#platform/documents.ts';
import { startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';
import { ConfigError, defaultsOf, readConfig } from '#platform/env.ts';
import { openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { config as engineConfig } from '#services/engine/config.ts';
import { startEngine } from '#services/engine/service.ts';
import { migrations } from '#services/projector/migrations.ts';
import { progressLines, readFrom } from '#services/projector/rebuild/command-line.ts';
import { RebuildError, rebuild } from '#services/projector/rebuild/rebuild.ts';
import { config } from './config.ts';
import { openDataDirectory, postgresDirectory } from './data-directory.ts';
import { createProjectorTables, startDynamo } from './dynamo.ts';
import { TABLE_NAMES } from './event-stream.ts';
import { Shutdown } from './shutdown.ts';
import { StartError } from './start-error.ts';

const LOOPBACK = '127.0.0.1';
const print = (line: string) => void process.stdout.write(`  ${line}\n`);

async function main(): Promise<void> {
  const options = parseArgs({ options: { from: { type: 'string' } } }).values;
  const from = readFrom(options.from);
  const settings = readConfig(config);
  const shutdown = new Shutdown();
  try {
    const data = await openDataDirectory(settings.DATA_DIR);
    shutdown.later({ close: data.release });
    const databaseUrl = settings.DATABASE_URL || (await startPostgres(data.path, shutdown));
    const dynamo = shutdown.later(await startDynamo(join(data.path, 'dynamodb')));
    await createProjectorTables(dynamo.endpoint, TABLE_NAMES);
    const engineUrl = await startAlone(databaseUrl, data.path, shutdown);
    const db = openDatabase(databaseUrl, { connectionsMax: 1 });
    shutdown.later({ close: () => db.destroy() });
    await migrate(db, 'projector', migrations);
    const documents = openDocuments(dynamo.endpoint);
    shutdown.later({ close: async () => documents.destroy() });
    const progress = progressLines(print);
    const seq = await rebuild({ db, documents, tableNames: TABLE_NAMES, engineUrl, from, progress });
    print(`Orders, trades, klines and history are those of the journal up to sequence ${seq}.`);
  } finally {
    await shutdown.now();
  }
}

async function startPostgres(dataDirectory: string, shutdown: Shutdown): Promise<string> {
  const server = await startEmbeddedPostgres({ directory: postgresDirectory(dataDirectory) });
  shutdown.later({ close: () => server.stop() });
  return server.url;
}

/** The engine, to tell what the journal has; nobody reaches it to trade. */
async function startAlone(databaseUrl: string, dataDirectory: string, shutdown: Shutdown): Promise<string> {
  const feed = shutdown.later(await openFeed(''));
  const engine = await startEngine(
    {
      ...defaultsOf(engineConfig),
      DATABASE_URL: databaseUrl,
      MARKETS: listings,
      BLOB_STORE_URL: pathToFileURL(join(dataDirectory, 'blobs')).href,
    },
    { feed, log: createLog('engine', 'warn') },
  );
  const server = shutdown.later(await listen(engine.app, { port: 0, host: LOOPBACK }));
  shutdown.later(engine);
  const url = `ws://${LOOPBACK}:${server.port}`;
  engine.begin(url);
  return url;
}

try {
  await main();
} catch (error) {
  const known = [StartError, ConfigError, RebuildError];
  if (!known.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
