/**
 * `npm run bench:streams`: trades and depth to many WebSocket clients on this machine. First as fast as they go, beside a
 * bare `ws` server that sends the same texts to as many clients in the same run; then, through an engine with its journal
 * and market data in processes of their own, how long after a command's time its trade is with a client. Redis carries the
 * feed when there is one on the PATH or at REDIS_URL. Clients have a process of their own; each of the two needs as many
 * file descriptors as there are clients (`ulimit -n`), or nothing is begun. Medians of the rounds; ratios are what counts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lackOfDescriptors } from './streams/descriptors.ts';
import { measureLatency } from './streams/latency.ts';
import type { ClientsTask, Heard, Sent, ServerTask } from './streams/messages.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    clients: { type: 'string', multiple: true, default: ['1000', '5000'] },
    /** Messages to all clients together in a round, about. */
    messages: { type: 'string', default: '400000' },
    'events-per-second': { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '10' },
  },
});
const PATH = '/stream?streams=&timeUnit=MICROSECOND';
const STREAMS_PATH = '/ws/btcusdt@trade/btcusdt@depth@100ms?timeUnit=MICROSECOND';
const rounds = Number(options.rounds);
const print = (line: string) => process.stdout.write(`${line}\n`);
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

/** A process of the bench: what it is told, it answers. */
class Worker {
  readonly #child: ChildProcess;

  constructor(file: string, ...args: string[]) {
    this.#child = fork(new URL(`./streams/${file}`, import.meta.url), args);
    this.#child.once('exit', (code) => {
      if (code !== 0 && code !== null) throw new Error(`${file} ended with ${code}`);
    });
  }

  /** Its next message. */
  next<T>(): Promise<T> {
    return new Promise((resolve) => this.#child.once('message', resolve));
  }

  tell<T>(task: ClientsTask | ServerTask): Promise<T> {
    const answer = this.next<T>();
    this.#child.send(task);
    return answer;
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

interface Round {
  readonly messagesPerSecond: number;
  /** Of the server's processor time alone. */
  readonly messagesPerCpuSecond: number;
  readonly p99Ms: number;
}

/** One server with its clients. */
interface Side {
  readonly name: string;
  readonly server: Worker;
  readonly clients: Worker;
}

async function startSide(name: string, kind: string, path: string, count: number): Promise<Side> {
  const server = new Worker('fan-out-server.ts', kind);
  const { port } = await server.next<{ port: number }>();
  const clients = new Worker('clients.ts');
  await clients.tell({ connect: { port, path, count } });
  return { name, server, clients };
}

async function runRound({ server, clients }: Side, task: ServerTask, count: number) {
  const sent = await server.tell<Sent>(task);
  const heard = await clients.tell<Heard>({ until: sent.bytes });
  const messages = sent.messages * count;
  const round: Round = {
    messagesPerSecond: messages / ((heard.endedMs - sent.beganMs) / 1_000),
    messagesPerCpuSecond: messages / (sent.cpuMs / 1_000),
    p99Ms: heard.p99Ms,
  };
  return { sent, round };
}

const whole = (value: number) => Math.round(value).toLocaleString('en').padStart(9);
const row = (name: string, { messagesPerSecond, messagesPerCpuSecond, p99Ms }: Round) =>
  print(
    `${name.padEnd(30)} ${whole(messagesPerSecond)} messages/s   ` +
      `${whole(messagesPerCpuSecond)} a second of processor   p99 ${p99Ms.toFixed(1)} ms`,
  );

async function fanOut(count: number) {
  const steps = Math.max(20, Math.round(Number(options.messages) / count));
  const marketData = await startSide('market data', 'market-data', STREAMS_PATH, count);
  const bare = await startSide('bare ws', 'ws', PATH, count);
  const [ours, peers]: [Round[], Round[]] = [[], []];
  try {
    // The first round warms both up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const { sent, round: our } = await runRound(marketData, { steps }, count);
      const { round: peer } = await runRound(bare, { replay: sent.texts }, count);
      if (round === 0) continue;
      row(`${count} clients, ${round}: market data`, our);
      row(`${count} clients, ${round}: bare ws`, peer);
      ours.push(our);
      peers.push(peer);
    }
  } finally {
    for (const { server, clients } of [marketData, bare])
      for (const worker of [clients, server]) worker.end();
  }
  const ratioOf = (of: (round: Round) => number) =>
    Number(median(ours.map((our, index) => of(our) / of(peers[index]!))).toFixed(3));
  const perSecond = ratioOf(({ messagesPerSecond }) => messagesPerSecond);
  const perCpuSecond = ratioOf(({ messagesPerCpuSecond }) => messagesPerCpuSecond);
  print(`${count} clients: market data / bare ws: ${perSecond} by the clock, ${perCpuSecond} by processor`);
  return {
    name: `streams/fan-out-${count}`,
    value: Math.round(median(ours.map(({ messagesPerSecond }) => messagesPerSecond))),
    unit: 'messages/s',
    ratios: { 'bare-ws': perSecond, 'bare-ws-by-processor': perCpuSecond },
    p99Ms: Number(median(ours.map(({ p99Ms }) => p99Ms)).toFixed(2)),
    barePeerP99Ms: Number(median(peers.map(({ p99Ms }) => p99Ms)).toFixed(2)),
  };
}

const counts = options.clients.map(Number);
const lack = lackOfDescriptors(Math.max(...counts));
if (lack !== undefined) {
  process.stderr.write(`${lack}\n`);
  process.exit(1);
}
const results: object[] = [];
for (const count of counts) results.push(await fanOut(count));
const clients = new Worker('clients.ts');
try {
  const latency = await measureLatency({
    clients,
    path: STREAMS_PATH,
    eventsPerSecond: Number(options['events-per-second']),
    seconds: Number(options.seconds),
    rounds,
    print,
  });
  results.push(latency);
} finally {
  clients.end();
}
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
