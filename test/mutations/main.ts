/**
 * `npm run mutations`: plants bugs in copies of the repository, one at a time, and says which of the engine's tests
 * notices each; ends with 1 when one is missed. `-- --random 60 --seed 7` makes so many random mutations besides, and
 * tells those that nobody notices: a reader must judge whether they change anything. `--only cascade` tries those of
 * both whose file or text has the word, or one of several such. The working tree is only read.
 */
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '#test/support/seeded-random.ts';
import { Copy } from './engine-tests.ts';
import { located } from './locate.ts';
import { lineOf, type Mutation, mutated } from './mutation.ts';
import { randomMutations } from './operators.ts';
import { PLANTED } from './planted.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    random: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    /** Random sequences of commands that each mutation has to get through. */
    seeds: { type: 'string', default: '30' },
    /** No planted bugs. */
    unplanted: { type: 'boolean', default: false },
  },
});

const AT_A_TIME = 2;
/** These say what is right, and so are what others are measured by. */
const MEASURES = ['invariants.ts', 'digest.ts', 'resting.ts'];

interface Verdict {
  readonly mutation: Mutation;
  readonly place: string;
  readonly caughtBy: string | undefined;
}

const repository = resolve(import.meta.dirname, '../..');
const print = (line = '') => process.stdout.write(`${line}\n`);
const progress = (line: string) => process.stderr.write(`  … ${line}\n`);

async function sourcesOf(copy: Copy): Promise<Map<string, string>> {
  const engine = globSync('services/engine/matching/*.ts', { cwd: copy.root }).sort();
  const files = new Set([...engine, ...PLANTED.map(({ file }) => file)]);
  const sources = new Map<string, string>();
  for (const file of files) sources.set(file, await copy.read(file));
  return sources;
}

/** Takes mutations off the list until it is empty. */
async function judge(
  copy: Copy,
  left: Mutation[],
  sources: ReadonlyMap<string, string>,
  patienceMs: readonly number[],
  verdicts: Verdict[],
) {
  for (let mutation = left.shift(); mutation !== undefined; mutation = left.shift()) {
    const { file, at } = mutation;
    const source = sources.get(file)!;
    await copy.write(file, mutated(source, mutation));
    const caughtBy = await copy.caughtBy(Number(options.seeds), patienceMs);
    await copy.write(file, source);
    const place = `${basename(file)}:${lineOf(source, at)}`;
    verdicts.push({ mutation, place, caughtBy });
    progress(`${verdicts.length} ${place} ${mutation.about}: ${caughtBy ?? 'MISSED'}`);
  }
}

async function verdictsOn(
  copies: readonly Copy[],
  mutations: readonly Mutation[],
  sources: ReadonlyMap<string, string>,
  patienceMs: readonly number[],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = [...mutations];
  await Promise.all(copies.map((copy) => judge(copy, left, sources, patienceMs, verdicts)));
  return verdicts.sort((a, b) => mutations.indexOf(a.mutation) - mutations.indexOf(b.mutation));
}

function printTable(title: string, verdicts: readonly Verdict[]): void {
  print();
  print(title);
  for (const { place, mutation, caughtBy } of verdicts) {
    print(`  ${place.padEnd(26)} ${mutation.about}`);
    print(`  ${''.padEnd(26)} ${caughtBy === undefined ? 'MISSED' : `caught by ${caughtBy}`}`);
  }
  const caught = verdicts.filter(({ caughtBy }) => caughtBy !== undefined).length;
  print(`  ${caught} of ${verdicts.length} caught`);
}

const first = await Copy.of(repository);
const copies = [first];
try {
  while (copies.length < AT_A_TIME) copies.push(await Copy.of(first.root));
  const sources = await sourcesOf(first);
  const matching = ({ file, about }: Mutation) =>
    options.only.some((word) => `${file} ${about}`.includes(word));
  const planted = options.unplanted ? [] : located(PLANTED, sources).filter(matching);
  const mutable = new Map([...sources].filter(([file]) => isMutable(file)));
  const drawn = randomMutations(mutable, Number(options.random), seededRandom(Number(options.seed)));
  const random = drawn.filter(matching);

  progress('without any mutation');
  const patienceMs = await first.patienceMs(Number(options.seeds));

  const plantedVerdicts = await verdictsOn(copies, planted, sources, patienceMs);
  const randomVerdicts = await verdictsOn(copies, random, sources, patienceMs);
  if (planted.length > 0) printTable('Planted bugs', plantedVerdicts);
  if (random.length > 0) printTable(`Random mutations, seed ${options.seed}`, randomVerdicts);
  for (const [title, verdicts] of [
    ['Planted, and missed', plantedVerdicts],
    ['Random, and survived', randomVerdicts],
  ] as const) {
    const missed = verdicts.filter(({ caughtBy }) => caughtBy === undefined);
    if (missed.length > 0) print(`\n${title}`);
    for (const { place, mutation } of missed) print(`  ${place} ${mutation.about}`);
  }
  process.exitCode = plantedVerdicts.some(({ caughtBy }) => caughtBy === undefined) ? 1 : 0;
} finally {
  for (const copy of copies) await copy.remove();
}

function isMutable(file: string): boolean {
  return file.startsWith('services/engine/matching/') && !MEASURES.includes(basename(file));
}
