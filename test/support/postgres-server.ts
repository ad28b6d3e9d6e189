/** The PostgreSQL server of a test run: a container where Docker runs, else the embedded one. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, Wait } from 'testcontainers';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/embedded-postgres/server.ts';

const IMAGE = 'postgres:18-alpine';
const PORT = 5432;
const PASSWORD = 'test';

export async function startTestServer(): Promise<EmbeddedPostgres> {
  return (await startContainer()) ?? (await startEmbedded());
}

/** Undefined when there is no container runtime, which shows within a millisecond. */
async function startContainer(): Promise<EmbeddedPostgres | undefined> {
  try {
    const container = await new GenericContainer(IMAGE)
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
      .withExposedPorts(PORT)
      // Its first start sets it up and ends; the second is the one to talk to.
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start();
    const address = `${container.getHost()}:${container.getMappedPort(PORT)}`;
    return {
      url: `postgres://postgres:${PASSWORD}@${address}/postgres`,
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    if (/container runtime/.test(String(error))) return undefined;
    throw error;
  }
}

async function startEmbedded(): Promise<EmbeddedPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-test-'));
  // Run by root, the server is another user, who has to come through.
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({ directory });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}
