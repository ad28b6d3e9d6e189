/**
 * `npm run load -- --url https://staging.exchange.example.com --client client.json`: a short load on an exchange, a table
 * of how it went, and exit code 1 when that is not good enough. Without a client file, the key of `npm start` is used.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExchangeClient } from '#services/canary/exchange-client.ts';
import type { ClientFile } from '#test/support/exchange-process.ts';
import { runLoad } from './run-load.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    client: { type: 'string', default: '.data/client.json' },
    symbol: { type: 'string', default: 'BTCUSDT' },
    seconds: { type: 'string', default: '60' },
    'orders-per-second': { type: 'string', default: '2' },
    'reads-per-second': { type: 'string', default: '8' },
    connections: { type: 'string', default: '4' },
    'error-percent-max': { type: 'string', default: '1' },
    'p99-ms-max': { type: 'string', default: '500' },
  },
});

function number(option: Exclude<keyof typeof values, 'url' | 'client' | 'symbol'>, most: number): number {
  const value = Number(values[option]);
  if (value >= 0 && value <= most) return value;
  throw new Error(`--${option} ${values[option]}: put a number from 0 to ${most}`);
}

function client(): ClientFile {
  try {
    return JSON.parse(readFileSync(values.client, 'utf8')) as ClientFile;
  } catch (error) {
    throw new Error(`${values.client} cannot be read: start the exchange with npm start, or name a file`, {
      cause: error,
    });
  }
}

async function main(): Promise<void> {
  const { baseUrl, ...key } = client();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());
  const samples = await runLoad(new ExchangeClient(values.url ?? baseUrl, key), {
    symbol: values.symbol,
    seconds: number('seconds', 600),
    ordersPerSecond: number('orders-per-second', 100),
    readsPerSecond: number('reads-per-second', 100),
    connections: number('connections', 64),
    signal: interrupted.signal,
  });
  process.stdout.write(`${samples.table()}\n`);
  const faults = samples.faults({
    errorPercentMax: number('error-percent-max', 100),
    p99MsMax: number('p99-ms-max', 60_000),
  });
  if (interrupted.signal.aborted) faults.push('it was stopped before its end');
  for (const fault of [...samples.errors(), ...faults]) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
