/** Random mutations: an operator swapped, a `!` or an early return dropped, a number off by one. */
import { codeOnly } from './code-text.ts';
import { lineOf, type Mutation } from './mutation.ts';

interface Operator {
  /** What it changes: the whole match. Sources are formatted, so that binary operators stand between blanks. */
  readonly pattern: RegExp;
  readonly change: (text: string, random: () => number) => string;
}

const SWAPS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '+=': '-=',
  '-=': '+=',
  '++': '--',
  '--': '++',
  '&&': '||',
  '||': '&&',
  'Math.min': 'Math.max',
  'Math.max': 'Math.min',
};

const swapped = (text: string) => SWAPS[text]!;
const dropped = () => '';

const OPERATORS: readonly Operator[] = [
  { pattern: /(?<= )(?:<=?|>=?)(?= )/g, change: swapped },
  { pattern: /(?<= )[!=]==(?=\s)/g, change: swapped },
  { pattern: /(?<= )[+-]=?(?= )|\+\+|--/g, change: swapped },
  { pattern: /(?<= )(?:&&|\|\|)(?=\s)/g, change: swapped },
  { pattern: /(?<=[\s(])!(?=[A-Za-z(])/g, change: dropped },
  { pattern: /(?<!else )\bif \(.*\)(?: |\n {2,})(?:return\b[^;{}]*|continue|break);/g, change: dropped },
  { pattern: /(?<=;\n {2,})return;(?=\n {2,}\})/g, change: dropped },
  {
    pattern: /(?<![\w.$])\d[\d_]*(?![\w.])/g,
    change: (text, random) => String(Number(text.replaceAll('_', '')) + (random() < 0.5 ? 1 : -1)),
  },
  { pattern: /\bMath\.(?:min|max)\b/g, change: swapped },
];

/** Lines that are no code to run. */
const DECLARATIVE = /^\s*(?:import|export type|type|interface|\} from) /;

/** So many mutations, the same for a seed and sources; each kind of operator has the same share, as far as it goes. */
export function randomMutations(
  sources: ReadonlyMap<string, string>,
  count: number,
  random: () => number,
): Mutation[] {
  const pools = OPERATORS.map((operator) => shuffled(matches(sources, operator, random), random));
  const chosen: Mutation[] = [];
  while (chosen.length < count && pools.some(({ length }) => length > 0)) {
    for (const pool of pools) {
      const next = pool.pop();
      if (next !== undefined && chosen.length < count) chosen.push(next);
    }
  }
  return chosen;
}

function matches(
  sources: ReadonlyMap<string, string>,
  { pattern, change }: Operator,
  random: () => number,
): Mutation[] {
  return [...sources].flatMap(([file, source]) => {
    const lines = source.split('\n');
    return [...codeOnly(source).matchAll(pattern)].flatMap(({ index: at, 0: { length } }) => {
      const line = lines[lineOf(source, at) - 1]!;
      if (DECLARATIVE.test(line)) return [];
      const from = source.slice(at, at + length);
      const to = change(from, random);
      const told = to === '' ? 'dropped' : to;
      return { file, at, from, to, about: `${from.replace(/\s+/g, ' ')} → ${told} in: ${line.trim()}` };
    });
  });
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
