/** A port for a server that has to be told its own before it listens. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems give to whoever asks for any: from 32,768 on Linux, from 49,152 elsewhere (RFC 6335). One of
 * these would be given to a connection in the moment before the server listens.
 */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS_MAX = 100;

/** A port of this machine that nobody listens on; another process may still come first. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
    if (attempt === ATTEMPTS_MAX)
      throw new Error(`no port is free among ${ATTEMPTS_MAX} of ${FIRST} to ${LAST}`);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
