/**
 * Compares the three places that know where the money is: the engine, which decides; the ledger, which is written from
 * its events; and custody, which holds the coins. Trading goes on meanwhile: an answer of the engine is compared with
 * the ledger as it was at the same sequence.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { AccountId, AssetId, Seq } from '#domain/ids.ts';
import { BALANCES_PAGE_MAX } from '#domain/queries.ts';
import type { Database } from '#platform/database.ts';
import type { Answer, EngineClient } from '#platform/engine-client.ts';
import { type ReadCustody, settledHoldings } from './custody-side.ts';
import { awaitLedger, ledgerAccounts, ledgerAt, ledgerTotals, type OwnBalance } from './ledger-side.ts';

/** Custody is read a moment before or after the ledger: a difference counts that is the same so often in a row. */
const CUSTODY_READS = 3;
const CUSTODY_PAUSE_MS = 1_000;

/**
 * - `engine`: what the ledger says an account has, and what the engine says.
 * - `custody`: what the ledger says custodians hold, and what they do.
 * - `ledger`: what all balances of an asset sum to, and zero.
 */
export interface Difference {
  readonly with: 'engine' | 'custody' | 'ledger';
  /** With the engine; 0 is the fee account. */
  readonly account: AccountId | null;
  readonly asset: AssetId;
  /** Units. */
  readonly inLedger: number;
  readonly elsewhere: number;
}

export interface Reconciliation {
  /** Of the engine's last answer. */
  readonly seq: Seq;
  /** How many balances of accounts were compared. */
  readonly balances: number;
  readonly differences: readonly Difference[];
}

export interface ReconcileDeps {
  readonly db: Kysely<Database>;
  readonly engine: EngineClient;
  readonly readCustody: ReadCustody;
  readonly custodyPauseMs?: number;
}

/**
 * @throws {LedgerBehind} when the ledger does not follow the engine.
 * @throws {EngineUnavailable}
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciliation> {
  const comparison = new EngineComparison(deps);
  await comparison.comparePages();
  await comparison.compareUnknown();
  const { seq, compared, differences } = comparison;
  const rest = [...(await unbalanced(deps.db)), ...(await custodyDifferences(deps))];
  return { seq, balances: compared.size, differences: [...differences, ...rest] };
}

class EngineComparison {
  readonly #db: Kysely<Database>;
  readonly #engine: EngineClient;
  readonly compared = new Set<string>();
  readonly differences: Difference[] = [];
  seq = 0 as Seq;

  constructor({ db, engine }: ReconcileDeps) {
    this.#db = db;
    this.#engine = engine;
  }

  /** All that the engine knows. */
  async comparePages(): Promise<void> {
    for (let from = 0; ; from += BALANCES_PAGE_MAX) {
      const answer = await this.#engine.ask({ type: 'allBalances', from, countMax: BALANCES_PAGE_MAX });
      const page = balancesOf(answer);
      await this.#compare(answer.seq, page, page);
      if (page.length < BALANCES_PAGE_MAX) return;
    }
  }

  /** What the ledger has beyond that: accounts that began meanwhile, or that the engine does not know. */
  async compareUnknown(): Promise<void> {
    for await (const page of ledgerAccounts(this.#db)) {
      const unknown = page.filter((one) => !this.compared.has(keyOf(one)));
      for (const [account, own] of Map.groupBy(unknown, (one) => one.account)) {
        const answer = await this.#engine.ask({ type: 'balances', account });
        await this.#compare(answer.seq, balancesOf(answer), own);
      }
    }
  }

  async #compare(
    seq: Seq,
    inEngine: readonly OwnBalance[],
    keys: readonly Omit<OwnBalance, 'balance'>[],
  ): Promise<void> {
    await awaitLedger(this.#db, seq);
    this.seq = seq;
    const inLedger = new Map((await ledgerAt(this.#db, seq, keys)).map((one) => [keyOf(one), one.balance]));
    const known = new Map(inEngine.map((one) => [keyOf(one), one.balance]));
    for (const { account, asset } of keys) {
      const key = keyOf({ account, asset });
      this.compared.add(key);
      const [ledger, elsewhere] = [inLedger.get(key) ?? 0, known.get(key) ?? 0];
      if (ledger !== elsewhere)
        this.differences.push({ with: 'engine', account, asset, inLedger: ledger, elsewhere });
    }
  }
}

function balancesOf({ records }: Answer): OwnBalance[] {
  return records.flatMap((record) =>
    record.type === 'balance'
      ? { account: record.account, asset: record.asset, balance: record.available + record.held }
      : [],
  );
}

function keyOf({ account, asset }: Omit<OwnBalance, 'balance'>): string {
  return `${account} ${asset}`;
}

async function unbalanced(db: Kysely<Database>): Promise<Difference[]> {
  return (await ledgerTotals(db))
    .filter(({ sum }) => sum !== 0)
    .map(({ asset, sum }) => ({ with: 'ledger', account: null, asset, inLedger: sum, elsewhere: 0 }));
}

async function custodyDifferences(deps: ReconcileDeps): Promise<Difference[]> {
  let lasting = await compareCustody(deps);
  for (let reads = 1; reads < CUSTODY_READS && lasting.length > 0; reads++) {
    await sleep(deps.custodyPauseMs ?? CUSTODY_PAUSE_MS);
    const again = await compareCustody(deps);
    lasting = again.filter((one) =>
      lasting.some((before) => excess(before) === excess(one) && before.asset === one.asset),
    );
  }
  return lasting;
}

const excess = ({ elsewhere, inLedger }: Difference) => elsewhere - inLedger;

async function compareCustody({ db, readCustody }: ReconcileDeps): Promise<Difference[]> {
  const [totals, holdings] = await Promise.all([ledgerTotals(db), readCustody()]);
  const inLedger = new Map(totals.map(({ asset, custody }) => [asset, custody]));
  const held = new Map(holdings.map((one) => [one.asset, settledHoldings(one)]));
  return [...new Set([...inLedger.keys(), ...held.keys()])].flatMap((asset) => {
    const [ledger, elsewhere] = [inLedger.get(asset) ?? 0, held.get(asset) ?? 0];
    return ledger === elsewhere
      ? []
      : [{ with: 'custody' as const, account: null, asset, inLedger: ledger, elsewhere }];
  });
}
