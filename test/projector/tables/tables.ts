/** The tables of DynamoDB as they are, and as they should be after a run of events. */
import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Frame, Message } from '#domain/codec.ts';
import type { EventOf } from '#domain/events.ts';
import { INTERVAL_NAMES, intervalOf } from '#domain/intervals.ts';
import { openDocuments } from '#platform/documents.ts';
import { createProjectorTables, startDynamo } from '#services/local/dynamo.ts';
import type { TableNames } from '#services/projector/tables/tables.ts';

export const TABLES: TableNames = { marketData: 'market-data', transactionHistory: 'transaction-history' };

type Item = Record<string, unknown>;

export interface TestTables {
  readonly documents: DynamoDBDocumentClient;
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function testTables(): Promise<TestTables> {
  const dynamo = await startDynamo();
  await createProjectorTables(dynamo.endpoint, TABLES);
  const documents = openDocuments(dynamo.endpoint);
  return {
    documents,
    endpoint: dynamo.endpoint,
    close: async () => {
      documents.destroy();
      await dynamo.close();
    },
  };
}

export async function scan(documents: DynamoDBDocumentClient, table: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: table }))
    items.push(...Items);
  return items;
}

/** Without the positions of lanes, which are not a model. */
export async function storedTables(documents: DynamoDBDocumentClient) {
  const marketData = await scan(documents, TABLES.marketData);
  const klines = marketData.filter(({ trading_pair }) => String(trading_pair).includes('#'));
  return {
    klines: sorted(klines, 'trading_pair', 'timestamp'),
    history: sorted(await scan(documents, TABLES.transactionHistory), 'account_id', 'entry_id'),
  };
}

/** Told from all events at once, without any running state. */
export function expectedTables(frames: readonly Frame[]) {
  const records = frames.flatMap((frame) => frame.records);
  const symbols = new Map<number, { symbol: string; base: string }>();
  const assets = new Map<number, string>();
  const trades: (EventOf<'trade'> & { timeUs: number })[] = [];
  const history: Item[] = [];
  for (const { timeUs, message } of records) {
    if (message.type === 'assetListed') assets.set(message.asset, message.name);
    if (message.type === 'marketListed')
      symbols.set(message.market, { symbol: message.symbol, base: assets.get(message.base)! });
    if (message.type === 'trade') trades.push({ ...message, timeUs });
    if (!('reference' in message) || !('asset' in message)) continue;
    const asset = assets.get(message.asset)!;
    const { amount, reference } = message;
    for (const [account, kind, more] of movementsOf(message))
      history.push({
        account_id: account,
        entry_id: `${String(timeUs).padStart(16, '0')}-${kind}`,
        account_asset: `${account}#${asset}`,
        kind,
        happened_at: timeUs,
        asset,
        amount,
        reference,
        ...more,
      });
  }
  for (const trade of trades) {
    const { symbol, base } = symbols.get(trade.market)!;
    for (const role of ['maker', 'taker'] as const) {
      const account = trade[`${role}Account`];
      const opposite = trade.takerSide === 'BUY' ? 'SELL' : 'BUY';
      history.push({
        account_id: account,
        entry_id: [trade.timeUs, trade.tradeId]
          .map((value) => String(value).padStart(16, '0'))
          .concat(role.toUpperCase())
          .join('-'),
        account_asset: `${account}#${base}`,
        kind: 'TRADE',
        happened_at: trade.timeUs,
        symbol,
        trade_id: trade.tradeId,
        order_id: trade[`${role}OrderId`],
        side: role === 'taker' ? trade.takerSide : opposite,
        is_maker: role === 'maker',
        price: trade.price,
        quantity: trade.quantity,
        quote_quantity: trade.quoteQuantity,
        fee: trade[`${role}Fee`],
      });
    }
  }
  const klines = INTERVAL_NAMES.flatMap((name) => {
    const interval = intervalOf(name, 0)!;
    const groups = Map.groupBy(trades, ({ market, timeUs }) => `${market} ${interval.openOf(timeUs)}`);
    return [...groups.values()].map((group) =>
      klineOf(`${symbols.get(group[0]!.market)!.symbol}#${name}`, interval.openOf(group[0]!.timeUs), group),
    );
  });
  return {
    klines: sorted(klines, 'trading_pair', 'timestamp'),
    history: sorted(history, 'account_id', 'entry_id'),
  };
}

/** By account: what it is called, and what is told of it beside the amount. */
function movementsOf(message: Message): [number, string, object][] {
  switch (message.type) {
    case 'deposited':
      return [[message.account, 'DEPOSIT', {}]];
    case 'withdrawalHeld':
      return [[message.account, 'WITHDRAWAL_HELD', { fee: message.fee }]];
    case 'withdrawalSettled':
      return [[message.account, 'WITHDRAWAL_SETTLED', { fee: message.fee }]];
    case 'withdrawalReleased':
      return [[message.account, 'WITHDRAWAL_RELEASED', { fee: message.fee }]];
    case 'transferred':
      return [
        [message.from, 'TRANSFER_OUT', {}],
        [message.to, 'TRANSFER_IN', {}],
      ];
    default:
      return [];
  }
}

function klineOf(partition: string, openedAt: number, trades: readonly EventOf<'trade'>[]): Item {
  const prices = trades.map(({ price }) => price);
  const bought = trades.filter(({ takerSide }) => takerSide === 'BUY');
  const sum = (of: readonly EventOf<'trade'>[], field: 'quantity' | 'quoteQuantity') =>
    of.reduce((total, trade) => total + trade[field], 0);
  return {
    trading_pair: partition,
    timestamp: openedAt,
    open: prices[0],
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1),
    base_volume: sum(trades, 'quantity'),
    quote_volume: sum(trades, 'quoteQuantity'),
    taker_buy_base: sum(bought, 'quantity'),
    taker_buy_quote: sum(bought, 'quoteQuantity'),
    first_trade_id: trades[0]!.tradeId,
    last_trade_id: trades.at(-1)!.tradeId,
  };
}

function sorted(items: Item[], partition: string, sort: string): Item[] {
  const keyOf = (item: Item) => `${item[partition]} ${String(item[sort]).padStart(20, '0')}`;
  return items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
