/** `npm start`: the whole exchange on this machine. */
import { EmbeddedPostgresError } from '#platform/embedded-postgres/server.ts';
import { ConfigError, readConfig } from '#platform/env.ts';
import { ListenError } from '#platform/http-server.ts';
import { banner } from './banner.ts';
import { config } from './config.ts';
import { openDataDirectory } from './data-directory.ts';
import { startExchange } from './exchange.ts';
import { StartError } from './start-error.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const began = performance.now();
  const settings = readConfig(config);
  const data = await openDataDirectory(settings.DATA_DIR);
  const exchange = await startExchange(settings, data, (step) => print(`  starting ${step} …`)).catch(
    async (error: unknown) => {
      await data.release();
      throw error;
    },
  );
  print(banner(exchange, data.path, performance.now() - began));

  let stopping = false;
  const stop = async () => {
    // A second Ctrl-C is for someone who cannot wait; everything acknowledged is stored even so.
    if (stopping) process.exit(130);
    stopping = true;
    print('\n  stopping …');
    await exchange.close();
    await data.release();
    print('  Everything is stored. Goodbye.');
    process.exit(0);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

try {
  await main();
} catch (error) {
  if (!isSentence(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Faults of the machine or the settings, whose message says what to do: a stack trace would only hide it. */
function isSentence(error: unknown): error is Error {
  const known = [StartError, ConfigError, ListenError, EmbeddedPostgresError];
  return known.some((kind) => error instanceof kind);
}
