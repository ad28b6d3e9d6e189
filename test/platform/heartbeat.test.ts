/** Heartbeats over a real WebSocket, at a rhythm that a test can wait for. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { type Heartbeat, keepAlive } from '#platform/heartbeat.ts';
import { until } from '#test/support/until.ts';

const HEARTBEAT: Heartbeat = { intervalMs: 20, unansweredMax: 3 };

let server: WebSocketServer;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => keepAlive(socket, HEARTBEAT));
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

async function connect(autoPong: boolean): Promise<{ socket: WebSocket; pings: () => number }> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong });
  let pings = 0;
  socket.on('ping', () => pings++);
  await once(socket, 'open');
  return { socket, pings: () => pings };
}

it('keeps a connection that answers, however long it says nothing else', async () => {
  const { socket, pings } = await connect(true);
  await until(() => pings() >= 3 * HEARTBEAT.unansweredMax);
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

it('ends a connection after as many unanswered pings as allowed, and no fewer', async () => {
  const { socket, pings } = await connect(false);
  await once(socket, 'close');
  expect(pings()).toBe(HEARTBEAT.unansweredMax);
});

it('takes any message for a sign of life', async () => {
  const { socket, pings } = await connect(false);
  socket.on('ping', () => socket.send('here'));
  await until(() => pings() >= 3 * HEARTBEAT.unansweredMax);
  expect(socket.readyState).toBe(WebSocket.OPEN);
});
