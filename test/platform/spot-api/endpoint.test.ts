/** Over a real server, since what a URL object would change is what matters here. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Hono } from 'hono';
import type { TimeUs } from '#domain/ids.ts';
import { type HttpServer, listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { endpoint } from '#platform/spot-api/endpoint.ts';
import { RequestWeights } from '#platform/spot-api/limits.ts';
import { ProcessCounters } from '#platform/spot-api/window-counters.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';

let server: HttpServer;
beforeEach(async () => {
  freezeClock(Date.UTC(2026, 0, 1, 12));
  const weights = new RequestWeights(new ProcessCounters(), 100);
  const deps = { weights, trustedHops: 0, log: createLog('test', 'silent') };
  const app = new Hono();
  app.all(
    '/echo',
    endpoint(deps, 2, ({ query, body, parameters, time }) => ({
      json: { query, body, symbols: parameters.symbols(), time: time(1_700_000_000_123_456 as TimeUs) },
    })),
  );
  app.get(
    '/free',
    endpoint(deps, 2, () => ({ json: [], weightless: true })),
  );
  app.get(
    '/broken',
    endpoint(deps, 2, () => Promise.reject(new Error('a secret of the house'))),
  );
  app.get(
    '/heavy',
    endpoint(
      deps,
      (parameters) => (parameters.has('all') ? 80 : 6),
      () => ({ json: [] }),
    ),
  );
  server = await listen(app, { port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  thawClock();
  await server.close();
});

/** Sends bytes as they are; a client library would encode them. */
async function raw(
  method: string,
  target: string,
  body = '',
  headers: readonly string[] = [],
): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: close',
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}
const jsonOf = (response: string) => JSON.parse(response.slice(response.indexOf('\r\n\r\n')));

it('hands on query and body exactly as they came', async () => {
  const query = 'symbols=["BTCUSDT","%45THUSDT"]&x=\'|{}^';
  const { json } = { json: jsonOf(await raw('GET', `/echo?${query}`)) };
  expect(json).toMatchObject({ query, body: '', symbols: ['BTCUSDT', 'ETHUSDT'] });
  const body = 'a=1&b=%2B+&signature=zz';
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
    expect(jsonOf(await raw('POST', '/echo', body, [`Content-Type: ${type}`]))).toMatchObject({
      query: '',
      body,
    });
  expect(jsonOf(await raw('DELETE', '/echo?q=1', body))).toMatchObject({ query: 'q=1', body });
});

it('takes an empty body labelled JSON, with any method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const headers = ['Content-Type: application/json', 'Content-Length: 0'];
    expect(jsonOf(await raw(method, '/echo?a=1', '', headers))).toMatchObject({ query: 'a=1', body: '' });
  }
});

it('takes a body that comes in chunks', async () => {
  const chunked = '3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n';
  const response = await raw('POST', '/echo', '', ['Transfer-Encoding: chunked', '', chunked]);
  expect(response).toContain('"body":"a=1&b=2"');
});

it('refuses a body above 8 KB', async () => {
  expect(await raw('POST', '/echo', `a=${'x'.repeat(8 * 1024)}`)).toMatch(
    /^HTTP\/1.1 413 [\s\S]*"code":-1130/,
  );
});

it('tells times in milliseconds, or in microseconds to who asks for them', async () => {
  const timeWith = async (unit: string) =>
    jsonOf(await raw('GET', '/echo', '', [`X-MBX-TIME-UNIT: ${unit}`]));
  expect(jsonOf(await raw('GET', '/echo'))).toMatchObject({ time: 1_700_000_000_123 });
  expect(await timeWith('microsecond')).toMatchObject({ time: 1_700_000_000_123_456 });
  expect(await timeWith('fortnight')).toMatchObject({ code: -1194 });
});

it('tells the weight used on every reply, refusals and failures included', async () => {
  const used = async (target: string) =>
    /x-mbx-used-weight-1m: (\d+)\r\n/i.exec(await raw('GET', target))?.[1];
  expect(await used('/echo')).toBe('2');
  expect(await used('/free')).toBe('2');
  expect(await used('/echo?a=%zz')).toBe('4');
  expect(await used('/broken')).toBe('6');
  expect(await used('/heavy')).toBe('12');
  expect(await used('/heavy?all=1')).toBe('92');
});

it('refuses past the limit with the seconds to wait, then bans', async () => {
  for (let request = 0; request < 50; request++) await raw('GET', '/echo');
  const refused = await raw('GET', '/echo');
  expect(refused).toMatch(/^HTTP\/1.1 429 /);
  expect(Number(/retry-after: (\d+)\r\n/i.exec(refused)![1])).toBeLessThanOrEqual(60);
  expect(jsonOf(refused)).toEqual({
    code: -1003,
    msg: 'Too much request weight used; current limit is 100 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.',
  });
  for (let request = 0; request < 10; request++) await raw('GET', '/echo');
  expect(await raw('GET', '/echo')).toMatch(/^HTTP\/1.1 418 [\s\S]*retry-after: 1(20|19)\r\n/i);
});

it('tells nothing of what went wrong inside', async () => {
  const response = await raw('GET', '/broken');
  expect(response).toMatch(/^HTTP\/1.1 500 /);
  expect(jsonOf(response)).toEqual({
    code: -1000,
    msg: 'An unknown error occurred while processing the request.',
  });
});
