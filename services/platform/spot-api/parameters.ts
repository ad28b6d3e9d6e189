/**
 * The parameters of a request, read from its raw query and raw form body. Whatever the body's content type says, it
 * is a form: clients label it JSON, or send it with DELETE. Reading checks; what nobody reads is refused.
 */

import type { TimeUs } from '#domain/ids.ts';
import { parseDecimal } from '#domain/money.ts';
import { type ApiError, apiErrors } from './errors.ts';

/** What a parameter may look like: the expression applied, and the text that a refusal quotes. */
interface Legal {
  readonly pattern: RegExp;
  readonly quoted: string;
}

const legal = (pattern: RegExp, quoted = pattern.source): Legal => ({ pattern, quoted });

export const DECIMAL = legal(/^([0-9]{1,20})(\.[0-9]{1,20})?$/);
const INTEGER = legal(/^[0-9]{1,20}$/);
export const CLIENT_ID = legal(/^[a-zA-Z0-9-_]{1,36}$/);
// Symbols may be of any script; the quoted text is the dialect's own.
export const SYMBOL = legal(/^[\p{Lu}\p{Lt}\p{Lo}\p{N}_.-]{1,50}$/u, '^[\\w\\-._&&[^a-z]]{1,50}$');
const SYMBOLS = legal(
  /^\[("[^"\\]{1,50}"(,"[^"\\]{1,50}")*)?\]$/,
  '^\\[("[\\w\\-._&&[^a-z]]{1,50}"(,"[\\w\\-._&&[^a-z]]{1,50}"){0,}){0,1}\\]$',
);
const BOOLEAN = legal(/^(true|false)$/i, '^(true|false)$');

/** A time of this many or more is in microseconds: as milliseconds it would lie past the year 5000. */
const MICROSECONDS_FROM = 1e14;

/** @throws {ApiError} from every reader, and from the constructor for encodings and duplicates. */
export class Parameters {
  readonly #values = new Map<string, string>();
  /** Names that were asked for, sent or not: what the endpoint knows. */
  readonly #known = new Set<string>();

  /** Both as they came, percent-encoded; a parameter in the query hides the body's of the same name. */
  constructor(query: string, body = '') {
    addPairs(this.#values, query);
    if (body === '') return;
    if (query === '') {
      addPairs(this.#values, body);
      return;
    }
    const ofBody = new Map<string, string>();
    addPairs(ofBody, body);
    for (const [name, value] of ofBody) if (!this.#values.has(name)) this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** The decoded text, or undefined when not sent; an empty one is refused. */
  text(name: string): string | undefined {
    this.#known.add(name);
    const value = this.#values.get(name);
    if (value === '') throw apiErrors.empty(name);
    return value;
  }

  mandatoryText(name: string): string {
    this.#known.add(name);
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw apiErrors.mandatory(name);
    return value;
  }

  /** The mandatory symbol, well-formed; whether it is listed is another question. */
  symbol(name = 'symbol'): string {
    return matching(name, this.mandatoryText(name), SYMBOL);
  }

  optionalSymbol(name = 'symbol'): string | undefined {
    const value = this.text(name);
    return value && matching(name, value, SYMBOL);
  }

  /** A list such as `["BTCUSDT","ETHUSDT"]`, without repetitions; brackets and quotes may come raw or encoded. */
  symbols(name = 'symbols'): readonly string[] | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const symbols = JSON.parse(matching(name, value, SYMBOLS)) as string[];
    if (!symbols.every((symbol) => SYMBOL.pattern.test(symbol)))
      throw apiErrors.illegalCharacters(name, SYMBOLS.quoted);
    if (new Set(symbols).size !== symbols.length) throw apiErrors.duplicateSymbols();
    return symbols;
  }

  /** An amount in units of an asset with `scale` decimals. */
  decimal<T extends number>(name: string, scale: number): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const units = parseDecimal(matching(name, value, DECIMAL), scale);
    if (units === 'precision') throw apiErrors.precision(name);
    if (typeof units === 'string') throw apiErrors.overflow(name);
    return units as T;
  }

  mandatoryDecimal<T extends number>(name: string, scale: number): T {
    this.mandatoryText(name);
    return this.decimal<T>(name, scale)!;
  }

  integer<T extends number>(name: string): T | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : (wholeNumber(name, value) as T);
  }

  /** How many items to give: `standard` when not sent, and never more than `most`. */
  limit(standard: number, most: number): number {
    const value = this.integer('limit') ?? standard;
    if (value === 0) throw apiErrors.invalidValue('limit');
    return Math.min(value, most);
  }

  /** A time, sent in milliseconds or microseconds. */
  timeUs(name: string): TimeUs | undefined {
    const value = this.integer(name);
    return value === undefined ? undefined : microseconds(value);
  }

  /** The last moment of a range that includes it: a millisecond lasts until the next. */
  endTimeUs(name: string): TimeUs | undefined {
    const value = this.integer(name);
    if (value === undefined) return undefined;
    return (microseconds(value) + (value >= MICROSECONDS_FROM ? 0 : 999)) as TimeUs;
  }

  mandatoryInteger<T extends number>(name: string): T {
    return wholeNumber(name, this.mandatoryText(name)) as T;
  }

  mandatoryTimeUs(name: string): TimeUs {
    return microseconds(wholeNumber(name, this.mandatoryText(name)));
  }

  oneOf<const C extends readonly string[]>(
    name: string,
    choices: C,
    refusal: (name: string) => ApiError = apiErrors.invalidValue,
  ): C[number] | undefined {
    const value = this.text(name);
    if (value !== undefined && !choices.includes(value)) throw refusal(name);
    return value;
  }

  mandatoryOneOf<const C extends readonly string[]>(
    name: string,
    choices: C,
    refusal: (name: string) => ApiError = apiErrors.invalidValue,
  ): C[number] {
    this.mandatoryText(name);
    return this.oneOf(name, choices, refusal)!;
  }

  clientId(name: string): string | undefined {
    const value = this.text(name);
    return value && matching(name, value, CLIENT_ID);
  }

  boolean(name: string): boolean {
    const value = this.text(name);
    return value !== undefined && matching(name, value, BOOLEAN).toLowerCase() === 'true';
  }

  /** To be called before anything is done: refuses parameters that no reader asked for. */
  end(): void {
    const sent = this.#values.size;
    let read = 0;
    for (const name of this.#values.keys()) if (this.#known.has(name)) read++;
    if (read === sent) return;
    throw sent > this.#known.size
      ? apiErrors.tooManyParameters(this.#known.size, sent)
      : apiErrors.unreadParameters(read, sent);
  }
}

function matching(name: string, value: string, { pattern, quoted }: Legal): string {
  if (!pattern.test(value)) throw apiErrors.illegalCharacters(name, quoted);
  return value;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(matching(name, text, INTEGER));
  if (!Number.isSafeInteger(value)) throw apiErrors.overflow(name);
  return value;
}

function microseconds(time: number): TimeUs {
  return (time >= MICROSECONDS_FROM ? time : time * 1000) as TimeUs;
}

function addPairs(values: Map<string, string>, text: string): void {
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('&', start);
    if (end === -1) end = text.length;
    if (end > start) addPair(values, text, start, end);
    start = end + 1;
  }
}

function addPair(values: Map<string, string>, text: string, start: number, end: number): void {
  let equals = text.indexOf('=', start);
  if (equals === -1 || equals > end) equals = end;
  const name = decoded(text.slice(start, equals));
  if (values.has(name)) throw apiErrors.duplicateParameter();
  values.set(name, decoded(text.slice(equals + 1, Math.max(end, equals + 1))));
}

function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw apiErrors.malformedEncoding();
  }
}
