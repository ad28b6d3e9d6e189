/** The streams of trades, each alone and those of one taker at one price together. */
import type { Frame } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import { isBuyerMaker } from '../trades.ts';
import type { Broadcast } from './broadcast.ts';
import { Datum } from './datum.ts';
import type { Subject } from './names.ts';

type Trade = EventOf<'trade'>;

export class TradeStreams {
  readonly #listings: Listings;
  readonly #broadcast: Broadcast;

  constructor(listings: Listings, broadcast: Broadcast) {
    this.#listings = listings;
    this.#broadcast = broadcast;
  }

  take({ records }: Frame, nowUs: number): void {
    let aggregate: Aggregate | undefined;
    for (const { timeUs, message } of records) {
      if (message.type !== 'trade') continue;
      // A market that was listed a moment ago is not known here yet, and nobody can have subscribed to it.
      const market = this.#listings.markets[message.market];
      if (market === undefined) continue;
      this.#send('trade', market, () => tradeDatum(market, message, timeUs, nowUs));
      if (aggregate?.add(message)) continue;
      this.#sendAggregate(aggregate, nowUs);
      aggregate = new Aggregate(market, message, timeUs);
    }
    this.#sendAggregate(aggregate, nowUs);
  }

  #sendAggregate(aggregate: Aggregate | undefined, nowUs: number): void {
    if (aggregate !== undefined) this.#send('aggTrade', aggregate.market, () => aggregate.datum(nowUs));
  }

  #send(kind: 'trade' | 'aggTrade', { id }: Market, datum: () => Datum): void {
    const subject: Subject = { kind, market: id, intervalMs: 0 };
    if (this.#broadcast.isWanted(subject)) this.#broadcast.send(subject, datum());
  }
}

function tradeDatum({ symbol, base, quote }: Market, trade: Trade, timeUs: number, nowUs: number): Datum {
  return new Datum((time) => ({
    e: 'trade',
    E: time(nowUs),
    s: symbol,
    t: trade.tradeId,
    p: formatDecimal(trade.price, quote.scale),
    q: formatDecimal(trade.quantity, base.scale),
    T: time(timeUs),
    m: isBuyerMaker(trade.takerSide),
    M: true,
  }));
}

/** Trades of one taker at one price, which follow one another in a frame. */
class Aggregate {
  readonly market: Market;
  readonly #first: Trade;
  readonly #timeUs: number;
  #quantity: number;
  #lastTradeId: number;

  constructor(market: Market, first: Trade, timeUs: number) {
    this.market = market;
    this.#first = first;
    this.#timeUs = timeUs;
    this.#lastTradeId = first.tradeId;
    this.#quantity = first.quantity;
  }

  /** False when the trade belongs to another aggregate. */
  add(trade: Trade): boolean {
    if (trade.market !== this.#first.market || trade.aggregateId !== this.#first.aggregateId) return false;
    this.#quantity += trade.quantity;
    this.#lastTradeId = trade.tradeId;
    return true;
  }

  datum(nowUs: number): Datum {
    const { symbol, base, quote } = this.market;
    const { aggregateId, price, tradeId, takerSide } = this.#first;
    return new Datum((time) => ({
      e: 'aggTrade',
      E: time(nowUs),
      s: symbol,
      a: aggregateId,
      p: formatDecimal(price, quote.scale),
      q: formatDecimal(this.#quantity, base.scale),
      f: tradeId,
      l: this.#lastTradeId,
      T: time(this.#timeUs),
      m: isBuyerMaker(takerSide),
      M: true,
    }));
  }
}
