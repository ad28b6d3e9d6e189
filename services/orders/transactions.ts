/**
 * What happened to an account, as the table `transaction-history` has it. The table follows the stream of events, and is
 * some moments behind what was acknowledged.
 */
import assert from 'node:assert/strict';
import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import {
  accountAsset,
  HISTORY_BY_ASSET,
  type HistoryEntry,
  type TradeEntry,
} from '#platform/history-items.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { type Clock, commissionAsset, type Json } from './order-view.ts';

export interface WantedTransactions {
  /** Those about this asset alone; of trades, those of markets with this base. */
  readonly asset?: string | undefined;
  /** Those before the one with this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export class Transactions {
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(documents: DynamoDBDocumentClient, table: string) {
    this.#documents = documents;
    this.#table = table;
  }

  /** The newest first; a page of DynamoDB, 1 MB, holds more than anybody may ask for at once. */
  async of(account: AccountId, { asset, before, limit }: WantedTransactions): Promise<HistoryEntry[]> {
    const [key, value] =
      asset === undefined ? ['account_id', account] : ['account_asset', accountAsset(account, asset)];
    const input: QueryCommandInput = {
      TableName: this.#table,
      ...(asset === undefined ? {} : { IndexName: HISTORY_BY_ASSET }),
      KeyConditionExpression: `${key} = :value${before === undefined ? '' : ' AND entry_id < :before'}`,
      ExpressionAttributeValues: { ':value': value, ...(before === undefined ? {} : { ':before': before }) },
      Limit: limit,
      ScanIndexForward: false,
    };
    const { Items = [] } = await this.#documents.send(new QueryCommand(input));
    return Items as HistoryEntry[];
  }
}

/** An entry as its owner sees it. */
export function transactionView(listings: Listings, { time }: Clock, entry: HistoryEntry): Json {
  const told = { id: entry.entry_id, time: time(entry.happened_at as TimeUs), type: entry.kind };
  if (entry.kind === 'TRADE') return { ...told, ...tradeFields(listings, entry) };
  const asset = listings.assets.find(({ name }) => name === entry.asset);
  assert(asset, `asset ${entry.asset} is not known here`);
  const { scale } = asset;
  return {
    ...told,
    asset: entry.asset,
    amount: formatDecimal(entry.amount, scale),
    ...('fee' in entry ? { fee: formatDecimal(entry.fee, scale) } : {}),
  };
}

/** As `GET /api/trades` calls them. */
function tradeFields(listings: Listings, entry: TradeEntry) {
  const market = listings.marketOf(entry.symbol);
  const asset = commissionAsset(market, entry.side);
  return {
    symbol: market.symbol,
    tradeId: entry.trade_id,
    orderId: entry.order_id,
    price: formatDecimal(entry.price, market.quote.scale),
    qty: formatDecimal(entry.quantity, market.base.scale),
    quoteQty: formatDecimal(entry.quote_quantity, market.quote.scale),
    commission: formatDecimal(entry.fee, asset.scale),
    commissionAsset: asset.name,
    isBuyer: entry.side === 'BUY',
    isMaker: entry.is_maker,
  };
}
