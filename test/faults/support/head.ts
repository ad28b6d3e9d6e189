/** The head row, as tests watch it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '#platform/database.ts';

const POLL_MS = 10;
const TIMEOUT_MS = 10_000;

export interface HeadRow {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly published: number;
  readonly leader: string;
}

export async function headOf(db: Kysely<Database>): Promise<HeadRow> {
  const row = await db
    .selectFrom('engine.head')
    .select(['epoch', 'last_seq', 'published', 'leader'])
    .executeTakeFirstOrThrow();
  return { epoch: row.epoch, lastSeq: row.last_seq, published: row.published, leader: row.leader };
}

/** Waits until the leader has noted that all there is was published; nobody may be trading. */
export async function untilAllPublished(db: Kysely<Database>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { lastSeq, published } = await headOf(db);
    if (published === lastSeq) return;
    if (performance.now() > deadline) throw new Error(`${published} of ${lastSeq} are published`);
    await sleep(POLL_MS);
  }
}
