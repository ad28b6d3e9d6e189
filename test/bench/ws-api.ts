/**
 * `npm run bench:ws-api`: signed orders by the WebSocket API beside the same orders by REST, both answered after the
 * journal's commit. One exchange, the same number of connections with one request under way each, in turns; medians.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
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
const orderOf = (index: number) => ({
  symbol: 'BTCUSDT',
  side: index % 2 === 0 ? 'BUY' : 'SELL',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.0010',
  price: '60000.00',
  newClientOrderId: randomUUID(),
  recvWindow: '60000',
  timestamp: String(Date.now()),
});
const hmac = (secret: string, payload: string) => createHmac('sha256', secret).update(payload).digest('hex');

function restRequests({ apiKey, secret }: ClientFile): Buffer[] {
  return Array.from({ length: requests }, (_, index) => {
    const query = new URLSearchParams(orderOf(index)).toString();
    const path = `/api/v3/order?${query}&signature=${hmac(secret, query)}`;
    return requestBytes('POST', path, { 'X-MBX-APIKEY': apiKey });
  });
}

function webSocketRequests({ apiKey, secret }: ClientFile): string[] {
  return Array.from({ length: requests }, (_, id) => {
    const params: Record<string, string> = { ...orderOf(id), apiKey };
    const names = Object.keys(params).sort();
    const signature = hmac(secret, names.map((name) => `${name}=${params[name]}`).join('&'));
    return JSON.stringify({ id, method: 'order.place', params: { ...params, signature } });
  });
}

/** They stay for all rounds, as a trader's would: an address may open 300 in five minutes. */
function openWebSockets(url: string): Promise<WebSocket[]> {
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      await once(socket, 'open');
      return socket;
    }),
  );
}

/** As `sendAll`, over WebSockets. */
async function sendAllByWebSocket(
  sockets: readonly WebSocket[],
  messages: readonly string[],
): Promise<LoadResult> {
  const latenciesMs = new Float64Array(messages.length);
  let next = 0;
  const start = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (next < messages.length) {
        const index = next++;
        const sent = performance.now();
        const answered = new Promise<string>((resolve) =>
          socket.once('message', (data) => resolve(String(data))),
        );
        socket.send(messages[index]!);
        const answer = await answered;
        latenciesMs[index] = performance.now() - sent;
        if (!answer.includes('"status":200,')) throw new Error(`request ${index} was answered:\n${answer}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  latenciesMs.sort();
  return {
    requestsPerSecond: messages.length / seconds,
    p50Ms: latenciesMs[Math.floor(messages.length * 0.5)]!,
    p99Ms: latenciesMs[Math.floor(messages.length * 0.99)]!,
  };
}

const dataDirectory = await emptyDataDirectory();
const exchange = await startExchange(dataDirectory, {
  MARKET_MAKERS: 'off',
  ORDERS_PER_10_SECONDS: '100000000',
  ORDERS_PER_DAY: '100000000',
});
try {
  const url = `${exchange.client.wsUrl}/ws-api/v3?returnRateLimits=false`;
  const sockets = await openWebSockets(url);
  const byRest: LoadResult[] = [];
  const byWebSocket: LoadResult[] = [];
  print(`${requests} orders a round over ${connections} connections`);
  // The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const rest = await sendAll(exchange.port, restRequests(exchange.client), connections);
    const webSocket = await sendAllByWebSocket(sockets, webSocketRequests(exchange.client));
    if (round === 0) continue;
    byRest.push(rest);
    byWebSocket.push(webSocket);
    printLoad(`round ${round}: REST`, rest);
    printLoad(`round ${round}: WebSocket API`, webSocket);
  }
  for (const socket of sockets) socket.terminate();
  const [restMedian, webSocketMedian] = [mediansOf(byRest), mediansOf(byWebSocket)];
  const ratio = median(
    byWebSocket.map((result, index) => result.requestsPerSecond / byRest[index]!.requestsPerSecond),
  );
  printLoad('median: REST', restMedian);
  printLoad('median: WebSocket API', webSocketMedian);
  print(`WebSocket API / REST: ${ratio.toFixed(2)}`);
  if (options.json !== undefined) {
    const entry = {
      name: 'orders/ws-api',
      value: Math.round(webSocketMedian.requestsPerSecond),
      unit: 'requests/s',
      ratios: { rest: Number(ratio.toFixed(3)) },
      p50Ms: webSocketMedian.p50Ms,
      p99Ms: webSocketMedian.p99Ms,
    };
    await writeFile(options.json, `${JSON.stringify([entry], null, 2)}\n`);
  }
} finally {
  await exchange.interrupt();
  await rm(dataDirectory, { recursive: true, force: true });
}
