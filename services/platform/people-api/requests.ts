/** What requests of people may say. Unknown fields are refused: a misspelt one must not be ignored. */
import type { Context } from 'hono';
import { z } from 'zod';
import { refusals } from './refusal.ts';

/** The firewall's own limit. */
const BODY_BYTES_MAX = 8 * 1024;
/** PostgreSQL stores no NUL, and nobody means to type the others. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** What a route's body and its query must be, without a schema none; and what the description of the API says of it. */
export interface RequestSchema {
  /** One sentence. */
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
}

type OutputOf<T> = T extends z.ZodType<infer Output> ? Output : undefined;
/** What a route's handler gets. */
export type BodyOf<S extends RequestSchema> = S extends { body: infer Body } ? OutputOf<Body> : undefined;
export type QueryOf<S extends RequestSchema> = S extends { query: infer Query } ? OutputOf<Query> : undefined;

export const text = (charsMax: number) =>
  z.string('must be a text').max(charsMax, `must have at most ${charsMax} characters`);
export const line = (charsMax: number) =>
  z
    .string('must be a text')
    .regex(PRINTABLE, 'must not have control characters')
    .trim()
    .min(1, 'must not be empty')
    .max(charsMax, `must have at most ${charsMax} characters`);
export const flag = z.boolean('must be true or false');
/** The body of a request that says nothing more. */
export const empty = z.strictObject({});

/** A number in a query, which is a text there. */
export const whole = (max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .meta({ type: 'integer', minimum: 0, maximum: max })
    .transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`);
/** How many items to give: all that one answer can hold unless given. */
export const limit = (most: number) => whole(most).default(most);

/**
 * The body, as the schema has it; without a schema there must be none.
 * @throws {Refusal} naming the first fault.
 */
export async function readBody(context: Context, schema: z.ZodType | undefined): Promise<unknown> {
  if (schema === undefined) {
    if ((await readText(context)) !== '') throw refusals.malformedBody('must be empty');
    return undefined;
  }
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw refusals.unsupportedMediaType();
  return parsed(schema, parseJson(await readText(context)));
}

/** @throws {Refusal} naming the first fault. */
export function readQuery(context: Context, schema: z.ZodType | undefined): unknown {
  const { searchParams } = new URL(context.req.url);
  const names = [...searchParams.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw refusals.invalidField(repeated, 'must be given once');
  const query = parsed(schema ?? empty, Object.fromEntries(searchParams));
  return schema === undefined ? undefined : query;
}

function parsed(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') throw refusals.unknownField(issue.keys[0]!);
  const field = issue.path.join('.');
  if (field === '') throw refusals.malformedBody('must be a JSON object');
  // A rule of our own says better why the field is needed.
  const isMissing = issue.code !== 'custom' && valueAt(issue.path, value) === undefined;
  throw refusals.invalidField(field, isMissing ? 'must be given' : issue.message);
}

function valueAt(path: readonly PropertyKey[], value: unknown): unknown {
  return path.reduce<unknown>((of, key) => (of as Record<PropertyKey, unknown>)?.[key], value);
}

async function readText(context: Context): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw refusals.bodyTooLarge(BODY_BYTES_MAX);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw refusals.malformedJson();
  }
}
