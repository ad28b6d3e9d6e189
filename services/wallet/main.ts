/** Deposits and withdrawals as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { startTracing } from '#platform/tracing.ts';
import { config } from './config.ts';
import { startWallet } from './service.ts';

const log = createLog('wallet');
const values = readConfig(config);
const tracing = await startTracing('wallet', values);
const wallet = await startWallet(values, { log });
const server = await listen(wallet.app, { port: values.PORT, healthy: wallet.healthy });
log.info({ port: server.port }, 'the wallet is open');

async function drain(): Promise<void> {
  await server.close();
  await wallet.close();
  await tracing.close();
}
process.once('SIGTERM', drain).once('SIGINT', drain);
