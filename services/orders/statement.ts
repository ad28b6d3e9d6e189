/** What an account traded in a time, and what that came to. */
import type { Kysely } from 'kysely';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { formatDecimal, parseDecimal } from '#domain/money.ts';
import type { Database } from '#platform/database.ts';
import { Refusal } from '#platform/people-api/refusal.ts';
import type { Asset, Listings, Market } from '#platform/spot-api/listings.ts';
import type { Clock } from './order-view.ts';
import { readTrades, type TradeView } from './own-trades.ts';

/** Most trades of one statement. */
const TRADES_MAX = 10_000;

/** Milliseconds since the epoch, both inclusive. */
export interface StatementRange {
  readonly from: number;
  readonly to: number;
}

export interface Statement extends StatementRange {
  /** In the order of their time. */
  readonly trades: readonly TradeView[];
  /** By asset, fees included in neither of the two. */
  readonly totals: readonly {
    readonly asset: string;
    readonly received: string;
    readonly paid: string;
    readonly fees: string;
  }[];
}

/** @throws {Refusal} 400 for a time with more trades than one statement holds. */
export async function readStatement(
  db: Kysely<Database>,
  { markets, assets }: Listings,
  clock: Clock,
  account: AccountId,
  { from, to }: StatementRange,
): Promise<Statement> {
  const start = (from * 1_000) as TimeUs;
  const end = (to * 1_000 + 999) as TimeUs;
  const totals = new Map<Asset, Totals>();
  const trades: TradeView[] = [];
  // One market after the other, so that a long statement does not hold every connection of the service.
  for (const market of markets) {
    const limit = TRADES_MAX - trades.length + 1;
    const ofMarket = await readTrades(db, clock, account, market, { start, end, limit });
    for (const trade of ofMarket) addTrade(totals, market, trade);
    trades.push(...ofMarket);
    if (trades.length > TRADES_MAX) throw tooLong();
  }
  return {
    from,
    to,
    trades: trades.sort((one, other) => one.time - other.time),
    totals: assets.flatMap((asset) => shownTotals(asset, totals.get(asset))),
  };
}

const tooLong = () =>
  new Refusal(
    400,
    'STATEMENT_TOO_LONG',
    `There are more than ${TRADES_MAX} trades in this time: ask for a shorter one.`,
    { field: 'from' },
  );

/** Sums outgrow 2^53: an asset may change hands more often than there is of it. */
interface Totals {
  received: bigint;
  paid: bigint;
  fees: bigint;
}

function addTrade(totals: Map<Asset, Totals>, { base, quote }: Market, trade: TradeView): void {
  const [got, gave] = trade.isBuyer ? [base, quote] : [quote, base];
  const amountOf = (asset: Asset) => unitsOf(asset === base ? trade.qty : trade.quoteQty, asset);
  totalsOf(totals, got).received += amountOf(got);
  totalsOf(totals, gave).paid += amountOf(gave);
  totalsOf(totals, got).fees += unitsOf(trade.commission, got);
}

function unitsOf(text: string, { scale }: Asset): bigint {
  return BigInt(parseDecimal(text, scale));
}

function totalsOf(totals: Map<Asset, Totals>, asset: Asset): Totals {
  const known = totals.get(asset) ?? { received: 0n, paid: 0n, fees: 0n };
  totals.set(asset, known);
  return known;
}

function shownTotals({ name, scale }: Asset, totals: Totals | undefined): Statement['totals'] {
  if (totals === undefined) return [];
  const { received, paid, fees } = totals;
  const shown = (units: bigint) => formatDecimal(units, scale);
  return [{ asset: name, received: shown(received), paid: shown(paid), fees: shown(fees) }];
}

const COLUMNS = [
  'time',
  'symbol',
  'tradeId',
  'orderId',
  'side',
  'price',
  'quantity',
  'quoteQuantity',
  'fee',
  'feeAsset',
  'role',
];

/** The trades as RFC 4180; no value has a comma, a quote or a line break in it. */
export function statementCsv({ trades }: Statement): string {
  const rows = trades.map((trade) => [
    new Date(trade.time).toISOString(),
    trade.symbol,
    trade.id,
    trade.orderId,
    trade.isBuyer ? 'BUY' : 'SELL',
    trade.price,
    trade.qty,
    trade.quoteQty,
    trade.commission,
    trade.commissionAsset,
    trade.isMaker ? 'MAKER' : 'TAKER',
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
