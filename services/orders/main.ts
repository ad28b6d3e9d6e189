/** Order entry and account queries as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { startTracing } from '#platform/tracing.ts';
import { config } from './config.ts';
import { startOrders } from './service.ts';

const log = createLog('orders');
const values = readConfig(config);
const tracing = await startTracing('orders', values);
const orders = await startOrders(values, { log });
const server = await listen(orders.app, { port: values.PORT });
log.info({ port: server.port }, 'orders are taken');

async function drain(): Promise<void> {
  orders.announceShutdown();
  await server.close();
  await orders.close();
  await tracing.close();
}
process.once('SIGTERM', drain).once('SIGINT', drain);
