/** What the projector keeps in DynamoDB: klines, history, and how far each lane of the stream is in them. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FrameRecord, Message } from '#domain/codec.ts';
import { HISTORY_TYPES, HistoryTable } from './history-table.ts';
import { KlineTable, type TimedTrade } from './kline-table.ts';
import { LanePositions } from './lane-positions.ts';
import { ListedNames } from './listed-names.ts';

export interface TableNames {
  readonly marketData: string;
  readonly transactionHistory: string;
}

/** The events that the tables are made of. */
export const TABLE_TYPES: ReadonlySet<Message['type']> = new Set([
  'assetListed',
  'marketListed',
  ...HISTORY_TYPES,
]);

export class Tables {
  readonly positions: LanePositions;
  readonly #names: ListedNames;
  readonly #klines: KlineTable;
  readonly #history: HistoryTable;

  constructor(documents: DynamoDBDocumentClient, { marketData, transactionHistory }: TableNames) {
    this.positions = new LanePositions(documents, marketData);
    this.#names = new ListedNames(documents, marketData);
    this.#klines = new KlineTable(documents, marketData);
    this.#history = new HistoryTable(documents, transactionHistory, this.#names);
  }

  /**
   * The effects of events of one lane, or of all, in order; each has them once, however often it comes.
   * @throws {AssertionError} when a trade is missing before another.
   */
  async fold(records: readonly FrameRecord[]): Promise<void> {
    await this.#names.take(records);
    for (const [market, trades] of Map.groupBy(records.flatMap(tradeOf), (trade) => trade.market)) {
      const { symbol } = await this.#names.market(market);
      await this.#klines.add(symbol, trades);
    }
    await this.#history.add(records);
  }
}

function tradeOf({ timeUs, message }: FrameRecord) {
  return message.type === 'trade' ? [{ ...message, timeUs } satisfies TimedTrade] : [];
}
