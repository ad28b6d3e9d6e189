/** Public market data as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { startTracing } from '#platform/tracing.ts';
import { config } from './config.ts';
import { startMarketData } from './service.ts';

const log = createLog('market-data');
const values = readConfig(config);
const tracing = await startTracing('market-data', values);
const marketData = await startMarketData(values, { log });
const server = await listen(marketData.app, { port: values.PORT });
log.info({ port: server.port }, 'market data is open');

async function drain(): Promise<void> {
  marketData.announceShutdown();
  await server.close();
  await marketData.close();
  await tracing.close();
}
process.once('SIGTERM', drain).once('SIGINT', drain);
