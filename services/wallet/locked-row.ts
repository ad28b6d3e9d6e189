/** How things that take several steps come to their end, whatever happens between two of them. */
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '#platform/database.ts';

/** What a step changes of a row, and whether there may be another step at once. */
export interface Stepped<Row> {
  readonly patch: Partial<Row>;
  readonly again: boolean;
}

export interface Machine<Row> {
  /** Locks the row; undefined when there is none, or when another process works on it and `skipLocked` is set. */
  lock(transaction: Transaction<Database>, skipLocked: boolean): Promise<Row | undefined>;
  /** Undefined when it must wait for something, or is at its end. */
  step(row: Row): Promise<Stepped<Row> | undefined>;
  save(transaction: Transaction<Database>, patch: Partial<Row>): Promise<void>;
}

/**
 * Takes steps until there is none to take, each in a transaction that holds the row's lock: one process works on a row
 * at a time, and a crash lets go of it. A step may have been done before by one that crashed: what it does outside
 * must be done once under a name that it can tell again. Returns the row as it stands.
 */
export async function advance<Row>(
  db: Kysely<Database>,
  machine: Machine<Row>,
  { skipLocked = true, stepsMax = Number.POSITIVE_INFINITY } = {},
): Promise<Row | undefined> {
  let row: Row | undefined;
  for (let steps = 0, again = true; again && steps < stepsMax; steps++) {
    again = false;
    row = await db.transaction().execute(async (transaction) => {
      const locked = await machine.lock(transaction, skipLocked);
      const stepped = locked && (await machine.step(locked));
      if (locked === undefined || stepped === undefined) return locked;
      await machine.save(transaction, stepped.patch);
      again = stepped.again;
      return { ...locked, ...stepped.patch };
    });
  }
  return row;
}
