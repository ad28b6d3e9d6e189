/**
 * Streams of operations from a seed, each aimed at orders that are open when its turn comes: an engine is run along to
 * know them. Every subject of a comparison gets the same stream.
 */
import { FrameWriter, recordWords } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { type Operation, setUp, toCommand } from './commands.ts';

export const WORKLOADS = ['W1', 'W2', 'W3', 'XC'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

export interface Plan {
  readonly workload: WorkloadName;
  readonly operations: number;
  /** Orders that rest before the clock starts. */
  readonly resting: number;
  readonly accounts: number;
  readonly markets: number;
  readonly seed: number;
  /** Whether every order has a client's id of 16 characters. */
  readonly hasIds: boolean;
}

export interface Workload {
  /** What comes before the clock starts, and what is measured. */
  readonly prefill: readonly Operation[];
  readonly measured: readonly Operation[];
  /** Orders open at the end, and trades of the measured part, by Crossbook's own count. */
  readonly resting: number;
  readonly trades: number;
  readonly refused: number;
}

const MIDDLE_TICKS = 5_000_000;
/** XC's targets are among so many of the oldest. */
const XC_OLDEST = 512;
const { order: ORDER, trade: TRADE } = events;

export function generate(plan: Plan): Workload {
  return new Generator(plan).run();
}

class Generator {
  readonly #plan: Plan;
  readonly #random: () => number;
  readonly #engine = new MatchingEngine();
  readonly #commands = new FrameWriter();
  readonly #events = new FrameWriter();
  /** Open orders, in no order but where XC asks for the oldest; and the place of each. */
  readonly #open: Operation[] = [];
  readonly #places = new Map<number, number>();
  #lastId = 0;
  #timeUs = 1_700_000_000_000_000;
  #trades = 0;
  #refused = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
  }

  run(): Workload {
    const { operations, resting, accounts, markets } = this.#plan;
    for (const command of setUp(accounts, markets)) this.#apply(command);
    const prefill: Operation[] = [];
    while (this.#open.length < resting) prefill.push(this.#do(this.#insert()));
    this.#trades = 0;
    this.#refused = 0;
    const measured: Operation[] = [];
    for (let index = 0; index < operations; index++) measured.push(this.#do(this.#next()));
    return {
      prefill,
      measured,
      resting: this.#open.length,
      trades: this.#trades,
      refused: this.#refused,
    };
  }

  #next(): Operation {
    const { workload, resting } = this.#plan;
    if (workload === 'W1') return this.#insert();
    const roll = this.#random();
    if (workload === 'XC') {
      if (roll < 0.09) return this.#insert();
      if (roll < 0.12) return this.#take(0);
      return roll < 0.18 ? this.#cancel() : this.#move();
    }
    // Trades and cancels together take more than the inserts add: what is missing is added here.
    if (roll < 0.45 || this.#open.length < resting * 0.98) return this.#insert();
    if (roll < 0.85) return this.#cancel();
    return roll < 0.95 ? this.#take(this.#random() < 0.5 ? 1 : 0) : this.#amend();
  }

  #insert(): Operation {
    const { workload, resting } = this.#plan;
    const side = this.#random() < 0.5 ? 0 : 1;
    // A thousand prices; for a million orders ten times as many on each side.
    const spread = workload === 'W3' || resting > 100_000 ? 10_000 : 500;
    const away = 1 + Math.floor(this.#random() * spread);
    return this.#order('insert', side, MIDDLE_TICKS + (side === 0 ? -away : away), this.#lots());
  }

  /** A marketable order, `kind` 0 with a limit, 1 without. */
  #take(kind: number): Operation {
    const side = this.#random() < 0.5 ? 0 : 1;
    const limit = kind === 1 ? 0 : MIDDLE_TICKS + (side === 0 ? 100 : -100);
    return this.#order('take', side, limit, this.#lots());
  }

  #cancel(): Operation {
    return { ...this.#target(), kind: 'cancel' };
  }

  #amend(): Operation {
    const target = this.#target();
    return { ...target, kind: 'amend', lots: Math.max(1, target.lots - 1) };
  }

  /** One percent of the way to the middle, where the last price is: so a move trades now and then. */
  #move(): Operation {
    const target = this.#target();
    const step = Math.round((MIDDLE_TICKS - target.ticks) / 100) || (target.side === 0 ? 1 : -1);
    const moved = this.#order('move', target.side, target.ticks + step, target.lots);
    return { ...moved, account: target.account, market: target.market, target: target.id };
  }

  #order(kind: 'insert' | 'take' | 'move', side: number, ticks: number, lots: number): Operation {
    const id = ++this.#lastId;
    const clientId = this.#plan.hasIds ? `bench-${String(id).padStart(10, '0')}` : '';
    const account = 1 + Math.floor(this.#random() * this.#plan.accounts);
    const market = Math.floor(this.#random() * this.#plan.markets);
    return { kind, id, side, ticks, lots, account, market, target: 0, clientId };
  }

  #lots(): number {
    return 10 + Math.floor(this.#random() * 90);
  }

  #target(): Operation {
    const among = this.#plan.workload === 'XC' ? Math.min(XC_OLDEST, this.#open.length) : this.#open.length;
    return this.#open[Math.floor(this.#random() * among)]!;
  }

  #do(operation: Operation): Operation {
    const refusedBefore = this.#refused;
    this.#apply(toCommand(operation));
    // A refused order has no id: the next takes it.
    if (this.#refused > refusedBefore && operation.kind !== 'cancel' && operation.kind !== 'amend')
      this.#lastId--;
    this.#follow(operation);
    return operation;
  }

  #apply(command: Command): void {
    this.#commands.clear();
    const at = this.#commands.length;
    this.#timeUs += 3;
    this.#commands.write(this.#engine.lastSeq + 1, this.#timeUs, command);
    this.#events.clear();
    if (this.#engine.apply(this.#commands, at, this.#events) !== 0) this.#refused++;
  }

  /** Reads what the last command did to open orders. */
  #follow(operation: Operation): void {
    const records = this.#events;
    for (let at = 4; at < records.length; at += recordWords(records, at)) {
      const code = records.ints[at * 2];
      if (code === TRADE.code) this.#trades++;
      if (code !== ORDER.code) continue;
      const id = records.words[at + 3]!;
      const isOpen = records.words[at + 10]! <= 1;
      const place = this.#places.get(id);
      if (isOpen && place === undefined && operation.kind !== 'take') {
        this.#places.set(id, this.#open.length);
        this.#open.push(operation);
      } else if (isOpen && place !== undefined && operation.kind === 'amend') {
        this.#open[place] = { ...this.#open[place]!, lots: operation.lots };
      } else if (!isOpen && place !== undefined) this.#remove(id, place);
    }
  }

  #remove(id: number, place: number): void {
    this.#places.delete(id);
    const last = this.#open.pop()!;
    if (last.id === id) return;
    this.#open[place] = last;
    this.#places.set(last.id, place);
  }
}
