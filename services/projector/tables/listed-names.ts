/**
 * What assets and markets are called, as the stream told when they were listed: events have numbers. Kept in the table
 * `market-data`, since the stream forgets.
 */
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FrameRecord } from '#domain/codec.ts';
import type { AssetId, MarketId } from '#domain/ids.ts';

/** Partitions; the sort key is the number. */
const ASSETS = 'listed-assets';
const MARKETS = 'listed-markets';

export interface ListedMarket {
  readonly symbol: string;
  readonly base: AssetId;
}

/** Its listing has not been read yet: it is in another lane. */
class NotListedError extends Error {
  override name = 'NotListedError';
}

export class ListedNames {
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #assets = new Map<number, string>();
  readonly #markets = new Map<number, ListedMarket>();

  constructor(documents: DynamoDBDocumentClient, table: string) {
    this.#documents = documents;
    this.#table = table;
  }

  /** Takes note of what is listed. */
  async take(records: readonly FrameRecord[]): Promise<void> {
    for (const { message } of records) {
      if (message.type === 'assetListed') {
        await this.#put({ trading_pair: ASSETS, timestamp: message.asset, name: message.name });
      } else if (message.type === 'marketListed') {
        const { market, symbol, base } = message;
        await this.#put({ trading_pair: MARKETS, timestamp: market, symbol, base });
      }
    }
  }

  /** @throws {NotListedError} */
  async asset(id: AssetId): Promise<string> {
    if (!this.#assets.has(id))
      for (const { timestamp, name } of await this.#read(ASSETS)) this.#assets.set(timestamp, name);
    return this.#assets.get(id) ?? notListed(`asset ${id}`);
  }

  /** @throws {NotListedError} */
  async market(id: MarketId): Promise<ListedMarket> {
    if (!this.#markets.has(id))
      for (const { timestamp, symbol, base } of await this.#read(MARKETS))
        this.#markets.set(timestamp, { symbol, base });
    return this.#markets.get(id) ?? notListed(`market ${id}`);
  }

  async #put(Item: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#documents.send(new PutCommand({ TableName: this.#table, Item }));
  }

  /** There are hundreds at most: less than the 1 MB of a page. */
  async #read(partition: string) {
    const { Items = [] } = await this.#documents.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'trading_pair = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ConsistentRead: true,
      }),
    );
    return Items as { timestamp: number; name: string; symbol: string; base: AssetId }[];
  }
}

function notListed(what: string): never {
  throw new NotListedError(`${what} is not listed, as far as the stream has been read`);
}
