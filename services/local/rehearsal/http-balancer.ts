/** Stands in for the load balancer of a service: sends a share of the requests to each side, and counts what comes back. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Side } from './side.ts';

/** What the alarms look at. */
export interface Answer {
  readonly side: Side;
  /** 502 when nobody answered. */
  readonly status: number;
  readonly latencyMs: number;
  /** `performance.now()` when it was answered. */
  readonly at: number;
}

export interface HttpBalancer {
  readonly url: string;
  /** Answers since `from`, by `performance.now()`. */
  answersSince(from: number): readonly Answer[];
  /** Sends `percent` of the requests to green and the rest to blue. */
  shift(percent: number): void;
  /** Where a side listens; it has to be known before anything is sent there. */
  attach(side: Side, port: number): void;
  close(): Promise<void>;
}

/** Longer than any window that an alarm looks at; what is older is forgotten. */
const ANSWERS_KEPT_MS = 60_000;

export async function startHttpBalancer(): Promise<HttpBalancer> {
  const ports: Record<Side, number> = { blue: 0, green: 0 };
  let greenPercent = 0;
  let turn = 0;
  let answers: Answer[] = [];
  const note = (side: Side, status: number, began: number) => {
    const at = performance.now();
    answers.push({ side, status, latencyMs: at - began, at });
    if (answers[0]!.at < at - 2 * ANSWERS_KEPT_MS)
      answers = answers.filter((answer) => answer.at > at - ANSWERS_KEPT_MS);
  };
  const server = createServer((incoming, outgoing) => {
    // In turn rather than by chance: 10 % are every tenth request.
    turn = (turn + greenPercent) % 100;
    const side = turn < greenPercent ? 'green' : 'blue';
    const began = performance.now();
    const { method, url, headers } = incoming;
    const forwarded = request(
      { host: '127.0.0.1', port: ports[side], method, path: url, headers },
      (answer) => {
        note(side, answer.statusCode ?? 502, began);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.once('error', () => {
      note(side, 502, began);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answersSince: (from) => answers.filter(({ at }) => at >= from),
    shift: (percent) => {
      greenPercent = percent;
    },
    attach: (side, port) => {
      ports[side] = port;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
