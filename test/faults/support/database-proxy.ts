/**
 * Stands between engines and PostgreSQL: its address stays when the server's changes, and it can swallow the answer to
 * a statement, so that a commit goes through and nobody hears of it.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  /** The server's URL with the proxy's address. */
  readonly url: string;
  /** The server is at `url` from now on. */
  moveTo(url: string): void;
  /**
   * The next answer that contains `tag`, such as `INSERT 0 1`, does not come through: the connection is lost instead.
   * What it answers is committed, since the server says so only then. Resolves when that has happened.
   */
  swallowAnswer(tag: string): Promise<void>;
  close(): Promise<void>;
}

export async function startDatabaseProxy(serverUrl: string): Promise<DatabaseProxy> {
  let server = new URL(serverUrl);
  let trap: { readonly tag: string; readonly sprung: () => void } | undefined;
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (bytes: Buffer) => upstream.write(bytes));
    upstream.on('data', (bytes: Buffer) => {
      if (trap === undefined || !bytes.includes(trap.tag)) {
        client.write(bytes);
        return;
      }
      cut();
      trap.sprung();
      trap = undefined;
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    moveTo: (next) => {
      server = new URL(next);
    },
    swallowAnswer: (tag) =>
      new Promise((resolve) => {
        trap = { tag, sprung: resolve };
      }),
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
