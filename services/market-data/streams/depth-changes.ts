/** Collects level changes between two ticks of a depth stream, so that each tick continues the one before. */
import type { EventOf } from '#domain/events.ts';
import type { MarketId } from '#domain/ids.ts';
import type { PriceLevel } from '../book.ts';

export interface DepthDifference {
  readonly market: MarketId;
  /** The sequences covered, inclusive: the first follows the market's last difference. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Quantity 0 for a level that is gone. */
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/** Two differences of a market that follow one another, as one. */
export function mergedDifference(first: DepthDifference, second: DepthDifference): DepthDifference {
  return {
    market: first.market,
    firstSeq: first.firstSeq,
    lastSeq: second.lastSeq,
    bids: [...new Map([...first.bids, ...second.bids])],
    asks: [...new Map([...first.asks, ...second.asks])],
  };
}

interface Pending {
  readonly bids: Map<number, number>;
  readonly asks: Map<number, number>;
}

export class DepthChanges {
  readonly #pending = new Map<MarketId, Pending>();
  /** The last sequence of each market's last difference. */
  readonly #sent = new Map<MarketId, number>();
  /** Before this nothing was ever sent. */
  readonly #since: number;
  #seq: number;

  /** Collects what comes after `seq`. */
  constructor(seq: number) {
    this.#since = seq;
    this.#seq = seq;
  }

  add({ market, side, price, quantity }: EventOf<'level'>): void {
    const pending = this.#pending.get(market) ?? { bids: new Map(), asks: new Map() };
    this.#pending.set(market, pending);
    (side === 'BUY' ? pending.bids : pending.asks).set(price, quantity);
  }

  /** Everything up to `lastSeq` has been added. */
  reach(lastSeq: number): void {
    this.#seq = lastSeq;
  }

  /** The differences of the markets that have changed since the last call. */
  take(): DepthDifference[] {
    const differences = [...this.#pending].map(([market, { bids, asks }]) => {
      const firstSeq = (this.#sent.get(market) ?? this.#since) + 1;
      this.#sent.set(market, this.#seq);
      return { market, firstSeq, lastSeq: this.#seq, bids: [...bids], asks: [...asks] };
    });
    this.#pending.clear();
    return differences;
  }
}
