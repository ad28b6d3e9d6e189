/** The engine as a process of its own. */
import { readConfig } from '#platform/env.ts';
import { openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { config } from './config.ts';
import { ownPlace } from './own-place.ts';
import { startEngine } from './service.ts';

const log = createLog('engine');

async function main(): Promise<void> {
  const values = readConfig(config);
  const { host, deployment } = await ownPlace(values);
  const feed = await openFeed(values.REDIS_URL);
  const engine = await startEngine({ ...values, DEPLOYMENT: deployment }, { feed, log });
  const server = await listen(engine.app, { port: values.PORT, healthy: engine.healthy });
  engine.begin(`ws://${host}:${server.port}`);
  log.info({ port: server.port }, 'the engine is ready');
  const drain = async () => {
    await engine.close();
    await server.close();
    await feed.close();
  };
  process.once('SIGTERM', drain).once('SIGINT', drain);
}

main().catch((error) => {
  log.fatal({ err: error }, 'the engine cannot start');
  process.exit(1);
});
