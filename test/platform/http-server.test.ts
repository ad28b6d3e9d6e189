import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { upgradeWebSocket } from '@hono/node-server';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { WebSocket } from 'ws';
import { type HttpServer, ListenError, type ListenOptions, listen } from '#platform/http-server.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(app: Hono, options: Partial<ListenOptions> = {}) {
  const server = await listen(app, { port: 0, host: '127.0.0.1', ...options });
  servers.push(server);
  return { server, address: `127.0.0.1:${server.port}` };
}

describe('listen', () => {
  it('serves the app', async () => {
    const app = new Hono().get('/greeting', (context) => context.text('hello'));
    const { address } = await start(app);
    expect(await (await fetch(`http://${address}/greeting`)).text()).toBe('hello');
    expect((await fetch(`http://${address}/other/health`)).status).toBe(404);
  });

  it('answers /health by what the service says of itself', async () => {
    let healthy = true;
    const { address } = await start(new Hono(), { healthy: () => healthy });
    expect((await fetch(`http://${address}/health`)).status).toBe(200);
    healthy = false;
    expect((await fetch(`http://${address}/health`)).status).toBe(503);
  });

  it('says in one sentence that a port is taken', async () => {
    const { server } = await start(new Hono());
    await expect(start(new Hono(), { port: server.port })).rejects.toThrow(ListenError);
    await expect(start(new Hono(), { port: server.port })).rejects.toThrow(
      `port ${server.port} is taken: stop what listens there or set PORT to another one`,
    );
  });

  it('refuses a WebSocket message over 64 KB', async () => {
    const app = new Hono().get(
      '/ws',
      upgradeWebSocket(() => ({ onMessage: (_, socket) => socket.send('ok') })),
    );
    const { address } = await start(app);
    const socket = new WebSocket(`ws://${address}/ws`);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(new Uint8Array(64 * 1024));
    await new Promise((resolve) => socket.once('message', resolve));
    socket.send(new Uint8Array(64 * 1024 + 1));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1009);
  });
});

it('refuses a WebSocket in the words of the app', async () => {
  const app = new Hono().get('/ws', (context) =>
    context.json({ msg: 'not today' }, 429, { 'Retry-After': '7' }),
  );
  const { address } = await start(app);
  const socket = new WebSocket(`ws://${address}/ws`);
  const response = await new Promise<IncomingMessage>((resolve) => {
    socket.once('unexpected-response', (_, answer) => resolve(answer));
  });
  expect(response.statusCode).toBe(429);
  expect(response.headers['retry-after']).toBe('7');
  expect(await json(response)).toEqual({ msg: 'not today' });
});

describe('close', () => {
  it('lets a running request end and takes no more', async () => {
    let arrived = () => {};
    const running = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const app = new Hono().get('/slow', async (context) => {
      arrived();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return context.text('done');
    });
    const { server, address } = await start(app);
    const answer = fetch(`http://${address}/slow`).then((response) => response.text());
    await running;
    const closed = server.close();
    await expect(fetch(`http://${address}/slow`)).rejects.toThrow('fetch failed');
    expect(await answer).toBe('done');
    await closed;
  });

  it('says goodbye on WebSockets', async () => {
    const app = new Hono().get(
      '/ws',
      upgradeWebSocket(() => ({})),
    );
    const { server, address } = await start(app);
    const socket = new WebSocket(`ws://${address}/ws`);
    await new Promise((resolve) => socket.once('open', resolve));
    const code = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    expect(await code).toBe(1001);
  });
});
