/**
 * Adds trades to the klines of every interval. Each item says which trade is its last: one that is in it already is
 * passed over, and a write holds only if nobody else has added one meanwhile. So it has its effect once, however often
 * it is done.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Candle, type CandleTrade, withTrade } from '#domain/candles.ts';
import type { TimeUs } from '#domain/ids.ts';
import { INTERVAL_NAMES, intervalOf } from '#domain/intervals.ts';
import { backoffMs } from '#platform/backoff.ts';
import { candleOfItem, type KlineItem, klineItem, klinesOf } from '#platform/kline-items.ts';

/** What DynamoDB reads at once. */
const KEYS_PER_READ_MAX = 100;
/** How often an item is tried that others write to, or that DynamoDB did not get to. */
const ATTEMPTS_MAX = 10;
const intervals = INTERVAL_NAMES.map((name) => [name, intervalOf(name, 0)!] as const);

export interface TimedTrade extends CandleTrade {
  readonly timeUs: number;
}

type KlineKey = Pick<KlineItem, 'trading_pair' | 'timestamp'>;

/** The trades of one interval. */
interface Addition {
  readonly partition: string;
  readonly openedAt: TimeUs;
  readonly trades: TimedTrade[];
}

export class KlineTable {
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(documents: DynamoDBDocumentClient, table: string) {
    this.#documents = documents;
    this.#table = table;
  }

  /**
   * `trades` of one market, in order. Within an interval the earlier kline is written first, so that whoever sees one
   * sees all before it whole.
   * @throws {AssertionError} when one is missing between them and what is there.
   */
  async add(symbol: string, trades: readonly TimedTrade[]): Promise<void> {
    const additions = additionsOf(symbol, trades);
    for (let at = 0; at < additions.length; at += KEYS_PER_READ_MAX)
      await this.#addAll(additions.slice(at, at + KEYS_PER_READ_MAX));
  }

  async #addAll(additions: readonly Addition[]): Promise<void> {
    let waiting = additions;
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === ATTEMPTS_MAX) throw new Error(`could not write klines in ${attempt} attempts`);
      if (attempt > 0) await sleep(backoffMs(attempt));
      const stored = await this.#read(waiting);
      const partitions = Map.groupBy(waiting, ({ partition }) => partition);
      const left = await Promise.all(
        [...partitions.values()].map((ofPartition) => this.#writeInOrder(ofPartition, stored)),
      );
      waiting = left.flat();
    }
  }

  /** Returns what is to be tried again. */
  async #writeInOrder(
    additions: readonly Addition[],
    stored: ReadonlyMap<string, Candle | 'unread'>,
  ): Promise<readonly Addition[]> {
    for (const [at, addition] of additions.entries())
      if (!(await this.#write(addition, stored))) return additions.slice(at);
    return [];
  }

  /** By partition and time; `unread` for what DynamoDB did not get to. */
  async #read(additions: readonly Addition[]): Promise<ReadonlyMap<string, Candle | 'unread'>> {
    const { Responses, UnprocessedKeys } = await this.#documents.send(
      new BatchGetCommand({
        RequestItems: { [this.#table]: { Keys: additions.map(keyOf), ConsistentRead: true } },
      }),
    );
    const found = new Map<string, Candle | 'unread'>();
    for (const item of (Responses?.[this.#table] ?? []) as KlineItem[])
      found.set(nameOf(item), candleOfItem(item));
    for (const key of (UnprocessedKeys?.[this.#table]?.Keys ?? []) as KlineKey[])
      found.set(nameOf(key), 'unread');
    return found;
  }

  /** False when it is to be tried again. */
  async #write(addition: Addition, stored: ReadonlyMap<string, Candle | 'unread'>): Promise<boolean> {
    const { partition, openedAt, trades } = addition;
    const before = stored.get(nameOf(keyOf(addition)));
    if (before === 'unread') return false;
    let candle = before;
    for (const trade of trades) candle = withTrade(candle, openedAt, trade);
    assert(candle, 'an addition has trades');
    if (candle === before) return true;
    try {
      await this.#documents.send(
        new PutCommand({
          TableName: this.#table,
          Item: klineItem(partition, candle),
          ...(before === undefined
            ? { ConditionExpression: 'attribute_not_exists(last_trade_id)' }
            : {
                ConditionExpression: 'last_trade_id = :last',
                ExpressionAttributeValues: { ':last': before.lastTradeId },
              }),
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  }
}

function additionsOf(symbol: string, trades: readonly TimedTrade[]): Addition[] {
  const additions = new Map<string, Addition>();
  for (const [name, interval] of intervals) {
    const partition = klinesOf(symbol, name);
    for (const trade of trades) {
      const openedAt = interval.openOf(trade.timeUs);
      const key = `${partition}#${openedAt}`;
      const addition = additions.get(key);
      if (addition === undefined) additions.set(key, { partition, openedAt, trades: [trade] });
      else addition.trades.push(trade);
    }
  }
  return [...additions.values()];
}

const keyOf = ({ partition, openedAt }: Addition) => ({ trading_pair: partition, timestamp: openedAt });
const nameOf = (key: KlineKey) => `${key.trading_pair}#${key.timestamp}`;
