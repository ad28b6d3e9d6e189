/** `npm run rehearse`: a blue/green deployment of the working tree beside the last commit, under load, on this machine. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { listings } from '#environments/markets.ts';
import { startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { defaultsOf } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { config as accountsConfig } from '#services/accounts/config.ts';
import { startAccounts } from '#services/accounts/service.ts';
import { startProjector } from '#services/projector/service.ts';
import { openDataDirectory, postgresDirectory } from '../data-directory.ts';
import { prepareDemo } from '../demo.ts';
import { Mailbox } from '../mailbox.ts';
import { Shutdown } from '../shutdown.ts';
import { checkOut, copyWorkingTree, type Fault, faultNames } from './builds.ts';
import { startHttpBalancer } from './http-balancer.ts';
import { type Outcome, Rehearsal } from './rehearsal.ts';
import { startTcpBalancer } from './tcp-balancer.ts';
import { type Toll, Traders } from './traders.ts';

const BOTS = 8;
/** So many that no limit is in the way of the bots. */
const UNLIMITED = 1_000_000_000;

const usage = `npm run rehearse -- [options]
  --blue <commit>     what runs (default HEAD); green is the working tree
  --plant <fault>     puts a fault into green: ${faultNames.join(', ')}
  --bake <seconds>    how long each step is watched (default 5)`;

interface Options {
  readonly blue: string;
  readonly plant: Fault | undefined;
  readonly bakeMs: number;
}

const began = performance.now();
const tell = (line: string) =>
  void process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);

/** Undefined when they cannot be understood, which is then told. */
function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: { blue: { type: 'string' }, plant: { type: 'string' }, bake: { type: 'string' } },
    });
    const { blue = 'HEAD', plant, bake = '5' } = values;
    const seconds = Number(bake);
    if (plant !== undefined && !isFault(plant)) throw new Error(`--plant: there is no fault "${plant}"`);
    if (!(seconds >= 1 && seconds <= 3_600)) throw new Error(`--bake: "${bake}" is not 1 to 3,600 seconds`);
    return { blue, plant, bakeMs: seconds * 1_000 };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`);
    return undefined;
  }
}

function isFault(name: string): name is Fault {
  return (faultNames as readonly string[]).includes(name);
}

async function rehearse({ blue, plant, bakeMs }: Options): Promise<{ outcome: Outcome; toll: Toll }> {
  const shutdown = new Shutdown();
  const folder = mkdtempSync(join(tmpdir(), 'crossbook-rehearsal-'));
  try {
    const folders = { blue: join(folder, 'blue'), green: join(folder, 'green') };
    checkOut(process.cwd(), blue, folders.blue);
    copyWorkingTree(process.cwd(), folders.green, plant);
    tell(
      `blue is ${blue}; green is the working tree${plant === undefined ? '' : ` with a planted fault: ${plant}`}`,
    );

    const data = await openDataDirectory(join(folder, 'data'));
    shutdown.later({ close: data.release });
    const postgres = await startEmbeddedPostgres({ directory: postgresDirectory(data.path) });
    shutdown.later({ close: () => postgres.stop() });
    const engineBalancer = shutdown.later(await startTcpBalancer());
    const ordersBalancer = shutdown.later(await startHttpBalancer());
    const logFolder = join(folder, 'logs');
    mkdirSync(logFolder);
    const shared = { DATABASE_URL: postgres.url, REDIS_URL: '' };
    const { apiKeyEncryptionKey, tokenSigningKey, demoPassword } = data.secrets;
    const rehearsal = shutdown.later(
      new Rehearsal({
        folders,
        logFolder,
        engineBalancer,
        ordersBalancer,
        bakeMs,
        tell,
        engineVariables: {
          ...shared,
          HOST: '127.0.0.1',
          MARKETS: JSON.stringify(listings),
          BLOB_STORE_URL: pathToFileURL(join(folder, 'blobs')).href,
        },
        ordersVariables: {
          ...shared,
          // There is no such service here, and nobody asks for it: the bots place orders by REST.
          MARKET_DATA_URL: 'http://127.0.0.1:9',
          API_KEY_ENCRYPTION_KEY: apiKeyEncryptionKey,
          // The bots have keys of their own: nobody sends a token.
          TRANSACTION_HISTORY_TABLE: 'unused',
          JWKS_URL: 'http://localhost/keys',
          TOKEN_ISSUER: 'http://localhost',
          REQUEST_WEIGHT_PER_MINUTE: String(UNLIMITED),
          ORDERS_PER_10_SECONDS: String(UNLIMITED),
          ORDERS_PER_DAY: String(UNLIMITED),
        },
      }),
    );
    const mailbox = new Mailbox(() => {});
    const accounts = shutdown.later(
      await startAccounts(
        {
          ...defaultsOf(accountsConfig),
          ...shared,
          API_KEY_ENCRYPTION_KEY: apiKeyEncryptionKey,
          TOKEN_SIGNING_KEY: tokenSigningKey,
          TOKEN_ISSUER: 'http://localhost',
        },
        { log: createLog('accounts', 'warn'), mailer: mailbox },
      ),
    );
    await rehearsal.startBlue();
    const engineUrl = `ws://127.0.0.1:${engineBalancer.port}`;
    shutdown.later(
      await startProjector(
        { ...shared, PORT: 0, ENGINE_URL: engineUrl },
        { log: createLog('projector', 'error') },
      ),
    );
    const engine = shutdown.later(connectEngine(engineUrl));
    const { client } = await prepareDemo({
      accounts: accounts.app,
      mailbox,
      engine,
      dataDirectory: data.path,
      password: demoPassword,
      address: ordersBalancer.url.replace('http://', ''),
      marketMakers: false,
      onError: (error) => {
        throw error;
      },
    });
    const traders = new Traders(ordersBalancer.url, client);
    traders.start(BOTS);
    tell(`blue has all traffic; ${BOTS} bots trade`);
    const outcome = await rehearsal.deployGreen();
    const toll = await traders.stop();
    return { outcome, toll };
  } finally {
    await shutdown.now();
    tell(`logs: ${join(folder, 'logs')}`);
  }
}

const options = readOptions();
if (options === undefined) process.exitCode = 2;
else {
  const { outcome, toll } = await rehearse(options);
  tell(outcome.promoted ? 'PROMOTED' : `ROLLED BACK: ${outcome.because}`);
  const { sent, taken, refused, unclear, lost, doubled } = toll;
  tell(
    `${sent} orders: ${taken} taken, ${refused} refused; ${unclear} asked for again, ${lost} lost, ${doubled} doubled`,
  );
  process.exitCode = outcome.promoted && lost + doubled === 0 ? 0 : 1;
}
