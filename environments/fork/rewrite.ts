/** Changes values in a configuration file, and of the rest of its text nothing. */
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from './configuration.ts';
import { ForkError } from './fork-error.ts';

/** What a fork may change in a file. */
const fields = [
  'namePrefix',
  'account',
  'region',
  'availabilityZones',
  'domain',
  'hostedZone',
  'alarmEmails',
  'provider',
  'repository',
  'connectionArn',
  'approverEmails',
];

/**
 * The text of a file after `before` has become `after`, formatted as the whole repository is.
 * @throws {ForkError} when a field is not written as a literal on a line of its own, so that nothing is changed by guess.
 */
export function rewritten(
  path: string,
  text: string,
  before: Configuration[keyof Configuration],
  after: Configuration[keyof Configuration],
): string {
  const [old, wanted] = [valuesOf(before), valuesOf(after)];
  const changed = fields.filter((field) => !isDeepStrictEqual(old[field], wanted[field]));
  if (changed.length === 0) return text;
  const edited = changed.reduce(
    (edit, field) => withValue({ path, field, old: old[field], wanted: wanted[field] }, edit),
    text,
  );
  return formatted(path, edited);
}

function valuesOf(of: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(of));
}

interface Edit {
  readonly path: string;
  readonly field: string;
  readonly old: unknown;
  readonly wanted: unknown;
}

function withValue({ path, field, old, wanted }: Edit, text: string): string {
  const literal = String.raw`'[^'\n]*'|\[[^\]]*\]|\{[^}]*\}`;
  const line = new RegExp(String.raw`^(  ${field}:)( //.*)?(\s+)(?:${literal}),( //.*)?$`, 'gm');
  const found = [...text.matchAll(line)].length;
  if (found !== 1)
    throw new ForkError(
      `Nothing was changed: ${path}: ${field}: is found ${found} times as a literal; change it by hand`,
    );
  const kept = (comment = '') => (isPlaceholder(comment) && !isPlaceholderStill(old, wanted) ? '' : comment);
  return text.replace(
    line,
    (_, name: string, above: string | undefined, space: string, beside: string | undefined) =>
      `${name}${kept(above)}${space}${literalOf(wanted)},${kept(beside)}`,
  );
}

/** A comment that says that the value is none yet, and goes with it. */
function isPlaceholder(comment: string): boolean {
  return /^ \/\/ (a placeholder|placeholders)\b/.test(comment);
}

/** A hosted zone whose name follows from a domain still lacks its id. */
function isPlaceholderStill(old: unknown, wanted: unknown): boolean {
  return hasId(old) && hasId(wanted) && old.id === wanted.id;
}

function hasId(value: unknown): value is { readonly id: unknown } {
  return typeof value === 'object' && value !== null && 'id' in value;
}

function literalOf(value: unknown): string {
  if (typeof value === 'string') {
    if (/['\\\n]/.test(value))
      throw new ForkError(`Nothing was changed: ${value}: has a quote or a backslash`);
    return `'${value}'`;
  }
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  const entries = Object.entries(value as object).map(([name, of]) => `${name}: ${literalOf(of)}`);
  return `{ ${entries.join(', ')} }`;
}

function formatted(path: string, text: string): string {
  const arguments_ = ['format', `--stdin-file-path=${path}`];
  const { status, stdout, stderr, error } = spawnSync('node_modules/.bin/biome', arguments_, {
    input: text,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new ForkError(`${path} cannot be formatted; run npm ci first. ${error?.message ?? stderr}`);
}
