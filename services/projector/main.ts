/** The read models' writer as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { config } from './config.ts';
import { startProjector } from './service.ts';

const log = createLog('projector');
const values = readConfig(config);
const projector = await startProjector(values, { log });
const server = await listen(projector.app, { port: values.PORT, healthy: projector.healthy });
log.info({ port: server.port }, 'the read models follow the engine');

async function drain(): Promise<void> {
  await projector.close();
  await server.close();
}
process.once('SIGTERM', drain).once('SIGINT', drain);
