/**
 * The engine, as `services/engine/main.ts` composes it, with points at which it kills itself when its parent has armed
 * one. Everything that it publishes is appended to the file that its first argument names, which outlives it.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { readConfig } from '#platform/env.ts';
import type { Feed } from '#platform/feed.ts';
import { listen } from '#platform/http-server.ts';
import { createLog } from '#platform/log.ts';
import { config } from '#services/engine/config.ts';
import type { Journal } from '#services/engine/journal.ts';
import { startEngine } from '#services/engine/service.ts';

/** `before-acknowledge` is a microtask after the commit is known: replies are written a few of them later. */
export type FaultPoint =
  | 'before-append'
  | 'after-append'
  | 'before-acknowledge'
  | 'before-publish'
  | 'after-publish';

interface Armed {
  readonly point: FaultPoint;
  countdown: number;
}

let armed: Armed | undefined;

function reach(point: FaultPoint): void {
  if (armed?.point !== point) return;
  armed.countdown--;
  if (armed.countdown <= 0) process.kill(process.pid, 'SIGKILL');
}

function wrapJournal(journal: Journal): Journal {
  return {
    head: () => journal.head(),
    read: (after) => journal.read(after),
    append: async (batch, published) => {
      reach('before-append');
      await journal.append(batch, published);
      reach('after-append');
      queueMicrotask(() => reach('before-acknowledge'));
    },
    takeOver: (seen, leader, batch) => journal.takeOver(seen, leader, batch),
    beat: (epoch, published) => journal.beat(epoch, published),
    release: (epoch, published, successor) => journal.release(epoch, published, successor),
  };
}

function recordingFeed(path: string): Feed {
  const file = openSync(path, 'a');
  return {
    publish: (_, frame) => {
      reach('before-publish');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      // One write, so that a frame is there whole or not at all.
      writeSync(file, Buffer.concat([length, frame]));
      reach('after-publish');
    },
    subscribe: () => Promise.reject(new Error('what is recorded is read from its file')),
    close: async () => closeSync(file),
  };
}

async function main(): Promise<void> {
  const log = createLog('engine');
  process.on('message', (message) => {
    armed = message as Armed;
  });
  process.channel?.unref();
  // Whoever arms it is gone: nobody would end it any more.
  process.once('disconnect', () => process.exit(1));
  const values = readConfig(config);
  const feed = recordingFeed(process.argv[2]!);
  const engine = await startEngine(values, { feed, log, wrapJournal });
  const server = await listen(engine.app, { port: values.PORT, healthy: engine.healthy });
  engine.begin(`ws://127.0.0.1:${server.port}`);
  log.info({ port: server.port }, 'the engine is ready');
  process.once('SIGTERM', async () => {
    await engine.close();
    await server.close();
    await feed.close();
    process.disconnect?.();
    process.exit(0);
  });
}

await main();
