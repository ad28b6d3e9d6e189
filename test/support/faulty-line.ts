/** A line to a server that may be cut, or go silent, as networks do. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `cut` ends connections and takes none; `silent` takes them, and nothing comes through. */
type LineState = 'open' | 'cut' | 'silent';

export class FaultyLine {
  /** The server's URL, by way of this line. */
  readonly url: string;
  readonly #sockets = new Set<Socket>();
  readonly #listener: ReturnType<typeof createServer>;
  #state: LineState = 'open';

  private constructor(serverUrl: string, listener: ReturnType<typeof createServer>) {
    const url = new URL(serverUrl);
    url.hostname = '127.0.0.1';
    url.port = String((listener.address() as AddressInfo).port);
    this.url = url.href;
    this.#listener = listener;
  }

  static async to(serverUrl: string): Promise<FaultyLine> {
    const { hostname, port } = new URL(serverUrl);
    const listener = createServer((client) => line.#join(client, connect(Number(port), hostname)));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const line = new FaultyLine(serverUrl, listener);
    return line;
  }

  set state(state: LineState) {
    this.#state = state;
    if (state === 'cut' || state === 'open') for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.state = 'cut';
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    const pairs = [
      [client, server],
      [server, client],
    ] as const;
    for (const [from, to] of pairs) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (this.#state === 'open') to.write(bytes);
      });
    }
    if (this.#state === 'cut') client.destroy();
  }
}
