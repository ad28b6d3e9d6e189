/** What goes on by itself: the chain is looked at, and all that is under way takes the steps that it can. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/database.ts';
import { EngineUnavailable } from '#platform/engine-client.ts';
import { REPORT_MS } from '#platform/metrics.ts';
import { advanceDeposit, type DepositDeps, WATCHED } from './deposit-steps.ts';
import { readNotices } from './deposits.ts';
import { reportWallet } from './metrics.ts';
import { advanceTransfer } from './transfers.ts';
import { advanceWithdrawal, UNDER_WAY } from './withdrawal-steps.ts';

/** Read at a time; all are read in one round. */
const PAGE = 500;
/** Rounds in a row that may fail as a whole before this process is no use. */
const FAILURES_MAX = 3;

export class Worker {
  readonly #deps: DepositDeps;
  readonly #intervalMs: number;
  readonly #beforeRound: () => Promise<void>;
  readonly #stop = new AbortController();
  readonly #report: NodeJS.Timeout;
  #failures = 0;
  #ended: Promise<void>;

  /** `beforeRound` comes before each look at the chain. */
  constructor(deps: DepositDeps, intervalMs: number, beforeRound: () => Promise<void>) {
    this.#deps = deps;
    this.#intervalMs = intervalMs;
    this.#beforeRound = beforeRound;
    this.#report = setInterval(() => {
      reportWallet(deps.db, deps.log).catch((err) =>
        deps.log.warn({ err }, 'the wallet cannot say how it is'),
      );
    }, REPORT_MS).unref();
    this.#ended = this.#run();
  }

  /** False while rounds fail as a whole: the database or the custodian is away. */
  get healthy(): boolean {
    return this.#failures < FAILURES_MAX;
  }

  /** Waits for the round under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#report);
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#beforeRound();
        await workRound(this.#deps, signal);
        this.#failures = 0;
      } catch (error) {
        this.#failures++;
        this.#deps.log.error({ err: error }, 'a round of the wallet failed; the next will try again');
      }
      await sleep(this.#intervalMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** Looks at everything once. One thing that fails stops no other; an engine that is away stops the round. */
export async function workRound(deps: DepositDeps, signal?: AbortSignal): Promise<void> {
  const { db, log } = deps;
  await readNotices(deps);
  const each = async <Id>(ids: AsyncIterable<Id>, advance: (id: Id) => Promise<unknown>) => {
    for await (const id of ids) {
      if (signal?.aborted) return;
      try {
        await advance(id);
      } catch (error) {
        if (error instanceof EngineUnavailable) throw error;
        log.error({ err: error, id }, 'a step of the wallet failed; it is tried again');
      }
    }
  };
  await each(watchedDeposits(db), (id) => advanceDeposit(deps, id));
  await each(underWay(db, 'wallet.withdrawals', UNDER_WAY), (id) => advanceWithdrawal(deps, id));
  await each(underWay(db, 'wallet.transfers', ['requested']), (id) => advanceTransfer(deps, id));
}

async function* watchedDeposits(db: Kysely<Database>): AsyncGenerator<number> {
  for (let after = 0; ; ) {
    const page = await db
      .selectFrom('wallet.deposits')
      .select('id')
      .where('id', '>', after)
      .where('status', 'in', WATCHED)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { id } of page) yield id;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

/** In the order of their ids, which is none: whichever comes first, all come. */
async function* underWay(
  db: Kysely<Database>,
  table: 'wallet.withdrawals' | 'wallet.transfers',
  statuses: readonly string[],
): AsyncGenerator<string> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await db
      .selectFrom(table)
      .select('id')
      .where('id', '>', after)
      .where(sql<string>`status`, 'in', statuses)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { id } of page) yield id;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}
