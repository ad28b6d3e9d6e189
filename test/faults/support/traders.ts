/** Clients that trade with each other for as long as a test does things to the engine. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, Units } from '#domain/ids.ts';
import { CANCEL_RESTRICTIONS } from '#domain/orders.ts';
import {
  connectEngine,
  type EngineClient,
  type EngineClientOptions,
  EngineUnavailable,
} from '#platform/engine-client.ts';
import { newOrder, noSession } from '#test/support/commands.ts';
import { History } from './history.ts';

/** Of those that have no session, and may be sent again only because they name themselves. */
const DEPOSIT_ATTEMPTS_MAX = 10;
const DEPOSIT_PAUSE_MS = 100;
const AFTER_FAILURE_PAUSE_MS = 10;
/** Fewer than an account may have open on a market. */
const ORDERS_MAX = 50;

export interface TradersOptions {
  /** Where the engine's clients dial. */
  readonly url: string;
  /** Lines to the engine; traders share them evenly. */
  readonly clients: number;
  /** Each has an account and one command under way at a time. */
  readonly traders: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Most time from an answer to the next command. */
  readonly thinkMs?: number;
  readonly client?: EngineClientOptions;
}

export class Traders {
  readonly history = new History();
  readonly #options: TradersOptions;
  readonly #clients: readonly EngineClient[];
  readonly #running: Promise<void>[];
  #resume = Promise.withResolvers<void>();
  #underWay = 0;
  #paused = false;
  #stopped = false;

  constructor(options: TradersOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, () => connectEngine(options.url, options.client));
    this.#running = Array.from({ length: options.traders }, (_, trader) => this.#trade(trader));
  }

  /** Resolves when no command is under way; none begins until {@link resume}. */
  async pause(): Promise<void> {
    this.#paused = true;
    while (this.#underWay > 0) await sleep(1);
  }

  resume(): void {
    this.#paused = false;
    this.#resume.resolve();
    this.#resume = Promise.withResolvers();
  }

  /** Resolves when every command has been answered or given up. */
  async stop(): Promise<History> {
    this.#stopped = true;
    this.resume();
    await Promise.all(this.#running);
    await Promise.all(this.#clients.map((client) => client.close()));
    return this.history;
  }

  async #trade(trader: number): Promise<void> {
    const client = this.#clients[trader % this.#clients.length]!;
    const account = (trader + 1) as AccountId;
    const { random, thinkMs = 0 } = this.#options;
    /** Its orders that may be open, the oldest first. */
    const orders: number[] = [];
    while (!this.#stopped) {
      if (this.#paused) {
        await this.#resume.promise;
        continue;
      }
      const number = this.history.issued++;
      const command = nextCommand(account, number, orders, random);
      this.#underWay++;
      await this.#execute(client, number, command);
      this.#underWay--;
      if (thinkMs > 0) await sleep(random() * thinkMs);
    }
  }

  /** Never fails: what became of it is in the history. */
  async #execute(client: EngineClient, number: number, command: Command): Promise<void> {
    const askedMs = performance.now();
    const attemptsMax = command.type === 'deposit' ? DEPOSIT_ATTEMPTS_MAX : 1;
    let failure: 'sent' | 'unsent' = 'unsent';
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      try {
        const { seq, rejection } = await client.execute(command);
        this.history.acknowledge(number, { seq, rejection, askedMs, answeredMs: performance.now() });
        return;
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) throw error;
        if (error.sent) failure = 'sent';
        if (attempt === attemptsMax) break;
        this.history.askedAgain++;
        await sleep(DEPOSIT_PAUSE_MS);
      }
    }
    this.history.failed.set(number, failure);
    await sleep(AFTER_FAILURE_PAUSE_MS);
  }
}

/** Deposits, orders that cross those of others, and cancels of orders that may still be open. */
function nextCommand(account: AccountId, number: number, orders: number[], random: () => number): Command {
  const drawn = random();
  const name = `n${number}`;
  if (drawn < 0.25) {
    const asset = (number % 2) as AssetId;
    return { type: 'deposit', account, asset, amount: 1_000_000_000 as Units, reference: name };
  }
  if (orders.length > ORDERS_MAX || (orders.length > 0 && drawn < 0.45)) {
    return {
      type: 'cancel',
      ...noSession,
      account,
      market: 0 as MarketId,
      orderId: null,
      restriction: CANCEL_RESTRICTIONS[0],
      clientOrderId: `n${orders.shift()}`,
      newClientOrderId: name,
    };
  }
  orders.push(number);
  return newOrder({
    account,
    side: random() < 0.5 ? 'BUY' : 'SELL',
    price: 90_000_000 + Math.floor(random() * 5) * 10_000,
    quantity: 20_000_000,
    clientOrderId: name,
  });
}
