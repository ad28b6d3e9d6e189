/**
 * Builds what the projector keeps from the journal, as the engine tells it: anew from the beginning, or what is missing
 * after a sequence.
 */
import { BatchWriteCommand, type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Kysely, sql } from 'kysely';
import type { Frame, Message } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import { connectEngine } from '#platform/engine-client.ts';
import { streamEvents } from '#platform/engine-events.ts';
import { FOLDED_TYPES } from '../fold.ts';
import { applyFrames, readPosition } from '../handler.ts';
import { TABLE_TYPES, type TableNames, Tables } from '../tables/tables.ts';
import { WaitingFrames } from '../waiting-frames.ts';

/** What DynamoDB deletes at once. */
const ITEMS_PER_WRITE_MAX = 25;

/** What was asked for cannot be done; the message says what can. */
export class RebuildError extends Error {
  override name = 'RebuildError';
}

export interface RebuildOptions {
  readonly db: Kysely<Database>;
  readonly documents: DynamoDBDocumentClient;
  readonly tableNames: TableNames;
  readonly engineUrl: string;
  /** 0 empties everything first; from another sequence on, only what is missing is added. */
  readonly from: number;
  /** How far it is, and how far it will go. */
  readonly progress: (seq: number, to: number) => void;
}

/**
 * Brings read models and tables to where the journal ends now; the lanes of the stream go on from there. The projector's
 * function must not run meanwhile: what it is given would count as done.
 * @throws {RebuildError}
 */
export async function rebuild(options: RebuildOptions): Promise<Seq> {
  const { db, documents, tableNames, engineUrl, from, progress } = options;
  const tables = new Tables(documents, tableNames);
  const to = await lastCommitted(engineUrl);
  if (from === 0) {
    await emptyReadModels(db);
    await emptyTable(documents, tableNames.marketData, ['trading_pair', 'timestamp']);
    await emptyTable(documents, tableNames.transactionHistory, ['account_id', 'entry_id']);
  } else await requireNoGap(from, db, tables);
  const wanted = new Set([...FOLDED_TYPES, ...TABLE_TYPES]);
  await follow(engineUrl, from, to, wanted, async (frames) => {
    await applyFrames(db, frames);
    await tables.fold(frames.flatMap(({ records }) => records));
    progress(frames.at(-1)!.lastSeq, to);
  });
  await tables.positions.resume(to);
  return to;
}

/** Brings the tables alone to where the journal ends now, from where the lane is that is furthest behind. */
export async function completeTables(tables: Tables, engineUrl: string): Promise<void> {
  const to = await lastCommitted(engineUrl);
  const from = await leastPosition(tables);
  await follow(engineUrl, from, to, TABLE_TYPES, (frames) =>
    tables.fold(frames.flatMap(({ records }) => records)),
  );
  await tables.positions.resume(to);
}

async function lastCommitted(engineUrl: string): Promise<Seq> {
  const engine = connectEngine(engineUrl);
  try {
    return (await engine.ask({ type: 'listings' })).seq;
  } finally {
    await engine.close();
  }
}

async function leastPosition(tables: Tables): Promise<number> {
  return Math.min(...(await tables.positions.all()).map(({ through }) => through));
}

async function requireNoGap(from: number, db: Kysely<Database>, tables: Tables): Promise<void> {
  const have = Math.min(await readPosition(db), await leastPosition(tables));
  if (from > have)
    throw new RebuildError(
      `--from ${from}: what is there ends at sequence ${have}, and what lies between would be missing: give ${have} or less`,
    );
}

/** Hands on the events after `from` up to `to`, and perhaps beyond, many frames at a time. */
async function follow(
  engineUrl: string,
  from: number,
  to: number,
  wanted: ReadonlySet<Message['type']>,
  take: (frames: readonly Frame[]) => Promise<void>,
): Promise<void> {
  const waiting = new WaitingFrames();
  const stream = streamEvents(engineUrl, from as Seq, (frame) => waiting.add(frame), { wanted });
  const takeAll = async () => {
    for (let at = from; at < to; ) {
      const frames = await waiting.take();
      if (frames.length === 0) return;
      await take(frames);
      at = frames.at(-1)!.lastSeq;
    }
  };
  const taken = takeAll();
  try {
    await Promise.race([taken, stream.ended]);
  } finally {
    waiting.end();
    await Promise.allSettled([stream.close(), taken]);
  }
}

/** All tables of the schema but those that say what the schema is. */
async function emptyReadModels(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = 'projector' and tablename <> 'position' and tablename not like 'kysely%'
  `.execute(db);
  await db.transaction().execute(async (transaction) => {
    const tables = rows.map(({ name }) => sql.id('projector', name));
    await sql`truncate ${sql.join(tables)}`.execute(transaction);
    await transaction
      .updateTable('projector.position')
      .set({ seq: 0 as Seq })
      .execute();
  });
}

async function emptyTable(
  documents: DynamoDBDocumentClient,
  name: string,
  keys: readonly string[],
): Promise<void> {
  const ExpressionAttributeNames = Object.fromEntries(keys.map((key) => [`#${key}`, key]));
  const ProjectionExpression = Object.keys(ExpressionAttributeNames).join();
  const pages = paginateScan(
    { client: documents, pageSize: ITEMS_PER_WRITE_MAX },
    { TableName: name, ProjectionExpression, ExpressionAttributeNames, ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) {
    let waiting: Record<string, object[]> =
      Items.length === 0 ? {} : { [name]: Items.map((Key) => ({ DeleteRequest: { Key } })) };
    while (Object.keys(waiting).length > 0) {
      const { UnprocessedItems = {} } = await documents.send(
        new BatchWriteCommand({ RequestItems: waiting }),
      );
      waiting = UnprocessedItems;
    }
  }
}
