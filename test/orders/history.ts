/** A database with the read models of an in-process engine's events, and with API keys. */
import type { Kysely } from 'kysely';
import type { Frame } from '#domain/codec.ts';
import type { Database } from '#platform/database.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { migrate } from '#platform/postgres.ts';
import { migrations as accountsMigrations } from '#services/accounts/migrations.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations as projectorMigrations } from '#services/projector/migrations.ts';

export async function createTables(db: Kysely<Database>): Promise<void> {
  await migrate(db, 'projector', projectorMigrations);
  await migrate(db, 'accounts', accountsMigrations);
}

/** One command's events, as those get them who follow the engine. */
export function frameOf({ seq, timeUs, events }: Outcome): Frame {
  const records = events.map((message) => ({ id: seq, timeUs, message }));
  return { firstSeq: seq, lastSeq: seq, records };
}

export async function project(db: Kysely<Database>, outcome: Outcome): Promise<void> {
  await applyFrames(db, [frameOf(outcome)]);
}
