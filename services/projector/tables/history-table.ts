/**
 * What happened to each account, as the table `transaction-history` has it: deposits, and each trade for its maker and
 * for its taker. Amounts are in units. An entry never changes, and what it is made of names it: written again, it is
 * the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FrameRecord } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { backoffMs } from '#platform/backoff.ts';
import type { ListedNames } from './listed-names.ts';

/** What DynamoDB writes at once. */
const ITEMS_PER_WRITE_MAX = 25;
const ATTEMPTS_MAX = 10;
/** Of a time in microseconds, so that texts sort as times do until the year 2286. */
const TIME_DIGITS = 16;

export interface HistoryEntry {
  readonly account_id: number;
  /** Begins with the time. */
  readonly entry_id: string;
  /** The account and the asset that it is about, a market's base, as `42#BTC`. */
  readonly account_asset: string;
  readonly kind: 'DEPOSIT' | 'TRADE';
  readonly happened_at: number;
  readonly [detail: string]: string | number | boolean;
}

export class HistoryTable {
  readonly #documents: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #names: Pick<ListedNames, 'asset' | 'market'>;

  constructor(
    documents: DynamoDBDocumentClient,
    table: string,
    names: Pick<ListedNames, 'asset' | 'market'>,
  ) {
    this.#documents = documents;
    this.#table = table;
    this.#names = names;
  }

  async add(records: readonly FrameRecord[]): Promise<void> {
    // A request that names an item twice is refused, and a part of a record may have come twice.
    const entries = new Map<string, HistoryEntry>();
    for (const record of records)
      for (const entry of await this.#entriesOf(record))
        entries.set(`${entry.account_id}#${entry.entry_id}`, entry);
    const items = [...entries.values()];
    for (let at = 0; at < items.length; at += ITEMS_PER_WRITE_MAX)
      await this.#write(items.slice(at, at + ITEMS_PER_WRITE_MAX));
  }

  async #entriesOf({ id, timeUs, message }: FrameRecord): Promise<HistoryEntry[]> {
    if (message.type === 'deposited') {
      const asset = await this.#names.asset(message.asset);
      return [
        {
          account_id: message.account,
          entry_id: `${timeText(timeUs)}#deposit#${id}`,
          account_asset: `${message.account}#${asset}`,
          kind: 'DEPOSIT',
          happened_at: timeUs,
          asset,
          amount: message.amount,
          reference: message.reference,
        },
      ];
    }
    if (message.type !== 'trade') return [];
    const { symbol, base } = await this.#names.market(message.market);
    const asset = await this.#names.asset(base);
    return [
      tradeEntry(message, timeUs, symbol, asset, true),
      tradeEntry(message, timeUs, symbol, asset, false),
    ];
  }

  async #write(entries: readonly HistoryEntry[]): Promise<void> {
    let waiting = { [this.#table]: entries.map((Item) => ({ PutRequest: { Item } })) } as Record<
      string,
      object[]
    >;
    for (let attempt = 0; Object.keys(waiting).length > 0; attempt++) {
      if (attempt === ATTEMPTS_MAX) throw new Error(`could not write history in ${attempt} attempts`);
      if (attempt > 0) await sleep(backoffMs(attempt));
      const { UnprocessedItems = {} } = await this.#documents.send(
        new BatchWriteCommand({ RequestItems: waiting }),
      );
      waiting = UnprocessedItems;
    }
  }
}

function tradeEntry(
  trade: EventOf<'trade'>,
  timeUs: number,
  symbol: string,
  asset: string,
  isMaker: boolean,
): HistoryEntry {
  const isBuyer = (trade.takerSide === 'BUY') !== isMaker;
  const account = isMaker ? trade.makerAccount : trade.takerAccount;
  return {
    account_id: account,
    entry_id: `${timeText(timeUs)}#${symbol}#${trade.tradeId}#${isMaker ? 'maker' : 'taker'}`,
    account_asset: `${account}#${asset}`,
    kind: 'TRADE',
    happened_at: timeUs,
    symbol,
    trade_id: trade.tradeId,
    order_id: isMaker ? trade.makerOrderId : trade.takerOrderId,
    side: isBuyer ? 'BUY' : 'SELL',
    is_maker: isMaker,
    price: trade.price,
    quantity: trade.quantity,
    quote_quantity: trade.quoteQuantity,
    /** In what the account received: base for a buyer, quote for a seller. */
    fee: isMaker ? trade.makerFee : trade.takerFee,
  };
}

const timeText = (timeUs: number) => String(timeUs).padStart(TIME_DIGITS, '0');
