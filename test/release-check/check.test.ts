import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { faultOf } from '#services/release-check/check.ts';

let server: Server;
let requests: string[];

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers the nth request as told; undefined leaves it without an answer. */
async function serve(statusOf: (request: number) => number | undefined): Promise<string> {
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.connection}`);
    const status = statusOf(requests.length);
    if (status !== undefined) response.writeHead(status).end('{"status":"…"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('finds nothing wrong with tasks that are healthy each time', async () => {
  expect(await faultOf(await serve(() => 200))).toBeUndefined();
  expect(requests).toHaveLength(20);
});

it('sees a task that is unhealthy once in a while', async () => {
  const url = await serve((request) => (request === 13 ? 503 : 200));
  expect(await faultOf(url)).toMatch(/^request 13 of 20: 503/);
});

it('sees tasks that do not answer in time', async () => {
  expect(await faultOf(await serve(() => undefined))).toMatch(/^request 1 of 20: .*timeout/);
});

it('sees that nobody is there', async () => {
  const url = await serve(() => 200);
  await new Promise((resolve) => server.close(resolve));
  expect(await faultOf(url)).toMatch(/^request 1 of 20: .*ECONNREFUSED/);
  await serve(() => 200);
});
