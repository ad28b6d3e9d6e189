import { expect, it } from '@jest/globals';
import { faultOf } from '#services/release-check/check.ts';
import { serve } from './serve.ts';

const checked = (url: string) => faultOf({ url, health: '/health', others: ['/time', '/depth'] });

it('finds nothing wrong with tasks that are healthy and answer each time', async () => {
  const service = await serve((path) => (path === '/depth' ? 400 : 200));
  expect(await checked(service.url)).toBeUndefined();
  expect(service.requests).toHaveLength(30);
  expect(new Set(service.requests)).toEqual(new Set(['/health', '/time', '/depth']));
});

it('sees a task that is unhealthy once in a while', async () => {
  const service = await serve((_, request) => (request === 13 ? 503 : 200));
  expect(await checked(service.url)).toMatch(/^round 5 of 10: \/health: 503/);
});

it('takes nothing but 200 for healthy', async () => {
  const service = await serve((path) => (path === '/health' ? 404 : 200));
  expect(await checked(service.url)).toMatch(/^round 1 of 10: \/health: 404/);
});

it('sees a route that fails while the task says that it is healthy', async () => {
  const service = await serve((path) => (path === '/time' ? 500 : 200));
  expect(await checked(service.url)).toMatch(/^round 1 of 10: \/time: 500/);
});

it('sees tasks that do not answer in time', async () => {
  const service = await serve(() => undefined);
  expect(await checked(service.url)).toMatch(/^round 1 of 10: \/health: .*timeout/);
});

it('sees that nobody is there', async () => {
  const service = await serve(() => 200);
  await service.stop();
  expect(await checked(service.url)).toMatch(/^round 1 of 10: \/health: .*ECONNREFUSED/);
});
