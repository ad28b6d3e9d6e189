/**
 * `npm run bench:engine`: the matching engine with everything on (balances, fees, filters, client order ids, events),
 * one thread, beside the order books that npm has, on the same streams of operations. Each measurement has a process of
 * its own; medians of the runs; ratios are what counts. `--json FILE` writes the figures.
 */
import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Result, Task } from './engine/measure.ts';
import { SUBJECTS, type SubjectName } from './engine/subjects.ts';
import { type Plan, WORKLOADS, type WorkloadName } from './engine/workloads.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    runs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    /** A tenth of the operations. */
    quick: { type: 'boolean', default: false },
    /** Only these workloads, separated by commas, and nothing but their rates. */
    only: { type: 'string' },
  },
});
const seed = Number(options.seed);
const scale = options.quick ? 0.1 : 1;
const only = options.only?.split(',');
const print = (line = '') => process.stdout.write(`${line}\n`);
const progress = (line: string) => process.stderr.write(`  … ${line}\n`);

interface Goal {
  readonly resting: number;
  readonly operations: number;
  readonly accounts: number;
  /** Operations for a peer that would take minutes for all of them. */
  readonly peerOperations: Readonly<Record<string, number>>;
  readonly rate?: number;
  readonly floor?: number;
  readonly ratios: Readonly<Record<string, number>>;
}

const GOALS: Readonly<Record<WorkloadName, Goal>> = {
  W1: { resting: 0, operations: 1e6, accounts: 1_000, peerOperations: {}, ratios: {} },
  W2: {
    resting: 10_000,
    operations: 1e6,
    accounts: 1_000,
    peerOperations: { 'nodejs-order-book': 1e5 },
    rate: 12e6,
    floor: 8e6,
    ratios: { 'nodejs-order-book': 80, 'orderbook-match-engine': 15 },
  },
  W3: {
    resting: 1e6,
    operations: 1e6,
    accounts: 1_000,
    peerOperations: { 'nodejs-order-book': 2e4, 'orderbook-match-engine': 2e5 },
    ratios: { 'nodejs-order-book': 220, 'orderbook-match-engine': 10 },
  },
  XC: {
    resting: 1_000,
    operations: 3e6,
    accounts: 2_000,
    peerOperations: { 'nodejs-order-book': 5e5, 'orderbook-match-engine': 5e5 },
    rate: 10e6,
    floor: 6e6,
    ratios: {},
  },
};

/** The large heap keeps a peer's collections from being what is measured, and holds the streams. */
const FLAGS = [
  '--max-old-space-size=12000',
  '--max-semi-space-size=256',
  '--disable-warning=ExperimentalWarning',
];

function measure(task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./engine/measure.ts', import.meta.url), { execArgv: FLAGS });
    let result: Result | undefined;
    child.once('message', (message) => {
      result = message as Result;
    });
    child.once('exit', (code) => {
      if (result === undefined) reject(new Error(`a measurement ended with ${code} and no result`));
      else resolve(result);
    });
    child.send(task);
  });
}

function planOf(workload: WorkloadName, subject: SubjectName, changes: Partial<Plan> = {}): Plan {
  const { resting, operations, accounts, peerOperations } = GOALS[workload];
  const count = subject === 'crossbook' ? operations : (peerOperations[subject] ?? operations);
  return {
    workload,
    operations: Math.round(count * scale),
    resting: Math.round(resting * (resting > 100_000 ? scale : 1)),
    accounts,
    markets: 1,
    seed,
    hasIds: true,
    ...changes,
  };
}

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratios?: Readonly<Record<string, number>>;
}

const figures: Figure[] = [];
const millions = (perSecond: number) => (perSecond / 1e6).toFixed(2);

async function compare(workload: WorkloadName): Promise<void> {
  const results = new Map<SubjectName, Result>();
  for (const subject of SUBJECTS) {
    progress(`${workload}: ${subject}`);
    const runs = subject === 'crossbook' ? Number(options.runs) : Math.min(3, Number(options.runs));
    results.set(subject, await measure({ what: 'rate', subject, plan: planOf(workload, subject), runs }));
  }
  const own = results.get('crossbook')!;
  const { rate, floor, ratios: goals } = GOALS[workload];
  const ratios: Record<string, number> = {};
  const operations = planOf(workload, 'crossbook').operations;
  print(
    `${workload}  crossbook ${millions(own.perSecond!).padStart(6)} M ops/s` +
      (rate === undefined ? '' : `   goal ${millions(rate)}, floor ${millions(floor!)}`) +
      `   (${own.resting} rest, ${((own.trades! / operations) * 100).toFixed(1)} % trades, ` +
      `${((own.refused! / operations) * 100).toFixed(2)} % refused)`,
  );
  for (const subject of SUBJECTS.slice(1)) {
    const { perSecond } = results.get(subject)!;
    ratios[subject] = own.perSecond! / perSecond!;
    const goal = goals[subject] === undefined ? '' : `   goal ${goals[subject]} x`;
    const count = planOf(workload, subject).operations;
    print(
      `    ${subject.padEnd(24)} ${(perSecond! / 1e6).toFixed(3).padStart(7)}   ${ratios[subject].toFixed(1).padStart(6)} x${goal}` +
        (count < operations ? `   (over ${count} operations)` : ''),
    );
  }
  figures.push({ name: `engine/${workload}`, value: own.perSecond! / 1e6, unit: 'M ops/s', ratios });
}

async function latencies(): Promise<void> {
  progress('latency');
  const plan = planOf('W2', 'crossbook');
  const { p50, p99, p999, clock } = await measure({ what: 'latency', plan });
  const us = (ns: number | undefined) => (ns! / 1e3).toFixed(2);
  print(
    `latency on W2, µs   p50 ${us(p50)} (goal 0.15)   p99 ${us(p99)} (0.6)   p99.9 ${us(p999)} (1.5)` +
      `   the clock's own ${us(clock)} taken off`,
  );
  figures.push({ name: 'engine/latency-p50', value: p50! / 1e3, unit: 'us' });
  figures.push({ name: 'engine/latency-p99', value: p99! / 1e3, unit: 'us' });
  figures.push({ name: 'engine/latency-p999', value: p999! / 1e3, unit: 'us' });
  for (const perSecond of [0.5e6, 1e6, 2e6]) {
    progress(`latency at ${perSecond} a second`);
    const at = await measure({ what: 'planned', plan, perSecond });
    print(
      `  at ${millions(perSecond)} M/s, from when each was due   p50 ${us(at.p50)}   p99 ${us(at.p99)}   ` +
        `p99.9 ${us(at.p999)}   max ${us(at.max)}`,
    );
  }
}

async function memory(): Promise<void> {
  progress('memory');
  const orders = Math.round(1e6 * scale);
  const plain = await measure({ what: 'memory', kind: 'plain', orders });
  const conditional = await measure({ what: 'memory', kind: 'conditional', orders });
  const { bytesPerCommand } = await measure({ what: 'garbage', plan: planOf('W2', 'crossbook') });
  print(
    `bytes per open order   plain ${plain.bytesPerOrder!.toFixed(0)} (goal 64)   ` +
      `stop with a client's id of 36 characters ${conditional.bytesPerOrder!.toFixed(0)} (goal 160)`,
  );
  print(`bytes allocated per command in the steady state   ${bytesPerCommand!.toFixed(1)} (goal 0)`);
  figures.push({ name: 'engine/bytes-plain', value: plain.bytesPerOrder!, unit: 'B' });
  figures.push({ name: 'engine/bytes-conditional', value: conditional.bytesPerOrder!, unit: 'B' });
  figures.push({ name: 'engine/bytes-per-command', value: bytesPerCommand!, unit: 'B' });
}

async function manyMarkets(): Promise<void> {
  progress('1,000 markets');
  const { bytesPerMarket } = await measure({ what: 'markets', markets: 1_000 });
  const { perSecond } = await measure({
    what: 'rate',
    subject: 'crossbook',
    plan: planOf('W2', 'crossbook', { markets: 1_000 }),
    runs: 3,
  });
  print(
    `1,000 markets   ${(bytesPerMarket! / 1024).toFixed(1)} KiB each, listed   W2 over all of them ${millions(perSecond!)} M ops/s`,
  );
  figures.push({ name: 'engine/W2-1000-markets', value: perSecond! / 1e6, unit: 'M ops/s' });
}

print(`seed ${seed}, Node ${process.version}, medians of ${options.runs} runs`);
print();
for (const workload of WORKLOADS) if (only === undefined || only.includes(workload)) await compare(workload);
if (only === undefined) {
  print();
  await latencies();
  await memory();
  await manyMarkets();
}
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
