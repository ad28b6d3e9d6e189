/** Stands in for the engine's network load balancer: whole connections go to one side, all at once. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Side } from './side.ts';

export interface TcpBalancer {
  readonly port: number;
  attach(side: Side, port: number): void;
  /** New connections go there from now on; those that are open stay where they are. */
  switchTo(side: Side): void;
  close(): Promise<void>;
}

export async function startTcpBalancer(): Promise<TcpBalancer> {
  const ports: Record<Side, number> = { blue: 0, green: 0 };
  const sockets = new Set<Socket>();
  let live: Side = 'blue';
  const server = createServer((incoming) => {
    const outgoing = connect(ports[live], '127.0.0.1');
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.once('error', () => other.destroy());
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    attach: (side, port) => {
      ports[side] = port;
    },
    switchTo: (side) => {
      live = side;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
