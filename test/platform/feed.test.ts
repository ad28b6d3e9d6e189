/** One suite over all backends of the feed; Redis is the one at REDIS_URL or on the PATH. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Feed, openFeed } from '#platform/feed.ts';
import { freePort } from '#platform/free-port.ts';
import { type LocalRedis, startRedis } from '#services/local/redis.ts';
import { startRedisCluster } from '#test/support/redis-cluster.ts';
import { type RedisServer, redisProgram, startRedisServer } from '#test/support/redis-server.ts';
import { until } from '#test/support/until.ts';

const redis: LocalRedis = await startRedis(process.env.REDIS_URL ?? '', process.env.PATH ?? '');
const cluster = await startRedisCluster();
const isRequired = process.env.REQUIRE_COMPONENTS?.includes('redis') ?? false;
if (redis.url === '' && isRequired) throw new Error('Redis is required here, and there is none on the PATH');

afterAll(async () => {
  await redis.close();
  await cluster?.close();
});

const backends: [string, string][] = [['this process', '']];
if (redis.url !== '') backends.push(['Redis', redis.url]);
if (cluster !== undefined) backends.push(['a cluster of Redis', cluster.url]);
if (redis.url === '')
  it.skip('the feed through Redis: there is no Redis at REDIS_URL or on the PATH', () => {});

describe.each(backends)('the feed through %s', (_, url) => {
  let publisher: Feed;
  let subscriber: Feed;

  beforeAll(async () => {
    publisher = await openFeed(url);
    subscriber = url === '' ? publisher : await openFeed(url);
  });

  afterAll(async () => {
    await publisher.close();
    if (subscriber !== publisher) await subscriber.close();
  });

  it('hands every byte to every listener of the channel, in order, and to nobody else', async () => {
    const heard: Uint8Array[] = [];
    const others: Uint8Array[] = [];
    const first = await subscriber.subscribe('one', (message) => heard.push(message));
    const second = await subscriber.subscribe('two', (message) => others.push(message));
    const everyByte = Uint8Array.from({ length: 256 }, (_byte, value) => value);
    for (let count = 0; count < 100; count++) publisher.publish('one', everyByte.with(0, count));
    await until(() => heard.length === 100);
    expect(heard.map((message) => message[0])).toEqual(
      Array.from({ length: 100 }, (_message, count) => count),
    );
    expect([...heard[99]!.subarray(1)]).toEqual([...everyByte.subarray(1)]);
    expect(others).toEqual([]);
    await first();
    await second();
  });

  it('tells nothing more once the subscription is given up', async () => {
    const heard: Uint8Array[] = [];
    const witness: Uint8Array[] = [];
    const giveUp = await subscriber.subscribe('three', (message) => heard.push(message));
    await subscriber.subscribe('four', (message) => witness.push(message));
    await giveUp();
    publisher.publish('three', Uint8Array.of(1));
    publisher.publish('four', Uint8Array.of(1));
    await until(() => witness.length === 1);
    expect(heard).toEqual([]);
  });
});

describe('while Redis is away', () => {
  const servers: RedisServer[] = [];
  const feeds: Feed[] = [];

  // Whatever a test came to: a server or a connection left behind would keep the run from ending.
  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.close();
    for (const server of servers.splice(0)) await server.stop();
  });

  it('whoever publishes is neither held up nor failed', async () => {
    const feed = await openFeed(`redis://127.0.0.1:${await freePort()}`);
    feeds.push(feed);
    const began = performance.now();
    for (let count = 0; count < 10_000; count++) feed.publish('one', Uint8Array.of(1));
    expect(performance.now() - began).toBeLessThan(1_000);
  }, 20_000);

  (redisProgram === undefined ? it.skip : it)(
    'messages are lost, and go on arriving once it is back',
    async () => {
      const port = await freePort();
      servers.push(await startRedisServer(port));
      const feed = await openFeed(`redis://127.0.0.1:${port}`);
      feeds.push(feed);
      const heard: number[] = [];
      await feed.subscribe('one', (message) => heard.push(message[0]!));
      feed.publish('one', Uint8Array.of(1));
      await until(() => heard.length === 1);
      await servers.pop()!.stop();
      for (let count = 0; count < 10_000; count++) feed.publish('one', Uint8Array.of(2));
      servers.push(await startRedisServer(port));
      await until(() => {
        feed.publish('one', Uint8Array.of(3));
        return heard.includes(3);
      });
      expect(heard).not.toContain(2);
    },
    30_000,
  );
});
