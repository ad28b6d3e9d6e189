/** The ledger as it is, and as it should be after a run of events. */
import { type Kysely, sql } from 'kysely';
import type { FrameRecord } from '#domain/codec.ts';
import type { Event } from '#domain/events.ts';
import type { Database } from '#platform/database.ts';

/** What each entry did to each account, and what all accounts have; amounts as texts, since `sum` is a numeric. */
export async function storedLedger(db: Kysely<Database>) {
  const { rows: entries } = await sql`
    select distinct seq, entry, event, market_id, trade_id, reference, happened_at
    from projector.ledger_movements order by seq, entry
  `.execute(db);
  const { rows: postings } = await sql`
    select seq, entry, kind, account_id, asset_id, sum(amount)::text as amount
    from projector.ledger_postings group by seq, entry, kind, account_id, asset_id
    having sum(amount) <> 0 order by seq, entry, asset_id, kind, account_id
  `.execute(db);
  const { rows: balances } = await sql`
    select kind, account_id, asset_id, balance::text
    from projector.ledger_balances where balance <> 0 order by asset_id, kind, account_id
  `.execute(db);
  return { entries, postings, balances };
}

const KINDS = ['account', 'withdrawal', 'fees', 'custody'];

interface Line {
  readonly kind: string;
  readonly account: number;
  readonly asset: number;
  readonly amount: number;
}

/** Told event by event as a bookkeeper would, line by line; what meets on one account is added up at the end. */
function linesOf(event: Event, markets: ReadonlyMap<number, { base: number; quote: number }>): Line[] | null {
  const move = (asset: number, amount: number, from: string, to: string): Line[] => {
    const line = (name: string, change: number) => {
      const [kind, account = '0'] = name.split(' ') as [string, string?];
      return { kind, account: Number(account), asset, amount: change };
    };
    return [line(from, -amount), line(to, amount)];
  };
  switch (event.type) {
    case 'deposited':
      return move(event.asset, event.amount, 'custody', `account ${event.account}`);
    case 'withdrawalHeld':
      return move(event.asset, event.amount, `account ${event.account}`, `withdrawal ${event.account}`);
    case 'withdrawalReleased':
      return move(event.asset, event.amount, `withdrawal ${event.account}`, `account ${event.account}`);
    case 'withdrawalSettled':
      return [
        ...move(event.asset, event.amount - event.fee, `withdrawal ${event.account}`, 'custody'),
        ...move(event.asset, event.fee, `withdrawal ${event.account}`, 'fees'),
      ];
    case 'transferred':
      return move(event.asset, event.amount, `account ${event.from}`, `account ${event.to}`);
    case 'trade': {
      const { base, quote } = markets.get(event.market)!;
      const [taker, maker] = [`account ${event.takerAccount}`, `account ${event.makerAccount}`];
      const [toTaker, toMaker] = event.takerSide === 'BUY' ? [base, quote] : [quote, base];
      const amountOf = (asset: number) => (asset === base ? event.quantity : event.quoteQuantity);
      return [
        ...move(toTaker, amountOf(toTaker), maker, taker),
        ...move(toTaker, event.takerFee, taker, 'fees'),
        ...move(toMaker, amountOf(toMaker), taker, maker),
        ...move(toMaker, event.makerFee, maker, 'fees'),
      ];
    }
    default:
      return null;
  }
}

export function expectedLedger(records: readonly FrameRecord[]) {
  const markets = new Map<number, { base: number; quote: number }>();
  const entries: object[] = [];
  const postings: object[] = [];
  const balances = new Map<string, Balance>();
  const perSeq = new Map<number, number>();
  for (const { id: seq, timeUs, message } of records) {
    if (message.type === 'marketListed') markets.set(message.market, message);
    const lines = linesOf(message as Event, markets);
    if (lines === null) continue;
    const entry = perSeq.get(seq) ?? 0;
    perSeq.set(seq, entry + 1);
    entries.push({
      seq,
      entry,
      event: message.type,
      market_id: message.type === 'trade' ? message.market : null,
      trade_id: message.type === 'trade' ? message.tradeId : null,
      reference: 'reference' in message ? message.reference : null,
      happened_at: timeUs,
    });
    const sums = Map.groupBy(lines, ({ kind, account, asset }) => `${kind} ${account} ${asset}`);
    for (const [key, same] of [...sums].sort(([, [a]], [, [b]]) => order(a!, b!))) {
      const amount = same.reduce((total, line) => total + BigInt(line.amount), 0n);
      if (amount === 0n) continue;
      const { kind, account: account_id, asset: asset_id } = same[0]!;
      postings.push({ seq, entry, kind, account_id, asset_id, amount: String(amount) });
      const balance = BigInt(balances.get(key)?.balance ?? 0) + amount;
      balances.set(key, { kind, account_id, asset_id, balance: String(balance) });
    }
  }
  const held = [...balances.values()].filter(({ balance }) => balance !== '0');
  const placeOf = ({ kind, account_id: account, asset_id: asset }: Balance) => ({ kind, account, asset });
  return { entries, postings, balances: held.sort((a, b) => order(placeOf(a), placeOf(b))) };
}

interface Balance {
  readonly kind: string;
  readonly account_id: number;
  readonly asset_id: number;
  readonly balance: string;
}

type Place = Omit<Line, 'amount'>;

function order(a: Place, b: Place): number {
  return a.asset - b.asset || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.account - b.account;
}
