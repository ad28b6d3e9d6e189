/** The engine's two WebSockets. */
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import { mountRoutes } from '#platform/routes.ts';
import { serveCommands } from './command-socket.ts';
import type { EventSubscribers } from './event-subscribers.ts';
import { routes } from './routes.ts';
import type { Sequencer } from './sequencer.ts';

export interface EngineAppDeps {
  readonly sequencer: Sequencer;
  readonly subscribers: EventSubscribers;
  /** A subscriber could not be served: the journal did not read. */
  readonly onSubscriberFailure: (error: unknown) => void;
}

const DIGITS = /^\d{1,15}$/;

export function createEngineApp({ sequencer, subscribers, onSubscriberFailure }: EngineAppDeps): Hono {
  const app = new Hono();
  mountRoutes(app, routes, {
    commands: (context) => upgrade(context, (socket) => serveCommands(socket, sequencer)),
    events: (context) => {
      const from = context.req.query('from') ?? '';
      if (!DIGITS.test(from)) return context.text('from: must be a sequence, 0 or above\n', 400);
      return upgrade(context, (socket) => {
        subscribers.serve(socket, Number(from)).catch((error) => {
          socket.terminate();
          onSubscriberFailure(error);
        });
      });
    },
  });
  return app;
}

/** `serve` gets the socket itself, since it needs the state of its buffer. */
function upgrade(context: Context, serve: (socket: WebSocket) => void): Response | Promise<Response> {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket')
    return context.text('this is a WebSocket\n', 426, { Upgrade: 'websocket' });
  return upgradeWebSocket(context, { onOpen: (_, { raw }) => serve(raw as WebSocket) });
}
