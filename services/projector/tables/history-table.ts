/**
 * What happened to each account, as the table `transaction-history` has it: deposits, what became of withdrawals, transfers
 * to both sides, and each trade for its maker and for its taker.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FrameRecord, Message } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { backoffMs } from '#platform/backoff.ts';
import {
  accountAsset,
  entryId,
  type HistoryEntry,
  type MovementEntry,
  type TradeEntry,
  type WithdrawalEntry,
} from '#platform/history-items.ts';
import type { ListedNames } from './listed-names.ts';

/** The events that it is made of. */
export const HISTORY_TYPES = [
  'deposited',
  'withdrawalHeld',
  'withdrawalSettled',
  'withdrawalReleased',
  'transferred',
  'trade',
] as const satisfies readonly Message['type'][];

/** What DynamoDB writes at once. */
const ITEMS_PER_WRITE_MAX = 25;
const ATTEMPTS_MAX = 10;

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

  async #entriesOf({ timeUs, message }: FrameRecord): Promise<HistoryEntry[]> {
    switch (message.type) {
      case 'deposited':
      case 'withdrawalHeld':
      case 'withdrawalSettled':
      case 'withdrawalReleased':
      case 'transferred': {
        const asset = await this.#names.asset(message.asset);
        return movementEntries(message, timeUs, asset);
      }
      case 'trade': {
        const { symbol, base } = await this.#names.market(message.market);
        const asset = await this.#names.asset(base);
        return [true, false].map((isMaker) => tradeEntry(message, timeUs, symbol, asset, isMaker));
      }
      default:
        return [];
    }
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

type Moved = EventOf<Exclude<(typeof HISTORY_TYPES)[number], 'trade'>>;

function movementEntries(event: Moved, timeUs: number, asset: string): HistoryEntry[] {
  const { amount, reference } = event;
  const entry = <K extends MovementEntry['kind'] | WithdrawalEntry['kind']>(account: number, kind: K) => ({
    account_id: account,
    entry_id: entryId(timeUs, kind),
    account_asset: accountAsset(account, asset),
    kind,
    happened_at: timeUs,
    asset,
    amount,
    reference,
  });
  switch (event.type) {
    case 'deposited':
      return [entry(event.account, 'DEPOSIT')];
    case 'transferred':
      return [entry(event.from, 'TRANSFER_OUT'), entry(event.to, 'TRANSFER_IN')];
    case 'withdrawalHeld':
      return [{ ...entry(event.account, 'WITHDRAWAL_HELD'), fee: event.fee }];
    case 'withdrawalSettled':
      return [{ ...entry(event.account, 'WITHDRAWAL_SETTLED'), fee: event.fee }];
    case 'withdrawalReleased':
      return [{ ...entry(event.account, 'WITHDRAWAL_RELEASED'), fee: event.fee }];
  }
}

function tradeEntry(
  trade: EventOf<'trade'>,
  timeUs: number,
  symbol: string,
  asset: string,
  isMaker: boolean,
): TradeEntry {
  const isBuyer = (trade.takerSide === 'BUY') !== isMaker;
  const account = isMaker ? trade.makerAccount : trade.takerAccount;
  return {
    account_id: account,
    entry_id: entryId(timeUs, isMaker ? 'MAKER' : 'TAKER', trade.tradeId),
    account_asset: accountAsset(account, asset),
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
    fee: isMaker ? trade.makerFee : trade.takerFee,
  };
}
