/**
 * Which parameters a route of the dialect takes: found out from the code that reads them, since nothing else says so.
 * The use case is given requests that are drawn at random and mended by its own refusals, until it has read all that was
 * sent: see {@link Parameters.end}, where this ends it. A parameter belongs to the route when a request with it was read
 * to its end, and is required when none was without.
 */
import assert from 'node:assert/strict';
import { ApiError } from '#platform/spot-api/errors.ts';
import { CLIENT_ID, DECIMAL, Parameters, SYMBOL } from '#platform/spot-api/parameters.ts';

/** Has a use case read a request's parameters; it throws when it does not like them. */
export type Reading = (parameters: Parameters) => unknown;

export interface DialectParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Read to their end; enough for a parameter, or a choice of one, that only a few of all requests may have. */
const READ_REQUESTS = 500;
const REQUESTS_MAX = 20_000;
/** Of one request: each refusal sends the parameter at fault, or takes it away. */
const MENDS_MAX = 20;
/** How many of the optional parameters are sent at first, on average. */
const SHARES = [0.1, 0.4, 0.7];
/** Listed like all others. */
const SAMPLE_SYMBOL = 'BTCUSDT';
/** One of them is good for each text that has to be like something: an interval, a length of time, a time zone, an id. */
const SAMPLE_TEXTS = ['1m', '0', '00000000-0000-4000-8000-000000000000'];

interface Kind {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly samples: readonly string[];
}

const TEXT: Kind = { schema: { type: 'string' }, samples: SAMPLE_TEXTS };
const symbol: Kind = { schema: { type: 'string', pattern: SYMBOL.pattern.source }, samples: [SAMPLE_SYMBOL] };
const symbols: Kind = {
  schema: { type: 'string', examples: ['["BTCUSDT","ETHUSDT"]'] },
  samples: [JSON.stringify([SAMPLE_SYMBOL])],
};
const decimal: Kind = { schema: { type: 'string', pattern: DECIMAL.pattern.source }, samples: ['1'] };
const clientId: Kind = { schema: { type: 'string', pattern: CLIENT_ID.pattern.source }, samples: ['mine'] };
const integer: Kind = { schema: { type: 'integer', minimum: 0 }, samples: ['1', '1000000'] };
const boolean: Kind = { schema: { type: 'boolean' }, samples: ['true', 'false'] };
const time: Kind = {
  schema: {
    type: 'integer',
    minimum: 0,
    description: 'Since 1970, in milliseconds, or in microseconds from 10^14 on.',
  },
  samples: ['1700000000000'],
};
const oneOf = (choices: readonly string[]): Kind => ({
  schema: { type: 'string', enum: choices },
  samples: choices,
});

/** Thrown when all that was sent has been read. */
class ReadToTheEnd extends Error {}

/** A request that is made up while it is read. */
class MadeUp extends Parameters {
  /** What was drawn for each name that was asked for; undefined for nothing. */
  readonly drawn = new Map<string, string | undefined>();
  #last = '';
  readonly #kinds: Map<string, Kind>;
  readonly #random: () => number;
  readonly #share: number;

  constructor(kinds: Map<string, Kind>, random: () => number, share: number) {
    super('');
    this.#kinds = kinds;
    this.#random = random;
    this.#share = share;
  }

  /** Sends what was not sent, and does not send what was; a refusal that names nothing is about what was read last. */
  mend({ parameter = this.#last }: ApiError): void {
    const name = this.drawn.has(parameter) ? parameter : this.#last;
    this.drawn.set(name, this.drawn.get(name) === undefined ? this.#sampleOf(name) : undefined);
  }

  #sampleOf(name: string): string {
    const { samples } = this.#kinds.get(name) ?? TEXT;
    return samples[Math.floor(this.#random() * samples.length)]!;
  }

  /** The reader that knows most about it comes first, and then those that it is made of. */
  #as(name: string, kind: Kind): void {
    const known = this.#kinds.get(name);
    if (known === undefined || known === TEXT) this.#kinds.set(name, kind);
  }

  override text(name: string): string | undefined {
    this.#as(name, TEXT);
    this.#last = name;
    if (!this.drawn.has(name))
      this.drawn.set(name, this.#random() < this.#share ? this.#sampleOf(name) : undefined);
    return this.drawn.get(name);
  }

  override mandatoryText(name: string): string {
    this.#as(name, TEXT);
    this.#last = name;
    const value = this.drawn.get(name) ?? this.#sampleOf(name);
    this.drawn.set(name, value);
    return value;
  }

  override symbol(name = 'symbol'): string {
    this.#as(name, symbol);
    return super.symbol(name);
  }

  override optionalSymbol(name = 'symbol'): string | undefined {
    this.#as(name, symbol);
    return super.optionalSymbol(name);
  }

  override symbols(name = 'symbols'): readonly string[] | undefined {
    this.#as(name, symbols);
    return super.symbols(name);
  }

  override decimal<T extends number>(name: string, scale: number): T | undefined {
    this.#as(name, decimal);
    return super.decimal<T>(name, scale);
  }

  override mandatoryDecimal<T extends number>(name: string, scale: number): T {
    this.#as(name, decimal);
    return super.mandatoryDecimal<T>(name, scale);
  }

  override integer<T extends number>(name: string): T | undefined {
    this.#as(name, integer);
    return super.integer<T>(name);
  }

  override mandatoryInteger<T extends number>(name: string): T {
    this.#as(name, integer);
    return super.mandatoryInteger<T>(name);
  }

  override limit(standard: number, most: number): number {
    const schema = { type: 'integer', minimum: 1, maximum: most, default: standard };
    this.#as('limit', { schema, samples: ['1'] });
    return super.limit(standard, most);
  }

  override timeUs(name: string) {
    this.#as(name, time);
    return super.timeUs(name);
  }

  override endTimeUs(name: string) {
    this.#as(name, time);
    return super.endTimeUs(name);
  }

  override mandatoryTimeUs(name: string) {
    this.#as(name, time);
    return super.mandatoryTimeUs(name);
  }

  override oneOf<const C extends readonly string[]>(
    name: string,
    choices: C,
    refusal?: (name: string) => ApiError,
  ): C[number] | undefined {
    this.#as(name, oneOf(choices));
    return super.oneOf(name, choices, refusal);
  }

  override mandatoryOneOf<const C extends readonly string[]>(
    name: string,
    choices: C,
    refusal?: (name: string) => ApiError,
  ): C[number] {
    this.#as(name, oneOf(choices));
    return super.mandatoryOneOf(name, choices, refusal);
  }

  override clientId(name: string): string | undefined {
    this.#as(name, clientId);
    return super.clientId(name);
  }

  override boolean(name: string): boolean {
    this.#as(name, boolean);
    return super.boolean(name);
  }

  override end(): void {
    throw new ReadToTheEnd();
  }
}

/** In the order in which they are read. */
export async function dialectParameters(read: Reading): Promise<DialectParameter[]> {
  const kinds = new Map<string, Kind>();
  const random = parkMiller();
  /** By name, what was sent in requests that were read to their end, and in how many. */
  const sent = new Map<string, { requests: number; values: Set<string> }>();
  let toTheEnd = 0;
  for (let request = 0; toTheEnd < READ_REQUESTS; request++) {
    assert(request < REQUESTS_MAX, `hardly any request is read to its end; of ${[...kinds.keys()]}`);
    const madeUp = new MadeUp(kinds, random, SHARES[request % SHARES.length]!);
    if (!(await isRead(read, madeUp))) continue;
    toTheEnd++;
    for (const [name, value] of madeUp.drawn) {
      if (value === undefined) continue;
      const of = sent.get(name) ?? { requests: 0, values: new Set() };
      of.requests++;
      of.values.add(value);
      sent.set(name, of);
    }
  }
  return [...kinds].flatMap(([name, { schema }]) => {
    const of = sent.get(name);
    if (of === undefined) return [];
    const { enum: choices } = schema as { readonly enum?: readonly string[] };
    const accepted = choices?.filter((choice) => of.values.has(choice));
    const told = accepted === undefined ? schema : { ...schema, enum: accepted };
    return [{ name, required: of.requests === toTheEnd, schema: told }];
  });
}

/** Whether it was read to its end, perhaps after some mending. */
async function isRead(read: Reading, request: MadeUp): Promise<boolean> {
  for (let mends = 0; mends < MENDS_MAX; mends++) {
    try {
      await read(request);
    } catch (error) {
      if (error instanceof ReadToTheEnd) return true;
      if (!(error instanceof ApiError)) throw error;
      request.mend(error);
      continue;
    }
    // It reads nothing.
    return true;
  }
  return false;
}

/** The same draws each time, so that the same code has the same description: S. K. Park, K. W. Miller, CACM 31(10), 1988. */
function parkMiller(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
