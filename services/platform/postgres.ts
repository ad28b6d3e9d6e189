/** Opens PostgreSQL as typed queries, and brings a service's own schema up to date. */
import assert from 'node:assert/strict';
import { Kysely, type Migration, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database.ts';
import { poolConfig } from './pool-config.ts';
import { queryTracer } from './tracing.ts';

const CONNECT_TIMEOUT_MS = 5_000;

export interface DatabaseOptions {
  /** Most connections at once; further queries wait for one. */
  readonly connectionsMax: number;
  /** Server settings of every connection, such as `synchronous_commit`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Each query is parsed and planned once in a connection: half of a small statement's time. */
  readonly prepared?: boolean;
  /** A query without a result for this long fails, whatever became of it; unbounded unless given. */
  readonly queryTimeoutMs?: number;
}

/**
 * A pool of connections to `url`, which may leave its password to a secret (`pool-config.ts`). `int8` comes as a number, `numeric` as a text.
 * Nothing connects until the first query; close it with `destroy()`.
 */
export function openDatabase(
  url: string,
  { connectionsMax, settings = {}, queryTimeoutMs, prepared = false }: DatabaseOptions,
): Kysely<Database> {
  const pool = new pg.Pool({
    ...poolConfig(url),
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    types: { getTypeParser },
  });
  if (prepared) pool.on('connect', nameQueries);
  // A connection lost while idle is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {});
  // So would one lost while in use, whose query fails and tells of it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely({ dialect: new PostgresDialect({ pool }), log: queryTracer() });
}

/** PostgreSQL prepares what has a name: here, its number among the texts of this connection. */
function nameQueries(client: pg.PoolClient): void {
  const names = new Map<string, string>();
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  client.query = ((text: unknown, values?: unknown[], ...rest: unknown[]) => {
    if (typeof text !== 'string' || values === undefined || values.length === 0)
      return query(text, values, ...rest);
    const name = names.get(text) ?? `q${names.size}`;
    names.set(text, name);
    return query({ name, text, values }, ...rest);
  }) as typeof client.query;
}

const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? parseInt8
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

function parseInt8(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `int8 beyond 2^53 from PostgreSQL: ${text}`);
  return value;
}

export type Migrations = Readonly<Record<string, Migration>>;

/** A migration failed; the schema stands as it was before. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/**
 * Runs the migrations that `schema` has not seen, by name, in one transaction; processes that start at the same
 * time wait for each other. The record of what ran is kept in the schema itself.
 * @throws {MigrationError}
 */
export async function migrate(db: Kysely<Database>, schema: string, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: schema,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error');
  const what = failed
    ? `migration ${failed.migrationName} of schema ${schema}`
    : `the migrations of schema ${schema}`;
  throw new MigrationError(`${what} failed: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  });
}
