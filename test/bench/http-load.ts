/**
 * A load generator for one server on this machine: a fixed number of connections, each with one request under way.
 * Requests are bytes made before the clock starts, so that what is measured is the server.
 */
import { connect, type Socket } from 'node:net';

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How to make HTTP/1.1 bytes of a request without a body. */
export function requestBytes(
  method: string,
  pathAndQuery: string,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const lines = Object.entries({ Host: 'localhost', 'Content-Length': '0', ...headers });
  return Buffer.from(
    `${method} ${pathAndQuery} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
}

/**
 * Sends every request once and waits for all answers.
 * @throws when an answer is not 200: a refusal is cheaper than the work, and would flatter the server.
 */
export async function sendAll(
  port: number,
  requests: readonly Buffer[],
  connections: number,
): Promise<LoadResult> {
  const latenciesMs = new Float64Array(requests.length);
  let next = 0;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const start = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (next < requests.length) {
        const index = next++;
        const sent = performance.now();
        const answer = await exchange(socket, requests[index]!);
        latenciesMs[index] = performance.now() - sent;
        if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`request ${index} was answered:\n${answer}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  for (const socket of sockets) socket.destroy();
  latenciesMs.sort();
  return {
    requestsPerSecond: requests.length / seconds,
    p50Ms: latenciesMs[Math.floor(requests.length * 0.5)]!,
    p99Ms: latenciesMs[Math.floor(requests.length * 0.99)]!,
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay().setEncoding('latin1')));
    socket.once('error', reject);
  });
}

/** One request and its answer; the body's length comes from Content-Length, or the last chunk ends it. */
function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (settled: () => void) => {
      socket.off('data', onData).off('close', onClose);
      settled();
    };
    const onData = (chunk: string) => {
      answer += chunk;
      if (isComplete(answer)) settle(() => resolve(answer));
    };
    const onClose = () =>
      settle(() => reject(new Error(`the server closed the connection after: ${answer}`)));
    socket.on('data', onData).on('close', onClose);
    socket.write(request);
  });
}

function isComplete(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, headEnd))?.[1];
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= headEnd + 4 + Number(length);
}
