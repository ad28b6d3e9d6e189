/** Serves a Hono app, its WebSockets and `/health` on one port, and drains when closed. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { WebSocketServer } from 'ws';

/** Requests still running after this long are cut. */
const DRAIN_TIMEOUT_MS = 5_000;
/** Most bytes of one WebSocket message from outside. */
const WEB_SOCKET_BYTES_MAX = 64 * 1024;
/** WebSocket close code for a server that goes away: RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;

export interface ListenOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The address to listen on; all of them unless given. */
  readonly host?: string;
  /** Answers `/health`: 200 while true, else 503. */
  readonly healthy?: () => boolean;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no more connections, says goodbye on WebSockets, lets running requests end. */
  close(): Promise<void>;
}

/** The port cannot be had; the message is one sentence that says why and what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** @throws {ListenError} */
export async function listen(app: Hono, options: ListenOptions): Promise<HttpServer> {
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: WEB_SOCKET_BYTES_MAX,
  });
  const answer = (request: Request, env: object) =>
    request.url.endsWith('/health') && new URL(request.url).pathname === '/health'
      ? health(options.healthy?.() ?? true)
      : app.fetch(request, env);
  const server = createAdaptorServer({
    // Only what asks to become a WebSocket comes with the server of those.
    fetch: (request, env) => ('wss' in env ? upgraded(answer(request, env), env) : answer(request, env)),
    websocket: { server: webSockets },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options.port)));
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => drain(server, webSockets),
  };
}

/** Of a response that refuses, `@hono/node-server` would send the status without the body, which says why. */
async function upgraded(
  answered: Response | Promise<Response>,
  { incoming: { socket } }: { readonly incoming: Pick<IncomingMessage, 'socket'> },
): Promise<Response> {
  const response = await answered;
  if (response.status >= 400 && !socket.destroyed) await refuse(socket, response);
  return response;
}

/** Writes the whole response and ends the connection. */
async function refuse(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.clone().arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('Connection', 'close');
  headers.set('Content-Length', String(body.length));
  const lines = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
  // The client may be gone: then nobody is left to be told.
  await finished(socket, { readable: false }).catch(() => {});
  socket.destroy();
}

function health(healthy: boolean): Response {
  return Response.json({ status: healthy ? 'ok' : 'unavailable' }, { status: healthy ? 200 : 503 });
}

function listenError(error: NodeJS.ErrnoException, port: number): ListenError {
  const sentences: Record<string, string> = {
    EADDRINUSE: `port ${port} is taken: stop what listens there or set PORT to another one`,
    EACCES: `port ${port} needs more rights than this process has: set PORT to one above 1023`,
  };
  return new ListenError(sentences[error.code ?? ''] ?? `cannot listen on port ${port}: ${error.message}`, {
    cause: error,
  });
}

async function drain(server: Server, webSockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of webSockets.clients) socket.close(GOING_AWAY);
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    for (const socket of webSockets.clients) socket.terminate();
    server.closeAllConnections();
  }, DRAIN_TIMEOUT_MS);
  await closed;
  clearTimeout(cut);
}
