/** `npm run reset`: deletes everything that a local exchange has kept. */
import { ConfigError, readConfig } from '#platform/env.ts';
import { config } from './config.ts';
import { removeDataDirectory } from './data-directory.ts';
import { StartError } from './start-error.ts';

try {
  const { DATA_DIR } = readConfig(config);
  const removed = await removeDataDirectory(DATA_DIR);
  process.stdout.write(removed ? `Removed ${DATA_DIR}.\n` : `There is nothing to remove at ${DATA_DIR}.\n`);
} catch (error) {
  if (!(error instanceof StartError || error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
