/** A Redis cluster of one node: what a client must do differently there, it must do with one node, too. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from '#platform/free-port.ts';

const POLL_MS = 10;

export interface RedisCluster {
  /** With `cluster=true`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Undefined where there is no server program on the PATH. */
export async function startRedisCluster(): Promise<RedisCluster | undefined> {
  const program = ['valkey-server', 'redis-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'crossbook-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--cluster-enabled', 'yes', '--save', ''];
  // The bus between nodes would listen 10,000 ports above, which may not exist.
  args.push('--cluster-port', String(await freePort()), '--dir', folder);
  const server: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  await giveAllSlots(port);
  return {
    url: `redis://127.0.0.1:${port}?cluster=true`,
    close: async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function giveAllSlots(port: number): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on('error', () => {});
  await client.connect();
  await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
  for (let info = ''; !info.includes('cluster_state:ok'); await setTimeout(POLL_MS))
    info = String(await client.sendCommand(['CLUSTER', 'INFO']));
  client.destroy();
}
