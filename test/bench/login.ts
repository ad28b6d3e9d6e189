/**
 * `npm run bench:login`: what the time of a refused log-in tells a guesser. Log-ins with a wrong password for addresses
 * that have an account and for those that have none, in turns against the service as it runs; and how often whoever is
 * shown the times of one of each would say rightly which is which. Guessing blindly is right half of the time.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { listen } from '#platform/http-server.ts';
import { PASSWORD, startTestAccounts } from '#test/accounts/accounts-service.ts';

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '300' } },
});
const rounds = Number(options.rounds);
/** The service refuses more wrong passwords for one user within five minutes. */
const LOG_INS_PER_USER = 8;
const WARM_UP = 10;
const print = (line: string) => process.stdout.write(`${line}\n`);

const accounts = await startTestAccounts({ sessions: 'PostgreSQL', trustedHops: 1 });
const server = await listen(accounts.app, { port: 0, host: '127.0.0.1' });

let requests = 0;
/** Each from another address: what one may try is limited too. */
async function post(path: string, body: object): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Forwarded-For': `2001:db8:6:${(++requests).toString(16)}::1`,
    },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

async function refusedMs(email: string): Promise<number> {
  const began = performance.now();
  const status = await post('/api/users/login', { email, password: 'a wrong password' });
  const tookMs = performance.now() - began;
  if (status !== 401) throw new Error(`a wrong password was answered ${status}`);
  return tookMs;
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)]!;

/** The share of pairs in which the first is the greater; a tie counts half. */
function shareGreater(ones: readonly number[], others: readonly number[]): number {
  let greater = 0;
  for (const one of ones) for (const other of others) greater += one > other ? 1 : one === other ? 0.5 : 0;
  return greater / (ones.length * others.length);
}

try {
  const users = Math.ceil((rounds + WARM_UP) / LOG_INS_PER_USER);
  for (let user = 0; user < users; user++)
    await post('/api/users', { email: `known${user}@example.com`, password: PASSWORD });
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < rounds + WARM_UP; round++) {
    const user = Math.floor(round / LOG_INS_PER_USER);
    const knownMs = await refusedMs(`known${user}@example.com`);
    const unknownMs = await refusedMs(`nobody${user}@example.com`);
    if (round < WARM_UP) continue;
    known.push(knownMs);
    unknown.push(unknownMs);
  }
  for (const [name, times] of [
    ['has an account', known],
    ['has none', unknown],
  ] as const) {
    times.sort((a, b) => a - b);
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)].map((ms) => ms.toFixed(2));
    print(`the address ${name.padEnd(16)} p50 ${p50} ms   p95 ${p95} ms   of ${rounds}`);
  }
  const [p50Known, p50Unknown] = [quantile(known, 0.5), quantile(unknown, 0.5)];
  const right = Math.max(shareGreater(known, unknown), shareGreater(unknown, known));
  print(`has an account / has none: ${(p50Known / p50Unknown).toFixed(3)}`);
  print(`told apart by one look at the time: ${(right * 100).toFixed(1)} % (blindly 50 %)`);
  if (options.json !== undefined) {
    const entry = {
      name: 'accounts/refused-login',
      value: Number(p50Known.toFixed(3)),
      unit: 'ms',
      ratios: { 'unknown-address': Number((p50Known / p50Unknown).toFixed(3)) },
      toldApart: Number(right.toFixed(3)),
    };
    await writeFile(options.json, `${JSON.stringify([entry], null, 2)}\n`);
  }
} finally {
  await server.close();
  await accounts.close();
}
