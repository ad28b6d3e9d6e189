/**
 * A client: the real state machine of its requests, on a simulated connection that is made and left as
 * `engine-client.ts` does it.
 */
import { FrameWriter, offsetsOf, openFrame, recordWords } from '#domain/codec.ts';
import { type Command, commands } from '#domain/commands.ts';
import type { Query } from '#domain/queries.ts';
import { type EngineReply, EngineRequests } from '#platform/engine-requests.ts';
import type { View } from '#services/engine/leadership.ts';
import { SESSIONS_MAX } from '#services/engine/matching/sessions.ts';
import type { Cluster } from './cluster.ts';
import type { ClientEnd, Link } from './link.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const HELLO_MS = 1_000;
const HELLO_MS_MIN = 20;
const HELLO_MS_MAX_AWAY = 200;
const HELLO_TIMEOUT_US = 1_000_000;
const HANDSHAKE_TIMEOUT_US = 2_000_000;
const SWEEP_US = 50_000;
const LIVE_PORT = 443;
const LATENCY_US_MIN = 50;
const LATENCY_US_MAX = 20_000;
/** What arrives within one turn of the event loop leaves in one frame. */
const TURN_US_MAX = 100;

const { request: REQUEST } = offsetsOf(commands.place);

export interface SimulatedClientOptions {
  readonly name: string;
  readonly nonce: number;
  readonly pendingRequestsMax: number;
  readonly waitTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export class SimulatedClient {
  readonly name: string;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #requests: EngineRequests;
  /** One for each connection, so that what comes late from an old one is not taken for the new one's. */
  #connection: { link: Link | undefined } | undefined;
  #leader = '';
  #epoch = 0;
  #failures = 0;
  #greeting = 0;
  #isFlushDue = false;
  #partitionedUntilUs = 0;
  readonly #numbered = new Set<number>();
  #newNumber = 1e6;
  #strangers = 1e9;

  constructor(world: World, cluster: Cluster, { name, ...options }: SimulatedClientOptions) {
    this.name = name;
    this.#world = world;
    this.#cluster = cluster;
    this.#requests = new EngineRequests(options);
    this.#sweep();
    this.#greet();
  }

  get #nowMs(): number {
    return this.#world.scheduler.nowUs / 1_000;
  }

  request(message: Command | Query): Promise<EngineReply> {
    const reply = this.#requests.request(message, this.#nowMs);
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      this.#world.scheduler.after(this.#world.int(0, TURN_US_MAX), () => {
        this.#isFlushDue = false;
        this.#requests.flush();
      });
    }
    return reply;
  }

  /** Callers from elsewhere, so many that the engine forgets this client's session for theirs. */
  crowd(): void {
    for (let left = SESSIONS_MAX; left > 0; left--)
      this.request({ type: 'openSession', nonce: ++this.#strangers }).catch(() => {});
  }

  /** If it leads to `process`, when one is given. */
  loseConnection(process?: SimulatedProcess): void {
    const link = this.#connection?.link;
    if (process === undefined || link?.process === process) link?.lose();
  }

  /** What is sent to it or by it arrives when it is over. */
  partition(us: number): void {
    this.#partitionedUntilUs = this.#world.scheduler.nowUs + us;
  }

  readonly #latencyUs = () => {
    const { scheduler } = this.#world;
    return (
      Math.max(0, this.#partitionedUntilUs - scheduler.nowUs) +
      this.#world.spread(LATENCY_US_MIN, LATENCY_US_MAX)
    );
  };

  #sweep(): void {
    this.#requests.expire(this.#nowMs);
    this.#world.scheduler.after(SWEEP_US, () => this.#sweep());
  }

  /** One hello at a time, until it is answered or has taken too long; then the next. */
  #greet(): void {
    const greeting = ++this.#greeting;
    const next = (view?: View) => {
      if (greeting !== this.#greeting) return;
      this.#greeting++;
      if (view !== undefined) this.#follow(view);
      this.#greetLater();
    };
    this.#world.scheduler.after(HELLO_TIMEOUT_US, () => next());
    this.#cluster.greet(this.name, LIVE_PORT, this.#latencyUs, next);
  }

  #greetLater(): void {
    const greeting = ++this.#greeting;
    this.#world.scheduler.after(this.#nextHelloMs() * 1_000, () => {
      if (greeting === this.#greeting) this.#greet();
    });
  }

  #nextHelloMs(): number {
    if (this.#connection !== undefined) return HELLO_MS;
    const limitMs = Math.min(HELLO_MS_MAX_AWAY, HELLO_MS_MIN * 2 ** this.#failures++);
    return limitMs * (1 - this.#world.int(0, 500) / 1_000);
  }

  #follow({ leader, epoch }: View): void {
    if (leader === null || epoch < this.#epoch) return;
    if (this.#connection !== undefined) {
      if (leader === this.#leader) return;
      this.#leave();
    }
    this.#epoch = epoch;
    this.#leader = leader;
    this.#connect(leader);
  }

  #leave(): void {
    this.#connection?.link?.terminate();
    this.#connection = undefined;
    this.#requests.disconnected();
  }

  #connect(leader: string): void {
    const connection: { link: Link | undefined } = { link: undefined };
    this.#connection = connection;
    let isOpen = false;
    const isCurrent = () => connection === this.#connection;
    const lost = () => {
      if (!isCurrent()) return;
      this.#world.tell(`${this.name}: lost ${leader}`);
      this.#leave();
      this.#greetLater();
    };
    const client: ClientEnd = {
      name: this.name,
      latencyUs: this.#latencyUs,
      onOpen: () => {
        isOpen = true;
        if (!isCurrent()) return;
        this.#world.tell(`${this.name}: connected to ${leader}`);
        this.#requests.connected((frame) => connection.link?.send(this.#asSent(frame)));
      },
      onMessage: (bytes) => {
        if (!isCurrent()) return;
        this.#failures = 0;
        this.#requests.receive(bytes);
      },
      onClose: lost,
    };
    this.#world.scheduler.after(HANDSHAKE_TIMEOUT_US, () => isOpen || lost());
    this.#cluster.connect(leader, client, (link) => {
      connection.link = link;
      if (!isCurrent()) link.terminate();
    });
  }

  /** The frame as it leaves: the same, but of a client that numbers anew what it sends again. */
  #asSent(frame: Uint8Array): Uint8Array {
    if (this.#world.broken !== 'resendsAnew') return frame;
    const records = openFrame(frame);
    const writer = new FrameWriter();
    for (let at = records.start; at < records.end; at += recordWords(records, at)) {
      const copy = writer.length;
      const id = records.words[at + 1]!;
      writer.copy(records, at, id, 0);
      const code = records.ints[at * 2]!;
      if (code !== commands.place.code && code !== commands.cancel.code) continue;
      if (this.#numbered.has(id)) writer.words[copy + REQUEST] = ++this.#newNumber;
      this.#numbered.add(id);
    }
    return writer.finish();
  }
}
