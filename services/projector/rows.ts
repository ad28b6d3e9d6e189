/** Rows of one statement, however many: each column travels as one array. */
import { type RawBuilder, sql } from 'kysely';

/** A row of trades takes about 200 bytes: a megabyte a statement. */
const ROWS_PER_STATEMENT_MAX = 5_000;

type ColumnType = 'int' | 'int8' | 'numeric' | 'text' | 'projector.ledger_kind';
export type Columns<Row> = { readonly [Name in keyof Required<Row> & string]: ColumnType };

export function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT_MAX)
    yield rows.slice(at, at + ROWS_PER_STATEMENT_MAX);
}

/** `(columns) select … from unnest(arrays)`. */
export function rowsOf<Row>(rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  const names = Object.keys(columns).map((name) => sql.ref(name));
  return sql`(${sql.join(names)}) select * from ${arraysOf(rows, columns)}`;
}

/** `unnest(arrays)`: the columns in order, one parameter each. */
export function arraysOf<Row>(rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  const names = Object.keys(columns) as (keyof Row & string)[];
  const arrays = names.map((name) => {
    const values = rows.map((row) => row[name]);
    const array = columns[name] === 'text' ? values : plainArray(values);
    return sql`${sql.val(array)}::${sql.raw(columns[name])}[]`;
  });
  return sql`unnest(${sql.join(arrays)})`;
}

/** PostgreSQL's text for an array of numbers, labels and nulls; the driver's own would look at each value for quotes. */
function plainArray(values: readonly unknown[]): string {
  return `{${values.map((value) => value ?? 'null').join()}}`;
}
