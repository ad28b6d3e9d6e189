/** One measurement in a process of its own: its plan in the first argument as JSON, its result sent to the parent. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FrameWriter } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Price } from '#domain/ids.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { type Operation, setUp, toCommand } from './commands.ts';
import { crossbook, Encoded, nodejsOrderBook, orderbookMatchEngine, type SubjectName } from './subjects.ts';
import { generate, type Plan } from './workloads.ts';

export type Task =
  | { readonly what: 'rate'; readonly subject: SubjectName; readonly plan: Plan; readonly runs: number }
  | { readonly what: 'latency'; readonly plan: Plan }
  | { readonly what: 'planned'; readonly plan: Plan; readonly perSecond: number }
  | { readonly what: 'memory'; readonly kind: 'plain' | 'conditional'; readonly orders: number }
  | { readonly what: 'garbage'; readonly plan: Plan }
  | { readonly what: 'markets'; readonly markets: number };

export type Result = Readonly<Record<string, number>>;

/** 50,000.00 of a quote asset with six decimals. */
const LAST_PRICE = 5e10;

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

function rate({ subject, plan, runs }: Extract<Task, { what: 'rate' }>): Result {
  const { run, ...facts } = prepare(subject, plan);
  // The first run compiles; and nobody is to wait while what made the stream is collected.
  if (subject === 'crossbook') run();
  collector()();
  const rates = Array.from({ length: runs }, () => (plan.operations / run()) * 1e9);
  return { perSecond: median(rates), ...facts };
}

/** The engine keeps the stream as bytes alone, so that its objects can be collected. */
function prepare(subject: SubjectName, plan: Plan) {
  const workload = generate(plan);
  const { trades, refused, resting } = workload;
  const facts = { trades, refused, resting };
  switch (subject) {
    case 'crossbook':
      return { run: crossbook(new Encoded(workload, plan)), ...facts };
    case 'nodejs-order-book':
      return { run: () => nodejsOrderBook(workload, plan), ...facts };
    case 'orderbook-match-engine':
      return { run: () => orderbookMatchEngine(workload, plan), ...facts };
  }
}

/** Nanoseconds from before each command to after it, less what the clock itself takes. */
function latency({ plan }: Extract<Task, { what: 'latency' }>): Result {
  const encoded = new Encoded(generate(plan), plan);
  crossbook(encoded)();
  const { words, ints, bytes } = encoded.records;
  const records = { words, ints, bytes };
  const events = new FrameWriter();
  const engine = encoded.prefilled(events);
  const took = new Float64Array(encoded.starts.length - encoded.first);
  const clock = clockNs();
  collector()();
  for (let index = encoded.first; index < encoded.starts.length; index++) {
    if (index % 256 === 0) events.clear();
    const begun = performance.now();
    engine.apply(records, encoded.starts[index]!, events);
    took[index - encoded.first] = Math.max(0, (performance.now() - begun) * 1e6 - clock);
  }
  return { ...percentiles(took), clock };
}

/** What reading the clock twice takes, the median of many. */
function clockNs(): number {
  return median(
    Array.from({ length: 100_001 }, () => {
      const begun = performance.now();
      return (performance.now() - begun) * 1e6;
    }),
  );
}

/** From the moment at which a command was due at a fixed rate: whoever is late makes the next ones late too. */
function planned({ plan, perSecond }: Extract<Task, { what: 'planned' }>): Result {
  const encoded = new Encoded(generate(plan), plan);
  crossbook(encoded)();
  const { words, ints, bytes } = encoded.records;
  const records = { words, ints, bytes };
  const events = new FrameWriter();
  const engine = encoded.prefilled(events);
  const count = encoded.starts.length - encoded.first;
  const took = new Float64Array(count);
  collector()();
  const gapMs = 1_000 / perSecond;
  const begun = performance.now();
  for (let index = 0; index < count; index++) {
    const due = begun + index * gapMs;
    while (performance.now() < due);
    if (index % 256 === 0) events.clear();
    engine.apply(records, encoded.starts[encoded.first + index]!, events);
    took[index] = (performance.now() - due) * 1e6;
  }
  // Of the second half: in the first, code is compiled again for a fresh engine, and what was late then is made up.
  return percentiles(took.subarray(count / 2));
}

function percentiles(took: Float64Array): Result {
  const sorted = took.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Bytes of the process for each order that rests, or waits for its stop with a client's id of 36 characters. */
function memory({ kind, orders }: Extract<Task, { what: 'memory' }>): Result {
  const collect = collector();
  const engine = new MatchingEngine();
  const apply = applier(engine);
  for (const command of setUp(1_000, 1)) apply(command);
  const base = { kind: 'insert', market: 0, target: 0, lots: 1 } as const;
  // The last price, which stops need to lie on their side of.
  apply(toCommand({ ...base, id: 0, side: 1, ticks: 5_000_000, account: 1, clientId: '' }));
  apply(toCommand({ ...base, id: 0, side: 0, ticks: 5_000_000, account: 2, clientId: '' }));
  collect();
  const before = bytesInUse();
  for (let index = 0; index < orders; index++) {
    const side = index & 1;
    const away = 1 + ((index >> 1) % 500);
    const operation: Operation = {
      ...base,
      id: index,
      side,
      ticks: 5_000_000 + (side === 0 ? -away : away),
      account: 1 + (index % 1_000),
      clientId: kind === 'plain' ? '' : String(index).padStart(36, 'c'),
    };
    const command = toCommand(operation);
    apply(kind === 'plain' ? command : stopLimit(command));
  }
  collect();
  const bytesPerOrder = (bytesInUse() - before) / orders;
  // Asked here so that it is there until here.
  return { bytesPerOrder, commands: engine.lastSeq };
}

function stopLimit(command: Command): Command {
  if (command.type !== 'place') return command;
  // As far on the other side of the last price as its limit is on this one.
  const stopPrice = (2 * LAST_PRICE - command.price!) as Price;
  return { ...command, orderType: 'STOP_LOSS_LIMIT', stopPrice };
}

/** Bytes allocated per command in the steady state, in a heap so large that nothing is collected meanwhile. */
function garbage({ plan }: Extract<Task, { what: 'garbage' }>): Result {
  const encoded = new Encoded(generate(plan), plan);
  for (let warm = 0; warm < 3; warm++) crossbook(encoded)();
  const { words, ints, bytes } = encoded.records;
  const records = { words, ints, bytes };
  const events = new FrameWriter();
  const engine = encoded.prefilled(events);
  const half = encoded.first + ((encoded.starts.length - encoded.first) >> 1);
  let index = encoded.first;
  const until = (end: number) => {
    for (; index < end; index++) {
      if (index % 256 === 0) events.clear();
      engine.apply(records, encoded.starts[index]!, events);
    }
  };
  until(half);
  collector()();
  const before = process.memoryUsage().heapUsed;
  until(encoded.starts.length);
  return { bytesPerCommand: (process.memoryUsage().heapUsed - before) / (encoded.starts.length - half) };
}

/** What listed markets take that nobody trades on yet. */
function markets({ markets }: Extract<Task, { what: 'markets' }>): Result {
  const collect = collector();
  const engine = new MatchingEngine();
  const apply = applier(engine);
  collect();
  const before = bytesInUse();
  for (const command of setUp(1, markets)) apply(command);
  collect();
  const bytesPerMarket = (bytesInUse() - before) / markets;
  return { bytesPerMarket, commands: engine.lastSeq };
}

function applier(engine: MatchingEngine): (command: Command) => void {
  const commands = new FrameWriter();
  const events = new FrameWriter();
  return (command) => {
    commands.clear();
    const at = commands.length;
    const seq = engine.lastSeq + 1;
    commands.write(seq, 1_700_000_000_000_000 + seq, command);
    events.clear();
    const code = engine.apply(commands, at, events);
    if (code !== 0) throw new Error(`${command.type} was refused with ${code}`);
  };
}

function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
  };
}

const tasks = { rate, latency, planned, memory, garbage, markets } as const;

process.once('message', (task: Task) => {
  const run = tasks[task.what] as (task: Task) => Result;
  process.send!(run(task), () => process.disconnect());
});
