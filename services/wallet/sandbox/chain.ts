/**
 * A chain of one's own, in PostgreSQL: outputs wait, are mined, lose their block and are mined again, or are gone.
 * Everything about it follows from what it was told, so that a test that mines its blocks itself sees the same each time.
 */
import { createHash } from 'node:crypto';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { TimeUs, Units } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { IncomingOutput, OutputId } from '../custody.ts';

export type SandboxOutput = Selectable<Database['wallet.sandbox_outputs']>;

export type Payment = Omit<IncomingOutput, keyof OutputId>;

export interface PayOptions {
  /** The key of the send that made it; see `custody.ts`. */
  readonly key?: string;
  /** Nobody is told, until {@link SandboxChain.announce}. */
  readonly unannounced?: boolean;
}

export class SandboxChain {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async height(): Promise<number> {
    const { height } = await this.#db
      .selectFrom('wallet.sandbox_chain')
      .select('height')
      .executeTakeFirstOrThrow();
    return height;
  }

  /** A transaction with one output, which waits for a block; the same for a key that was paid before. */
  async pay({ asset, address, amount }: Payment, options: PayOptions = {}): Promise<OutputId> {
    const { key = null, unannounced = false } = options;
    const paid = await this.#alone(async (transaction) => {
      const { number } = await transaction
        .selectNoFrom(sql<number>`nextval('wallet.sandbox_transactions')`.as('number'))
        .executeTakeFirstOrThrow();
      const txId = createHash('sha256').update(`transaction ${number}`).digest('hex');
      const inserted = await transaction
        .insertInto('wallet.sandbox_outputs')
        .values({
          tx_id: txId,
          output: 0,
          asset,
          address,
          amount,
          send_key: key,
          height: null,
          is_gone: false,
        })
        .onConflict((conflict) => conflict.column('send_key').doNothing())
        .returning(['tx_id', 'output'])
        .executeTakeFirst();
      if (inserted === undefined) return undefined;
      if (!unannounced) await notify(transaction, [inserted]);
      return { txId, output: 0 };
    });
    if (paid !== undefined) return paid;
    const { tx_id: txId, output } = (await this.sent(key!))!;
    return { txId, output };
  }

  /** One more block, with all that waits for one. */
  async mine(): Promise<void> {
    await this.#mine(systemClock.nowUs(), Number.MAX_SAFE_INTEGER);
  }

  /** One more block when the last is older than this; several processes may ask. */
  async mineWhenDue(blockTimeMs: number): Promise<void> {
    const nowUs = systemClock.nowUs();
    await this.#mine(nowUs, nowUs - blockTimeMs * 1_000);
  }

  async #mine(nowUs: number, minedBefore: number): Promise<void> {
    await this.#alone(async (transaction) => {
      const mined = await transaction
        .updateTable('wallet.sandbox_chain')
        .set((chain) => ({ height: chain('height', '+', 1), mined_at: nowUs as TimeUs }))
        .where('mined_at', '<=', minedBefore as TimeUs)
        .returning('height')
        .executeTakeFirst();
      if (mined === undefined) return;
      await transaction
        .updateTable('wallet.sandbox_outputs')
        .set({ height: mined.height })
        .where('height', 'is', null)
        .where('is_gone', '=', false)
        .execute();
    });
  }

  /**
   * The last `depth` blocks are of a branch that lost: what they had waits for a block again or, with `isGone`, was
   * spent otherwise on the branch that won, which is as high.
   */
  async reorganize(depth: number, isGone = false): Promise<void> {
    await this.#alone(async (transaction, height) => {
      const lost = await transaction
        .updateTable('wallet.sandbox_outputs')
        .set({ height: null, is_gone: isGone })
        .where('height', '>', height - depth)
        .returning(['tx_id', 'output'])
        .execute();
      await notify(transaction, lost);
    });
  }

  /** Tells of an output, for the first time or once more. */
  async announce({ txId, output }: OutputId): Promise<void> {
    await this.#alone((transaction) => notify(transaction, [{ tx_id: txId, output }]));
  }

  /** Whatever waits under this key will not be mined. */
  async drop(key: string): Promise<void> {
    await this.#db
      .updateTable('wallet.sandbox_outputs')
      .set({ is_gone: true })
      .where('send_key', '=', key)
      .where('height', 'is', null)
      .execute();
  }

  async find({ txId, output }: OutputId): Promise<SandboxOutput | undefined> {
    return this.#db
      .selectFrom('wallet.sandbox_outputs')
      .selectAll()
      .where('tx_id', '=', txId)
      .where('output', '=', output)
      .executeTakeFirst();
  }

  /** What was sent under this key. */
  async sent(key: string): Promise<SandboxOutput | undefined> {
    return this.#db
      .selectFrom('wallet.sandbox_outputs')
      .selectAll()
      .where('send_key', '=', key)
      .executeTakeFirst();
  }

  async notices(after: number, limit: number) {
    return this.#db
      .selectFrom('wallet.sandbox_notices')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute();
  }

  /** Changes follow one another, so that the ids of notices do: a reader passes none over. */
  #alone<T>(change: (transaction: Transaction<Database>, height: number) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(async (transaction) => {
      const { height } = await transaction
        .selectFrom('wallet.sandbox_chain')
        .select('height')
        .forUpdate()
        .executeTakeFirstOrThrow();
      return change(transaction, height);
    });
  }

  /** What came to addresses of ours, less what was sent, by asset; only what is in a block. */
  async holdings(): Promise<ReadonlyMap<string, Units>> {
    const rows = await this.#db
      .selectFrom('wallet.sandbox_outputs as output')
      .leftJoin('wallet.deposit_addresses as own', (join) =>
        join.onRef('own.asset', '=', 'output.asset').onRef('own.address', '=', 'output.address'),
      )
      .select(['output.asset'])
      .select(
        sql<number>`(
          coalesce(sum(amount) filter (where own.address is not null), 0)
          - coalesce(sum(amount) filter (where send_key is not null), 0)
        )::int8`.as('units'),
      )
      .where('height', 'is not', null)
      .groupBy('output.asset')
      .execute();
    return new Map(rows.map(({ asset, units }) => [asset, units as Units]));
  }
}

async function notify(
  transaction: Transaction<Database>,
  outputs: readonly { readonly tx_id: string; readonly output: number }[],
): Promise<void> {
  if (outputs.length > 0) await transaction.insertInto('wallet.sandbox_notices').values(outputs).execute();
}
