/** Trades through a client for as long as it is told to, and notes what it hears. */
import type { Message } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, Units } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { rejectionName } from '#domain/rejections.ts';
import { type EngineReply, EngineUnavailable } from '#platform/engine-requests.ts';
import { newOrder, noSession } from '#test/support/commands.ts';
import type { History } from '../support/history.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { World } from './world.ts';

const PRICE_MIN = 95;
const PRICE_MAX = 105;
const QUANTITY_MAX = 20;
const DEPOSIT_MAX = 5_000;
/** Of orders of its own that a trader may still cancel. */
const RECENT_MAX = 20;

/** A trader that is not answered does not go on for ever. */
const PENDING_MAX = 24;

/** What the engine said of its state. */
export interface Heard {
  readonly query: Query;
  readonly seq: number;
  readonly records: readonly Message[];
}

/** What all traders heard. */
export class Ear {
  readonly answers: Heard[] = [];
  /** By number: what accepted commands did. */
  readonly events = new Map<number, readonly Message[]>();
  /** Requests without an end so far. */
  pending = 0;
}

export interface TraderOptions {
  readonly account: number;
  /** Requests at a time, and what lies between. */
  readonly burstMax: number;
  readonly pauseUsMax: number;
  /** Of its requests, those that are questions. */
  readonly queries: number;
}

export class Trader {
  readonly #world: World;
  readonly #client: SimulatedClient;
  readonly #history: History;
  readonly #ear: Ear;
  readonly #options: TraderOptions;
  readonly #recent: number[] = [];
  #pending = 0;

  constructor(world: World, client: SimulatedClient, history: History, ear: Ear, options: TraderOptions) {
    this.#world = world;
    this.#client = client;
    this.#history = history;
    this.#ear = ear;
    this.#options = options;
    for (const asset of [0, 1]) this.#execute((number) => this.#deposit(number, asset));
    this.#goOn();
  }

  #goOn(): void {
    const { burstMax, pauseUsMax } = this.#options;
    this.#world.scheduler.after(this.#world.int(0, pauseUsMax), () => {
      if (this.#world.isQuiet) return;
      const burst = this.#pending < PENDING_MAX ? this.#world.int(1, burstMax) : 0;
      for (let left = burst; left > 0; left--) this.#request();
      this.#goOn();
    });
  }

  #request(): void {
    if (this.#world.chance(this.#options.queries)) this.#ask(this.#drawQuery());
    else this.#execute((number) => this.#drawCommand(number));
  }

  async #execute(make: (number: number) => Command): Promise<void> {
    const world = this.#world;
    const number = this.#history.issued++;
    const command = make(number);
    const askedMs = world.scheduler.nowUs / 1_000;
    world.counts.commands++;
    const reply = await this.#heard(this.#client.request(command));
    world.tell(`${this.#client.name}: n${number} ${command.type}: ${textOf(reply)}`);
    if (reply instanceof EngineUnavailable) {
      this.#history.failed.set(number, reply.sent ? 'sent' : 'unsent');
      return;
    }
    const { message, id: seq } = reply.head;
    const rejection = message.type === 'rejected' ? rejectionName(message.code)! : null;
    this.#history.acknowledge(number, { seq, rejection, askedMs, answeredMs: world.scheduler.nowUs / 1_000 });
    if (rejection === null) this.#ear.events.set(number, reply.records);
  }

  async #ask(query: Query): Promise<void> {
    const world = this.#world;
    world.counts.queries++;
    const { knownSeq } = world;
    const reply = await this.#heard(this.#client.request(query));
    if (reply instanceof EngineUnavailable) return;
    const { id: seq } = reply.head;
    if (seq < knownSeq)
      world.violate(
        'no answer is older than what was known when it was asked for',
        `${this.#client.name} hears of ${query.type} as of sequence ${seq}; ${knownSeq} was known already`,
      );
    this.#ear.answers.push({ query, seq, records: reply.records });
  }

  async #heard(asked: Promise<EngineReply>): Promise<EngineReply | EngineUnavailable> {
    this.#pending++;
    this.#ear.pending++;
    try {
      const reply = await asked;
      this.#hear(reply.head.id);
      return reply;
    } catch (error) {
      if (error instanceof EngineUnavailable) return error;
      throw error;
    } finally {
      this.#pending--;
      this.#ear.pending--;
    }
  }

  #hear(seq: number): void {
    const world = this.#world;
    world.knownSeq = Math.max(world.knownSeq, seq);
    if (seq > world.committedSeq)
      world.violate(
        'what a client hears is committed',
        `${this.#client.name} hears of sequence ${seq}, and the journal ends at ${world.committedSeq}`,
      );
  }

  #drawCommand(number: number): Command {
    const world = this.#world;
    const { account } = this.#options;
    const kind = world.int(0, 9);
    if (kind === 0) return this.#deposit(number, world.int(0, 1));
    if (kind <= 2 && this.#recent.length > 0) return this.#cancel(number, world.pick(this.#recent));
    this.#recent.push(number);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
    return newOrder({
      account,
      side: world.pick(['BUY', 'SELL'] as const),
      orderType: world.chance(0.8) ? 'LIMIT' : 'LIMIT_MAKER',
      price: world.int(PRICE_MIN, PRICE_MAX),
      quantity: world.int(1, QUANTITY_MAX),
      clientOrderId: `n${number}`,
    });
  }

  #cancel(number: number, placed: number): Command {
    return {
      type: 'cancel',
      ...noSession,
      account: this.#options.account as AccountId,
      market: 0 as MarketId,
      orderId: null,
      restriction: 'NONE',
      clientOrderId: `n${placed}`,
      newClientOrderId: `n${number}`,
    };
  }

  #deposit(number: number, asset: number): Command {
    return {
      type: 'deposit',
      account: this.#options.account as AccountId,
      asset: asset as AssetId,
      amount: this.#world.int(1, DEPOSIT_MAX) as Units,
      reference: `n${number}`,
    };
  }

  #drawQuery(): Query {
    const account = this.#options.account as AccountId;
    return this.#world.pick<Query>([
      { type: 'position' },
      { type: 'balances', account },
      { type: 'openOrders', account, market: null },
      { type: 'book', market: 0 as MarketId, depthMax: 5 },
    ]);
  }
}

function textOf(reply: EngineReply | EngineUnavailable): string {
  if (reply instanceof EngineUnavailable) return `${reply.message}: ${reply.sent ? 'unknown' : 'unsent'}`;
  return `${reply.head.message.type} at ${reply.head.id}`;
}
