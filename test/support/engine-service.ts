/** The engine as it runs: the whole service on a free port, following its journal. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listings } from '#environments/markets.ts';
import { type ConfigOf, defaultsOf } from '#platform/env.ts';
import { openFeed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { config } from '#services/engine/config.ts';
import { type EngineDeps, startEngine } from '#services/engine/service.ts';

export interface RunningEngine {
  /** As `ws://host:port`. */
  readonly url: string;
  healthy(): boolean;
  /** Lets go of the lead and ends. */
  close(): Promise<void>;
}

/** `values` differ from the defaults; the lease is short. */
export async function startEngineService(
  databaseUrl: string,
  values: Partial<ConfigOf<typeof config>> = {},
  deps: Partial<EngineDeps> = {},
): Promise<RunningEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-blobs-'));
  const feed = deps.feed ?? (await openFeed(''));
  const engine = await startEngine(
    {
      ...defaultsOf(config),
      DATABASE_URL: databaseUrl,
      MARKETS: listings,
      BLOB_STORE_URL: pathToFileURL(directory).href,
      LEASE: 500,
      ...values,
    },
    { log: createLog('engine', 'silent'), ...deps, feed },
  );
  const server = await listen(engine.app, { port: 0, host: '127.0.0.1', healthy: engine.healthy });
  const url = `ws://127.0.0.1:${server.port}`;
  engine.begin(url);
  return {
    url,
    healthy: engine.healthy,
    close: async () => {
      await engine.close();
      await server.close();
      if (deps.feed === undefined) await feed.close();
      await rm(directory, { recursive: true });
    },
  };
}
