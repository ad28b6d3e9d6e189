/**
 * Klines: those that the table has, and on top of them the trades that it lacks yet. The stream fills the table some
 * moments after PostgreSQL has a trade; who asks sees no difference.
 */
import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Kysely } from 'kysely';
import { type Candle, type CandleTrade, joined, withTrade } from '#domain/candles.ts';
import type { MarketId, TimeUs } from '#domain/ids.ts';
import { type Interval, intervalOf, intervalWithin } from '#domain/intervals.ts';
import type { Database } from '#platform/database.ts';
import { candleOfItem, type KlineItem, klinesOf } from '#platform/kline-items.ts';

/** Further behind, klines are told as the table has them. */
const TRADES_BEHIND_MAX = 5_000;

export interface KlineMarket {
  readonly id: MarketId;
  readonly symbol: string;
}

export interface TradedCandles {
  readonly byOpen: ReadonlyMap<TimeUs, Candle>;
  /** The price before the first of them; undefined when there was no trade. */
  readonly closeBefore: number | undefined;
}

interface TimedTrade extends CandleTrade {
  readonly timeUs: TimeUs;
}

export class KlineHistory {
  readonly #db: Kysely<Database>;
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(db: Kysely<Database>, documents: DynamoDBDocumentClient, table: string) {
    this.#db = db;
    this.#documents = documents;
    this.#table = table;
  }

  /** The klines of one market of the interval called `name`, as they are now; undefined for one without a trade. */
  async of(market: KlineMarket, name: string, zoneUs: number): Promise<MarketKlines | undefined> {
    const stored = intervalWithin(name, zoneUs);
    const partition = klinesOf(market.symbol, stored);
    const [[first], [newest]] = await Promise.all([
      this.#query(partition, { Limit: 1 }),
      this.#query(partition, { Limit: 1, ScanIndexForward: false }),
    ]);
    const behind = await this.#tradesAfter(market.id, newest?.lastTradeId ?? 0);
    const firstAt = first?.openedAt ?? behind[0]?.timeUs;
    if (firstAt === undefined) return undefined;
    return new MarketKlines({
      firstAt,
      interval: intervalOf(name, zoneUs)!,
      stored: intervalOf(stored, 0)!,
      behind,
      between: (from, to) => this.#between(partition, from, to),
      before: async (time) => (await this.#before(partition, time))[0],
    });
  }

  #between(partition: string, from: TimeUs, to: TimeUs): Promise<Candle[]> {
    return this.#query(partition, {
      KeyConditionExpression: 'trading_pair = :partition AND #timestamp BETWEEN :from AND :last',
      ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':partition': partition, ':from': from, ':last': to - 1 },
    });
  }

  #before(partition: string, time: TimeUs): Promise<Candle[]> {
    return this.#query(partition, {
      KeyConditionExpression: 'trading_pair = :partition AND #timestamp < :time',
      ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':partition': partition, ':time': time },
      Limit: 1,
      ScanIndexForward: false,
    });
  }

  /** Consistent, so that no query sees less than one before it; all pages, unless it has a limit. */
  async #query(partition: string, input: Omit<QueryCommandInput, 'TableName'>): Promise<Candle[]> {
    const candles: Candle[] = [];
    let next: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { Items = [], LastEvaluatedKey } = await this.#documents.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'trading_pair = :partition',
          ExpressionAttributeValues: { ':partition': partition },
          ConsistentRead: true,
          ...input,
          ExclusiveStartKey: next,
        }),
      );
      candles.push(...(Items as KlineItem[]).map(candleOfItem));
      next = input.Limit === undefined ? LastEvaluatedKey : undefined;
    } while (next !== undefined);
    return candles;
  }

  /** None when there are more than {@link TRADES_BEHIND_MAX}. */
  async #tradesAfter(market: MarketId, tradeId: number): Promise<TimedTrade[]> {
    const trades = await this.#db
      .selectFrom('projector.trades')
      .select([
        'trade_id as tradeId',
        'price',
        'quantity',
        'quote_quantity as quoteQuantity',
        'taker_side as takerSide',
        'traded_at as timeUs',
      ])
      .where('market_id', '=', market)
      .where('trade_id', '>', tradeId as CandleTrade['tradeId'])
      .orderBy('trade_id')
      .limit(TRADES_BEHIND_MAX + 1)
      .execute();
    return trades.length > TRADES_BEHIND_MAX ? [] : trades;
  }
}

interface MarketKlinesOptions {
  readonly firstAt: TimeUs;
  readonly interval: Interval;
  /** The interval of UTC that the table has, of which those asked for are made. */
  readonly stored: Interval;
  readonly behind: readonly TimedTrade[];
  readonly between: (from: TimeUs, to: TimeUs) => Promise<Candle[]>;
  readonly before: (time: TimeUs) => Promise<Candle | undefined>;
}

export class MarketKlines {
  readonly interval: Interval;
  readonly #options: MarketKlinesOptions;

  constructor(options: MarketKlinesOptions) {
    this.interval = options.interval;
    this.#options = options;
  }

  /** When the first interval with a trade begins. */
  get firstOpen(): TimeUs {
    return this.interval.openOf(this.#options.firstAt);
  }

  /** The intervals that begin from `from` until before `to` and have trades. Both begin an interval. */
  async between(from: TimeUs, to: TimeUs): Promise<TradedCandles> {
    const { behind, between, before } = this.#options;
    const [candles, last] = await Promise.all([between(from, to), before(from)]);
    const behindBefore = behind.findLast(({ timeUs }) => timeUs < from);
    return {
      byOpen: this.#asAskedFor(this.#completed(candles, from, to)),
      closeBefore: behindBefore?.price ?? last?.close,
    };
  }

  /** With the trades that the table lacks. */
  #completed(candles: readonly Candle[], from: TimeUs, to: TimeUs): Iterable<Candle> {
    const { stored, behind } = this.#options;
    const byOpen = new Map(candles.map((candle) => [candle.openedAt, candle]));
    for (const trade of behind) {
      if (trade.timeUs < from || trade.timeUs >= to) continue;
      const open = stored.openOf(trade.timeUs);
      byOpen.set(open, withTrade(byOpen.get(open), open, trade));
    }
    return byOpen.values();
  }

  #asAskedFor(candles: Iterable<Candle>): ReadonlyMap<TimeUs, Candle> {
    const byOpen = new Map<TimeUs, Candle>();
    for (const candle of candles) {
      const openedAt = this.interval.openOf(candle.openedAt);
      const before = byOpen.get(openedAt);
      byOpen.set(openedAt, before === undefined ? { ...candle, openedAt } : joined(before, candle));
    }
    return byOpen;
  }
}
