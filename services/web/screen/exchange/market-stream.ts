/** A market's book and trades as they happen, over one WebSocket that comes back by itself. */
import { Watched } from '../watched.ts';
import type { Trade } from './trades.ts';

/** The exchange sends the book ten times a second, whether it has changed or not: silence means that something is wrong. */
const STALE_AFTER_MS = 3_000;
/** Then the connection is taken for dead, whatever the browser says of it. */
const DEAD_AFTER_MS = 10_000;
const CHECK_MS = 500;
/** Doubles with each failure in a row, less up to half at random, so that not all come back at once. */
const BACKOFF_MS = { min: 500, max: 30_000 };

export type Connection =
  | { readonly state: 'connecting' | 'live' }
  /** Connected, but nothing comes: what is shown is of `sinceMs`. */
  | { readonly state: 'stale'; readonly sinceMs: number }
  /** Tried again at `untilMs`. */
  | { readonly state: 'waiting'; readonly untilMs: number };

/** Price and quantity, as the exchange wrote them. */
export type Level = readonly [price: string, quantity: string];

/** The best levels of each side, the best first. */
export interface Depth {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface MarketEvents {
  /** A connection begins: what happened before must be asked for. */
  connected(): void;
  depth(depth: Depth): void;
  trade(trade: Trade): void;
}

interface TradeMessage {
  readonly e: 'trade';
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
}

interface Message {
  readonly stream?: string;
  readonly data?: Depth | TradeMessage;
  readonly e?: string;
}

export class MarketStream {
  readonly connection = new Watched<Connection>({ state: 'connecting' });
  readonly #events: MarketEvents;
  #streams = '';
  #socket: WebSocket | undefined;
  #heardMs = 0;
  #failures = 0;
  #retry: number | undefined;

  constructor(events: MarketEvents) {
    this.#events = events;
    setInterval(() => this.#check(), CHECK_MS);
    addEventListener('online', () => {
      if (this.#streams !== '') this.#open();
    });
    addEventListener('offline', () => this.#socket?.close());
  }

  /** Leaves whatever was followed before. */
  follow(symbol: string): void {
    const name = symbol.toLowerCase();
    this.#streams = `${name}@depth20@100ms/${name}@trade`;
    this.#failures = 0;
    this.#open();
  }

  #open(): void {
    clearTimeout(this.#retry);
    const left = this.#socket;
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/stream?streams=${this.#streams}`);
    this.#socket = socket;
    left?.close();
    this.#heardMs = Date.now();
    this.connection.set({ state: 'connecting' });
    socket.onopen = () => socket === this.#socket && this.#events.connected();
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data) as Message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#reopenLater();
    };
  }

  #receive({ stream, data, e }: Message): void {
    if (e === 'serverShutdown') {
      // Another is there already.
      this.#open();
      return;
    }
    if (stream === undefined || data === undefined) return;
    this.#heardMs = Date.now();
    this.#failures = 0;
    if (this.connection.value.state !== 'live') this.connection.set({ state: 'live' });
    if ('e' in data) this.#events.trade(tradeOf(data));
    else this.#events.depth(data);
  }

  #reopenLater(): void {
    this.#socket = undefined;
    const most = Math.min(BACKOFF_MS.max, BACKOFF_MS.min * 2 ** this.#failures++);
    const waitMs = most * (1 - Math.random() / 2);
    this.connection.set({ state: 'waiting', untilMs: Date.now() + waitMs });
    this.#retry = setTimeout(() => this.#open(), waitMs);
  }

  #check(): void {
    const { state } = this.connection.value;
    // Nothing is followed yet, or will be again.
    if (state === 'waiting' || this.#socket === undefined) return;
    const silentMs = Date.now() - this.#heardMs;
    if (silentMs > DEAD_AFTER_MS) {
      const dead = this.#socket;
      this.#reopenLater();
      dead?.close();
    } else if (silentMs > STALE_AFTER_MS && state === 'live')
      this.connection.set({ state: 'stale', sinceMs: this.#heardMs });
  }
}

function tradeOf({ t, p, q, T, m }: TradeMessage): Trade {
  return { id: t, price: p, quantity: q, timeMs: T, isBuy: !m };
}
