/** One suite over both backends of the feed; Redis is the one at REDIS_URL or on the PATH. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Feed, openFeed } from '#platform/feed.ts';
import { type LocalRedis, startRedis } from '#services/local/redis.ts';
import { until } from '#test/support/until.ts';

const redis: LocalRedis = await startRedis(process.env.REDIS_URL ?? '', process.env.PATH ?? '');
const isRequired = process.env.REQUIRE_COMPONENTS?.includes('redis') ?? false;
if (redis.url === '' && isRequired) throw new Error('Redis is required here, and there is none on the PATH');

afterAll(() => redis.close());

const backends: [string, string][] = [['this process', '']];
if (redis.url !== '') backends.push(['Redis', redis.url]);
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

it('does not fail whoever publishes while Redis is away', async () => {
  if (redis.url === '') return;
  const feed = await openFeed(redis.url);
  await feed.close();
  expect(() => feed.publish('one', Uint8Array.of(1))).not.toThrow();
});
