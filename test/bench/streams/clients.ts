/** Many stream clients in a process of their own. They read as little as they can: the servers are what is measured. */
import { connect, type Socket } from 'node:net';
import { type ClientsTask, type Heard, nowMs } from './messages.ts';

/** Connections that are being opened at once. */
const OPENING_MAX = 100;
/** So many clients look into their messages; the others count bytes. */
const READERS_MAX = 50;
const TRADE_TIME = /"T":(\d{16})/g;
const HEADERS_END = '\r\n\r\n';

interface Client {
  readonly socket: Socket;
  bytes: number;
}

let clients: Client[] = [];
let target = Number.POSITIVE_INFINITY;
let latenciesMs: number[] = [];
let waiting = 0;

function open(port: number, path: string, isReader: boolean): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const client: Client = { socket, bytes: 0 };
    socket.once('error', reject);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    socket.once('data', (answer) => {
      const text = answer.toString('latin1');
      if (!text.startsWith('HTTP/1.1 101')) return reject(new Error(`no upgrade: ${text}`));
      client.bytes = text.length - text.indexOf(HEADERS_END) - HEADERS_END.length;
      socket.on('data', (chunk) => hear(client, chunk, isReader));
      resolve(client);
    });
  });
}

function hear(client: Client, chunk: Buffer, isReader: boolean): void {
  if (isReader) {
    const atMs = nowMs();
    // A time that two chunks share is not counted.
    for (const [, timeUs] of chunk.toString('latin1').matchAll(TRADE_TIME))
      latenciesMs.push(atMs - Number(timeUs) / 1_000);
  }
  const before = client.bytes;
  client.bytes += chunk.length;
  if (before < target && client.bytes >= target && --waiting === 0) report();
}

function report(): void {
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const heard: Heard = { endedMs: nowMs(), messages: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
  // What came beyond belongs to what is asked for next.
  for (const client of clients) client.bytes = Math.max(0, client.bytes - target);
  target = Number.POSITIVE_INFINITY;
  latenciesMs = [];
  process.send!(heard);
}

async function connectAll({
  port,
  path,
  count,
}: {
  port: number;
  path: string;
  count: number;
}): Promise<void> {
  const everyReader = Math.max(1, Math.floor(count / READERS_MAX));
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(OPENING_MAX, count - clients.length) }, (_, index) =>
      open(port, path, (clients.length + index) % everyReader === 0),
    );
    clients.push(...(await Promise.all(batch)));
  }
  process.send!({ connected: count });
}

process.on('message', (task: ClientsTask) => {
  if ('connect' in task) void connectAll(task.connect);
  else if ('heard' in task) report();
  else if ('until' in task) {
    target = task.until;
    waiting = clients.filter(({ bytes }) => bytes < target).length;
    if (waiting === 0) report();
  } else {
    for (const { socket } of clients) socket.destroy();
    clients = [];
    latenciesMs = [];
    process.send!({ connected: 0 });
  }
});
process.once('disconnect', () => process.exit());
