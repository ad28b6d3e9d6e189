import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await stop(server);
});

/** A service over real HTTP that answers as told, until the test ends; undefined leaves a request without an answer. */
export async function serve(statusOf: (path: string, request: number) => number | undefined) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const status = statusOf(request.url!, requests.length);
    if (status !== undefined) response.writeHead(status).end('{"status":"…"}');
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { requests, url, stop: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}
