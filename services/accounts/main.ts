/** Users, tokens and API keys as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { startTracing } from '#platform/tracing.ts';
import { config } from './config.ts';
import { startAccounts } from './service.ts';

const log = createLog('accounts');
const values = readConfig(config);
const tracing = await startTracing('accounts', values);
const accounts = await startAccounts(values, { log });
const server = await listen(accounts.app, { port: values.PORT });
log.info({ port: server.port }, 'accounts are open');

async function drain(): Promise<void> {
  await server.close();
  await accounts.close();
  await tracing.close();
}
process.once('SIGTERM', drain).once('SIGINT', drain);
