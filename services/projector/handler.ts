/** Applies committed events to the read models, each exactly once in effect however often it is delivered. */
import assert from 'node:assert/strict';
import type { Kysely } from 'kysely';
import type { Frame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { EventGapError } from '#platform/engine-events.ts';
import { fold } from './fold.ts';
import { keepLedger } from './ledger/keep-ledger.ts';
import { writeChanges } from './write-changes.ts';

/** The last sequence whose events the read models show; 0 before the first. */
export async function readPosition(db: Kysely<Database>): Promise<Seq> {
  const { seq } = await db.selectFrom('projector.position').select('seq').executeTakeFirstOrThrow();
  return seq;
}

/**
 * Applies what is new in `frames`, which are in order, in one transaction with the position. What was applied
 * before is passed over; two that apply the same frames at once wait for each other.
 * @returns the new position.
 * @throws {EventGapError} when events are missing before a frame; then none of `frames` is applied.
 */
export function applyFrames(db: Kysely<Database>, frames: readonly Frame[]): Promise<Seq> {
  return db.transaction().execute(async (transaction) => {
    const { seq: from } = await transaction
      .selectFrom('projector.position')
      .select('seq')
      .forUpdate()
      .executeTakeFirstOrThrow();
    let to: number = from;
    for (const { firstSeq, lastSeq } of frames) {
      assert(firstSeq >= 1 && lastSeq >= firstSeq, `not a frame of events: ${firstSeq} to ${lastSeq}`);
      if (firstSeq > to + 1) {
        throw new EventGapError(
          `the read models end at sequence ${to} and the next events begin at ${firstSeq}: those between are missing`,
        );
      }
      to = Math.max(to, lastSeq);
    }
    if (to === from) return from;
    // Redelivered frames may be cut differently, so it is each event's own sequence that decides.
    let position: number = from;
    const fresh = frames.flatMap(({ lastSeq, records }) => {
      const unseen = records.filter(({ id }) => id > position);
      position = Math.max(position, lastSeq);
      return unseen;
    });
    await writeChanges(transaction, fold(fresh));
    await keepLedger(transaction, fresh);
    await transaction
      .updateTable('projector.position')
      .set({ seq: to as Seq })
      .execute();
    return to as Seq;
  });
}
