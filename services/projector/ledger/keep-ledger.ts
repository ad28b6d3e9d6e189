/** Adds what a run of events does to the ledger, with the balances after each movement. */
import assert from 'node:assert/strict';
import { type Insertable, type Kysely, sql } from 'kysely';
import type { FrameRecord } from '#domain/codec.ts';
import type { MarketId, Seq, TimeUs } from '#domain/ids.ts';
import type { Movement } from '#domain/ledger.ts';
import type { Database } from '#platform/database.ts';
import { arraysOf, type Columns, chunks, rowsOf } from '../rows.ts';
import { movementsOf, movesValue, type TradedAssets, type ValueEvent } from './movements.ts';
import { type BalanceRow, RunningBalances } from './running-balances.ts';

type MarketRow = Insertable<Database['projector.markets']>;
type MovementRow = Insertable<Database['projector.ledger_movements']>;
type BalanceKey = Omit<BalanceRow, 'balance'>;

const marketColumns: Columns<MarketRow> = {
  market_id: 'int',
  symbol: 'text',
  base_asset_id: 'int',
  quote_asset_id: 'int',
};

const movementColumns: Columns<MovementRow> = {
  seq: 'int8',
  entry: 'int',
  event: 'text',
  asset_id: 'int',
  from_kind: 'projector.ledger_kind',
  from_account: 'int',
  to_kind: 'projector.ledger_kind',
  to_account: 'int',
  amount: 'int8',
  fee: 'int8',
  from_balance: 'int8',
  to_balance: 'int8',
  market_id: 'int',
  trade_id: 'int8',
  reference: 'text',
  happened_at: 'int8',
};

const keyColumns: Columns<BalanceKey> = {
  kind: 'projector.ledger_kind',
  account_id: 'int',
  asset_id: 'int',
};
const balanceColumns: Columns<BalanceRow> = { ...keyColumns, balance: 'int8' };

/** A movement, and the event that made it. */
interface Entry {
  readonly seq: Seq;
  /** Counts the events of one sequence that move value. */
  readonly entry: number;
  readonly at: TimeUs;
  readonly event: ValueEvent;
  readonly movement: Movement;
}

/**
 * `records` are committed events in order. Must run in the transaction that moves the position: a second time,
 * movements collide.
 */
export async function keepLedger(db: Kysely<Database>, records: readonly FrameRecord[]): Promise<void> {
  const markets = records.flatMap(({ message }) => (message.type === 'marketListed' ? message : []));
  if (markets.length > 0) {
    const rows = markets.map(({ market, symbol, base, quote }) => {
      return { market_id: market, symbol, base_asset_id: base, quote_asset_id: quote };
    });
    await sql`insert into projector.markets ${rowsOf(rows, marketColumns)}`.execute(db);
  }
  const entries = entriesOf(records, await readTradedAssets(db, records));
  if (entries.length === 0) return;
  const balances = await readBalances(db, entries);
  const rows = entries.map((entry) => movementRow(entry, balances));
  for (const chunk of chunks(rows))
    await sql`insert into projector.ledger_movements ${rowsOf(chunk, movementColumns)}`.execute(db);
  for (const chunk of chunks(balances.rows)) {
    await sql`
      insert into projector.ledger_balances ${rowsOf(chunk, balanceColumns)}
      on conflict (account_id, asset_id, kind) do update set balance = excluded.balance
    `.execute(db);
  }
}

function entriesOf(
  records: readonly FrameRecord[],
  assetsOf: (market: MarketId) => TradedAssets,
): readonly Entry[] {
  const entries: Entry[] = [];
  let lastSeq = 0;
  let count = 0;
  for (const { id, timeUs, message } of records) {
    if (!movesValue(message)) continue;
    count = id === lastSeq ? count + 1 : 0;
    lastSeq = id;
    for (const movement of movementsOf(message, assetsOf))
      entries.push({ seq: id as Seq, entry: count, at: timeUs as TimeUs, event: message, movement });
  }
  return entries;
}

function movementRow({ seq, entry, at, event, movement }: Entry, balances: RunningBalances): MovementRow {
  const { asset, from, to, amount, fee } = movement;
  const { fromBalance, toBalance } = balances.move(movement);
  return {
    seq,
    entry,
    event: event.type,
    asset_id: asset,
    from_kind: from.kind,
    from_account: from.account,
    to_kind: to.kind,
    to_account: to.account,
    amount,
    fee,
    from_balance: fromBalance,
    to_balance: toBalance,
    market_id: event.type === 'trade' ? event.market : null,
    trade_id: event.type === 'trade' ? event.tradeId : null,
    reference: 'reference' in event ? event.reference : null,
    happened_at: at,
  };
}

async function readBalances(db: Kysely<Database>, entries: readonly Entry[]): Promise<RunningBalances> {
  const balances = new RunningBalances(entries.map(({ movement }) => movement));
  for (const chunk of chunks(balances.rows)) {
    const { rows } = await sql<BalanceRow>`
      select kind, account_id, asset_id, balance
      from ${arraysOf(chunk, keyColumns)} as touched (kind, account_id, asset_id)
      join projector.ledger_balances using (kind, account_id, asset_id)
    `.execute(db);
    for (const row of rows) balances.begin(row);
  }
  return balances;
}

async function readTradedAssets(
  db: Kysely<Database>,
  records: readonly FrameRecord[],
): Promise<(market: MarketId) => TradedAssets> {
  const hasTrades = records.some(({ message }) => message.type === 'trade');
  const rows = hasTrades ? await db.selectFrom('projector.markets').selectAll().execute() : [];
  const markets = new Map(
    rows.map((row) => [row.market_id, { base: row.base_asset_id, quote: row.quote_asset_id }]),
  );
  return (market) => {
    const assets = markets.get(market);
    assert(assets, `a trade on market ${market}, which was never listed`);
    return assets;
  };
}
