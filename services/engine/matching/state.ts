/** Everything the engine knows, and how a command's outcome leaves it. */
import type { FrameWriter } from '#domain/codec.ts';
import type { CommandOf } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { AccountId, Price, Seq, TimeUs, Units } from '#domain/ids.ts';
import { Balances, balanceEvent } from './balances.ts';
import { OpenOrders } from './open-orders.ts';
import type { OrderBook } from './order-book.ts';
import { OrderPool } from './order-pool.ts';

/** A listed asset and what came in from outside. */
export class Asset {
  readonly listing: CommandOf<'listAsset'>;
  /** All deposits together, in units, below 2^53: no balance or sum of balances can be more. */
  supply = 0;
  /** The references under which each account was credited. */
  readonly references = new Map<AccountId, Set<string>>();

  constructor(listing: CommandOf<'listAsset'>) {
    this.listing = listing;
  }
}

export class State {
  readonly assets: Asset[] = [];
  /** By market: each with its book. */
  readonly books: OrderBook[] = [];
  readonly balances = new Balances();
  readonly openOrders = new OpenOrders();
  readonly pool = new OrderPool();
  lastOrderId = 0;
}

/** Where one command's events go: records with its sequence and time. */
export class Outcome {
  readonly timeUs: TimeUs;
  readonly #seq: Seq;
  readonly #events: FrameWriter;

  constructor(seq: Seq, timeUs: TimeUs, events: FrameWriter) {
    this.timeUs = timeUs;
    this.#seq = seq;
    this.#events = events;
  }

  write(event: Event): void {
    this.#events.write(this.#seq, this.timeUs, event);
  }

  /** Tells the final total of every level that the command changed. */
  writeLevels({ market: { id, tick, lot }, changed }: OrderBook): void {
    for (const level of changed) {
      level.changed = false;
      this.write({
        type: 'level',
        market: id,
        side: level.side,
        price: (level.ticks * tick) as Price,
        quantity: (level.lots * lot) as Units,
      });
    }
    changed.length = 0;
  }

  /** Tells every balance that the command changed; each command's last events. */
  writeBalances(balances: Balances): void {
    balances.drainChanged((balance) => this.write(balanceEvent(balance)));
  }
}
