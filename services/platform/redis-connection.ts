/** A connection to Redis or Valkey, to one server or to a cluster, with what the services do there. */
import type { createClient, createCluster, RedisClientOptions } from 'redis';
import { secretPassword } from './secret-password.ts';

/**
 * `redis://` or `rediss://`. Beside a user and a password, the query may have `password_secret=<name>`, the secret in AWS
 * Secrets Manager that holds `{"password": "…"}`, and `cluster=true` for a cluster, of which the URL names any node.
 * The library is loaded by then only: it is half of what a process without Redis would load at its start.
 */
export async function openRedis(url: string, options: RedisClientOptions = {}) {
  const redis = await import('redis');
  const location = new URL(url);
  const { searchParams } = location;
  const isCluster = searchParams.get('cluster') === 'true';
  const secret = searchParams.get('password_secret');
  location.search = '';
  const client = {
    ...options,
    ...(secret === null
      ? {}
      : { credentialsProvider: credentials(decodeURIComponent(location.username), secret) }),
    // What cannot be sent now is not sent later: it would be out of date.
    disableOfflineQueue: true,
  };
  if (secret !== null) location.username = '';
  return isCluster ? cluster(redis, location.href, client) : single(redis, location.href, client);
}

export type RedisConnection = Awaited<ReturnType<typeof openRedis>>;

interface Redis {
  readonly createClient: typeof createClient;
  readonly createCluster: typeof createCluster;
}

function single({ createClient }: Redis, url: string, options: RedisClientOptions) {
  const client = createClient({ ...options, url });
  return Object.assign(client, { canSend: () => client.isReady });
}

/** TLS, user and password are the same at every node. */
function cluster({ createCluster }: Redis, url: string, options: RedisClientOptions) {
  const { protocol, hostname } = new URL(url);
  const tls = protocol === 'rediss:' ? { tls: true as const, servername: hostname } : {};
  const nodes = createCluster({
    rootNodes: [{ url }],
    defaults: { ...options, socket: { ...options.socket, ...tls } as RedisClientOptions['socket'] },
  });
  return Object.assign(nodes, { canSend: () => nodes.isOpen });
}

function credentials(
  username: string,
  secret: string,
): NonNullable<RedisClientOptions['credentialsProvider']> {
  const password = secretPassword(secret);
  return {
    type: 'async-credentials-provider',
    credentials: async () => ({ username, password: await password() }),
  };
}
