/** A service's line to the engine that leads: commands and questions out, outcomes and answers back. */
import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { Message } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { type RejectionName, rejectionName } from '#domain/rejections.ts';
import { COMMANDS_PATH, LEADER_PATH, type LeaderView, readLeaderView } from './engine-protocol.ts';
import { EngineRequests, type EngineRequestsOptions, EngineUnavailable } from './engine-requests.ts';
import { keepAlive } from './heartbeat.ts';
import { traceCall } from './tracing.ts';

export { EngineUnavailable };

/** What became of a command; it is in the journal by the time anyone sees this, accepted or rejected. */
export interface Outcome {
  readonly seq: Seq;
  readonly timeUs: TimeUs;
  /** Null when accepted. */
  readonly rejection: RejectionName | null;
  /** What the command did, in order; empty when rejected. */
  readonly events: readonly Event[];
}

export interface Answer {
  /** The last committed command that the answer takes into account. */
  readonly seq: Seq;
  readonly records: readonly Message[];
}

export interface EngineClient {
  /** @throws {EngineUnavailable} */
  execute(command: Command): Promise<Outcome>;
  /** @throws {EngineUnavailable} */
  ask(query: Query): Promise<Answer>;
  close(): Promise<void>;
}

export type EngineClientOptions = Omit<EngineRequestsOptions, 'nonce'>;

/** How often it says hello to whoever is behind the address now, to learn who leads and to show that it is there. */
const HELLO_MS = 1_000;
/** Without a leader it asks sooner, and again after twice as long. */
const HELLO_MS_MIN = 20;
const HELLO_MS_MAX_AWAY = 200;
const HELLO_TIMEOUT_MS = 1_000;
const HANDSHAKE_TIMEOUT_MS = 2_000;
/** Timeouts are looked for this often, over all requests at once: a timer for each would cost more than the rest. */
const SWEEP_MS = 50;

/**
 * One connection to the leader among the engines that answer at `url`, made again wherever the lead goes. The requests
 * of one turn of the event loop leave in one frame. Until it is closed it keeps the process alive: an engine may come later.
 */
export function connectEngine(url: string, options: EngineClientOptions = {}): EngineClient {
  return new EngineConnection(new URL(url), options);
}

class EngineConnection implements EngineClient {
  readonly #helloUrl: URL;
  readonly #requests: EngineRequests;
  readonly #sweep: NodeJS.Timeout;
  #hello: NodeJS.Timeout | undefined;
  #socket: WebSocket | undefined;
  /** Of the socket. */
  #leader = '';
  #epoch = 0;
  #failures = 0;
  #isGreeting = false;
  #flushDue = false;
  #closed = false;

  constructor(url: URL, options: EngineClientOptions) {
    this.#helloUrl = new URL(LEADER_PATH, url.href.replace(/^ws/, 'http'));
    this.#helloUrl.searchParams.set('port', url.port || (url.protocol === 'wss:' ? '443' : '80'));
    this.#requests = new EngineRequests(options);
    this.#sweep = setInterval(() => this.#requests.expire(performance.now()), SWEEP_MS);
    this.#greet();
  }

  async execute(command: Command): Promise<Outcome> {
    const { head, records } = await this.#traced(command);
    const { message } = head;
    const rejection = message.type === 'rejected' ? rejectionName(message.code) : null;
    if (rejection === undefined) throw new EngineUnavailable('the engine is of a newer version', true);
    return {
      seq: head.id as Seq,
      timeUs: head.timeUs as TimeUs,
      rejection,
      events: records as readonly Event[],
    };
  }

  async ask(query: Query): Promise<Answer> {
    const { head, records } = await this.#traced(query);
    return { seq: head.id as Seq, records };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    clearTimeout(this.#hello);
    this.#requests.close('the client was closed');
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === socket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  }

  #traced(message: Command | Query) {
    return traceCall(`engine ${message.type}`, {}, () => this.#request(message));
  }

  async #request(message: Command | Query) {
    if (this.#closed) throw new EngineUnavailable('the client was closed', false);
    const reply = this.#requests.request(message, performance.now());
    if (!this.#flushDue) {
      this.#flushDue = true;
      setImmediate(() => {
        this.#flushDue = false;
        this.#requests.flush();
      });
    }
    return reply;
  }

  /** Asks who leads, on a new connection: the balancer may lead to another deployment by now. */
  async #greet(): Promise<void> {
    if (this.#isGreeting || this.#closed) return;
    this.#isGreeting = true;
    try {
      this.#follow(await sayHello(this.#helloUrl));
    } catch {
      // Nobody there, or nobody who can tell: asked again soon.
    }
    this.#isGreeting = false;
    this.#greetLater();
  }

  #greetLater(): void {
    clearTimeout(this.#hello);
    if (!this.#closed) this.#hello = setTimeout(() => this.#greet(), this.#nextHelloMs());
  }

  #nextHelloMs(): number {
    if (this.#socket !== undefined) return HELLO_MS;
    const limitMs = Math.min(HELLO_MS_MAX_AWAY, HELLO_MS_MIN * 2 ** this.#failures++);
    // Not all clients at once.
    return limitMs * (1 - Math.random() / 2);
  }

  #follow({ leader, epoch }: LeaderView): void {
    if (this.#closed || leader === null || epoch < this.#epoch) return;
    if (this.#socket !== undefined) {
      if (leader === this.#leader) return;
      // Its lead has gone; what it has not answered is asked of the next.
      this.#socket.terminate();
      this.#lost(this.#socket);
    }
    this.#epoch = epoch;
    this.#leader = leader;
    this.#connect(leader);
  }

  #connect(leader: string): void {
    const socket = new WebSocket(new URL(COMMANDS_PATH, leader), {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#socket = socket;
    keepAlive(socket);
    socket.on('open', () => {
      if (socket === this.#socket) this.#requests.connected((frame) => socket.send(frame));
    });
    socket.on('message', (data) => {
      if (socket !== this.#socket) return;
      this.#failures = 0;
      try {
        this.#requests.receive(data as Buffer);
      } catch {
        // What the engine says cannot be understood; what it did not say is asked again.
        socket.terminate();
      }
    });
    // An error is always followed by the close that decides what becomes of the requests.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (socket !== this.#socket) return;
      this.#lost(socket);
      this.#greetLater();
    });
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#requests.disconnected();
  }
}

async function sayHello(url: URL): Promise<LeaderView> {
  const { promise, resolve, reject } = Promise.withResolvers<LeaderView>();
  const request = get(url, { agent: false, timeout: HELLO_TIMEOUT_MS }, (response) => {
    json(response)
      .then((answer) => resolve(readLeaderView(answer)))
      .catch(reject);
  });
  request.on('timeout', () => request.destroy(new Error('no answer')));
  request.on('error', reject);
  return promise;
}
