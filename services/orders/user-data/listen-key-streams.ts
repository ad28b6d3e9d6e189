/** Connections that follow an account by its listen key: each event as it is, until the key ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { TimeUs } from '#domain/ids.ts';
import type { Log } from '#platform/log.ts';
import { ClientSocket } from '../client-socket.ts';
import type { KeyWatch } from '../key-watch.ts';
import type { Clock, Json } from '../order-view.ts';
import { type ListenKey, type ListenKeys, listenKeyName } from './listen-keys.ts';
import { eventStreamTerminated } from './user-events.ts';
import type { UserStreams } from './user-streams.ts';

export interface ListenKeyStreamsDeps {
  readonly listenKeys: Pick<ListenKeys, 'find'>;
  readonly userStreams: Pick<UserStreams, 'subscribe'>;
  readonly keyWatch: Pick<KeyWatch, 'add'>;
  readonly log: Log;
}

export interface Follower extends Clock {
  readonly listenKey: string;
  readonly address: string;
}

/** While the database is away nothing is known of a key: it is looked up again. */
const RETRY_MS = 1_000;

export class ListenKeyStreams {
  readonly #deps: ListenKeyStreamsDeps;
  readonly #open = new Set<ListenKeyStream>();

  constructor(deps: ListenKeyStreamsDeps) {
    this.#deps = deps;
  }

  /** Serves the socket until it or the key ends. */
  serve(socket: WebSocket, follower: Follower, found: ListenKey): void {
    const stream = new ListenKeyStream(this.#deps, socket, follower, found, () => this.#open.delete(stream));
    this.#open.add(stream);
  }

  /** A listen key may have been closed, named as {@link listenKeyName} does; without a name any of them. */
  check(name?: string): void {
    for (const stream of this.#open) if (name === undefined || stream.name === name) void stream.check();
  }

  announceShutdown(): void {
    for (const stream of this.#open) stream.announceShutdown();
  }
}

class ListenKeyStream {
  readonly name: string;
  readonly #deps: ListenKeyStreamsDeps;
  readonly #follower: Follower;
  readonly #socket: ClientSocket;
  readonly #closed = new AbortController();
  #expiry: NodeJS.Timeout | undefined;

  constructor(
    deps: ListenKeyStreamsDeps,
    socket: WebSocket,
    follower: Follower,
    { account, apiKey, expiresAt }: ListenKey,
    onClose: () => void,
  ) {
    this.name = listenKeyName(follower.listenKey);
    this.#deps = deps;
    this.#follower = follower;
    const tell = (event: Json) => this.#tell(event);
    const unsubscribe = deps.userStreams.subscribe({ account, time: follower.time, tell });
    const { address } = follower;
    const unwatch = deps.keyWatch.add({ apiKey, account, address, onRevoked: () => this.#revoke() });
    // What clients send here means nothing.
    this.#socket = new ClientSocket(socket, {
      onText: () => {},
      onClose: () => {
        this.#closed.abort();
        clearTimeout(this.#expiry);
        unsubscribe();
        unwatch();
        onClose();
      },
    });
    this.#expireAt(expiresAt);
    // It may have been closed since it was found.
    void this.check();
  }

  announceShutdown(): void {
    this.#tell({ e: 'serverShutdown', E: this.#follower.time(nowUs()) });
  }

  /** Ends the stream if its listen key has ended. */
  async check(): Promise<void> {
    const { listenKeys, log } = this.#deps;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        const found = await listenKeys.find(this.#follower.listenKey);
        if (found === undefined) this.#expire();
        else if (!signal.aborted) this.#expireAt(found.expiresAt);
        return;
      } catch (error) {
        log.warn({ err: error }, 'a listen key cannot be looked up; trying again');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #expireAt(expiresAt: TimeUs): void {
    clearTimeout(this.#expiry);
    const waitMs = Math.max(0, expiresAt / 1_000 - Date.now());
    // By then it may have been kept alive.
    this.#expiry = setTimeout(() => void this.check(), waitMs).unref();
  }

  #expire(): void {
    const { listenKey, time } = this.#follower;
    this.#tell({ e: 'listenKeyExpired', E: time(nowUs()), listenKey });
    this.#socket.close('the listenKey has ended: ask for another one');
  }

  #revoke(): void {
    this.#tell(eventStreamTerminated(this.#follower, nowUs()));
    this.#socket.close('the API key of this listenKey may no longer be used');
  }

  #tell(event: Json): void {
    this.#socket.send(JSON.stringify(event));
  }
}

function nowUs(): TimeUs {
  return (Date.now() * 1_000) as TimeUs;
}
