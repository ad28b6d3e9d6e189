/** A Redis of the test's own, which it may stop, and start again on the same port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Undefined where there is no server program on the PATH. */
export const redisProgram = ['valkey-server', 'redis-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

export interface RedisServer {
  readonly url: string;
  /** `SIGSTOP` freezes it, `SIGCONT` lets it go on. */
  signal(name: NodeJS.Signals): void;
  /** At once, as a crash. */
  stop(): Promise<void>;
}

export async function startRedisServer(port: number): Promise<RedisServer> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server: ChildProcess = spawn(redisProgram!, settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of server.stdout!) if (String(line).includes('Ready to accept connections')) break;
  const exited = once(server, 'exit');
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (name) => void server.kill(name),
    stop: async () => {
      server.kill('SIGKILL');
      await exited;
    },
  };
}
