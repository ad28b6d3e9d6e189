/** What the engine serves: requests and events over WebSockets, and who leads. */
import { upgradeWebSocket } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { mountRoutes } from '#platform/routes.ts';
import type { CommandSockets } from './command-sockets.ts';
import type { EventSubscribers } from './event-subscribers.ts';
import type { View } from './leadership.ts';
import { routes } from './routes.ts';

export interface EngineAppDeps {
  readonly sockets: CommandSockets;
  readonly subscribers: EventSubscribers;
  readonly view: () => View;
  /** A client says hello; it dialled `port` to come here. */
  readonly greet: (port: number) => void;
  /** Hands the lead to `successor`, which has applied the journal up to `seq`; false when that cannot be. */
  readonly handOff: (successor: string, seq: number) => Promise<boolean>;
  /** A subscriber could not be served: the journal did not read. */
  readonly onSubscriberFailure: (error: unknown) => void;
}

const DIGITS = /^\d{1,15}$/;
const PORT = /^\d{1,5}$/;

const handoffSchema = z.strictObject({
  successor: z.string().regex(/^wss?:\/\/[^/\s]+$/, 'must be ws://host:port'),
  seq: z.number().int().min(0),
});

export function createEngineApp(deps: EngineAppDeps): Hono {
  const { sockets, subscribers, view, greet, handOff, onSubscriberFailure } = deps;
  const app = new Hono();
  mountRoutes(app, routes, {
    commands: (context) => upgrade(context, (socket) => sockets.serve(socket)),
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
    leader: (context) => {
      const port = context.req.query('port') ?? '';
      if (!PORT.test(port)) return context.text('port: must be the port that was dialled\n', 400);
      greet(Number(port));
      return context.json(view());
    },
    handoff: async (context) => {
      const parsed = handoffSchema.safeParse(await context.req.json().catch(() => undefined));
      if (!parsed.success) return context.text(`${z.prettifyError(parsed.error)}\n`, 400);
      const { successor, seq } = parsed.data;
      return context.json({ granted: await handOff(successor, seq) });
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
