/**
 * `npm run bench:orders`: signed POST /api/v3/order, answered after the journal's commit, beside an empty Hono POST
 * handler. Both servers are processes of their own under the same load generator, in turns; medians of the rounds.
 */
import { fork } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type ClientFile, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { type LoadResult, requestBytes, sendAll } from './http-load.ts';
import { median, mediansOf, printLoad } from './load-report.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '64' },
  },
});
const [rounds, requests, connections] = [options.rounds, options.requests, options.connections].map(
  Number,
) as [number, number, number];
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Buys and sells in turn at one price: the first rests, the next trades with it, and few orders stay open. */
function orderRequests({ apiKey, secret }: ClientFile): Buffer[] {
  return Array.from({ length: requests }, (_, index) => {
    const query = new URLSearchParams({
      symbol: 'BTCUSDT',
      side: index % 2 === 0 ? 'BUY' : 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.0010',
      price: '60000.00',
      newClientOrderId: randomUUID(),
      recvWindow: '60000',
      timestamp: String(Date.now()),
    }).toString();
    const signature = createHmac('sha256', secret).update(query).digest('hex');
    return requestBytes('POST', `/api/v3/order?${query}&signature=${signature}`, { 'X-MBX-APIKEY': apiKey });
  });
}

const dataDirectory = await emptyDataDirectory();
const empty = fork(new URL('./empty-server.ts', import.meta.url));
const emptyPort = await new Promise<number>((resolve) =>
  empty.once('message', (message: { port: number }) => resolve(message.port)),
);
const exchange = await startExchange(dataDirectory, {
  MARKET_MAKERS: 'off',
  ORDERS_PER_10_SECONDS: '100000000',
  ORDERS_PER_DAY: '100000000',
});
try {
  const ofEmpty: LoadResult[] = [];
  const ofOrders: LoadResult[] = [];
  print(`${requests} requests a round over ${connections} connections`);
  // The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const emptyResult = await sendAll(emptyPort, orderRequests(exchange.client), connections);
    const ordersResult = await sendAll(exchange.port, orderRequests(exchange.client), connections);
    if (round === 0) continue;
    ofEmpty.push(emptyResult);
    ofOrders.push(ordersResult);
    printLoad(`round ${round}: empty handler`, emptyResult);
    printLoad(`round ${round}: durable order`, ordersResult);
  }
  const [emptyMedian, ordersMedian] = [mediansOf(ofEmpty), mediansOf(ofOrders)];
  const ratio = median(
    ofOrders.map((result, index) => result.requestsPerSecond / ofEmpty[index]!.requestsPerSecond),
  );
  printLoad('median: empty handler', emptyMedian);
  printLoad('median: durable order', ordersMedian);
  print(`durable order / empty handler: ${ratio.toFixed(2)}`);
  if (options.json !== undefined) {
    const entry = {
      name: 'orders/post',
      value: Math.round(ordersMedian.requestsPerSecond),
      unit: 'requests/s',
      ratios: { 'empty-hono-post': Number(ratio.toFixed(3)) },
      p50Ms: ordersMedian.p50Ms,
      p99Ms: ordersMedian.p99Ms,
    };
    await writeFile(options.json, `${JSON.stringify([entry], null, 2)}\n`);
  }
} finally {
  empty.disconnect();
  await exchange.interrupt();
  await rm(dataDirectory, { recursive: true, force: true });
}
