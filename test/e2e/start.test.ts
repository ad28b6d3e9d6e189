/** What `npm start` does on a machine as machines are: a taken port, a folder in use, Ctrl-C, a second start. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '#platform/free-port.ts';
import {
  type ExchangeProcess,
  emptyDataDirectory,
  failToStart,
  startExchange,
} from '#test/support/exchange-process.ts';

const run = promisify(execFile);

/** One sentence for a person: no stack trace, no second line. */
function expectSentence(
  { output, exitCode }: { output: string; exitCode: number | null },
  says: RegExp,
): void {
  const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('  starting '));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(says);
  expect(exitCode).toBe(1);
}

describe('npm start, running', () => {
  let dataDirectory: string;
  let exchange: ExchangeProcess;

  beforeAll(async () => {
    dataDirectory = await emptyDataDirectory();
    exchange = await startExchange(dataDirectory);
  }, 90_000);

  afterAll(async () => {
    await exchange?.kill();
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  });

  it('prints where it is and what to paste, and keeps the key readable by its owner only', async () => {
    const { client, port } = exchange;
    expect(client).toMatchObject({ baseUrl: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` });
    expect(exchange.output()).toContain(client.apiKey);
    expect(exchange.output()).toContain('new ccxt.binance({');
    for (const file of ['client.json', 'secrets.json']) {
      expect((await stat(join(dataDirectory, file))).mode & 0o077).toBe(0);
    }
  });

  it('answers a path that does not exist with a plain 404', async () => {
    expect((await fetch(`${exchange.client.baseUrl}/api/v3/nothing`)).status).toBe(404);
  });

  it('refuses a second start on the same data directory and leaves the first alone', async () => {
    const second = await failToStart({ DATA_DIR: dataDirectory, PORT: String(await freePort()) });
    expectSentence(second, /Another Crossbook is running on the data directory .*DATA_DIR/);
    expect((await fetch(`${exchange.client.baseUrl}/api/v3/ping`)).status).toBe(200);
  });

  it('refuses to reset a running exchange', async () => {
    const reset = run('npm', ['run', '--silent', 'reset'], {
      env: { ...process.env, DATA_DIR: dataDirectory },
    });
    await expect(reset).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('is running') });
  });

  it('stops on Ctrl-C with everything stored, keeps the key at the next start, and is gone after a reset', async () => {
    const { apiKey } = exchange.client;
    await exchange.interrupt();
    expect(exchange.output()).toContain('Everything is stored.');
    exchange = await startExchange(dataDirectory);
    expect(exchange.client.apiKey).toBe(apiKey);
    await exchange.interrupt();
    await run('npm', ['run', '--silent', 'reset'], { env: { ...process.env, DATA_DIR: dataDirectory } });
    await expect(stat(dataDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
  }, 90_000);
});

describe('npm start, refused', () => {
  it('says that the port is taken', async () => {
    const dataDirectory = await emptyDataDirectory();
    const holder = createServer();
    const port = await freePort();
    await new Promise<void>((listening) => holder.listen(port, '127.0.0.1', listening));
    try {
      const outcome = await failToStart({ DATA_DIR: dataDirectory, PORT: String(port) });
      expectSentence(outcome, new RegExp(`port ${port} is taken.*PORT`, 'i'));
    } finally {
      holder.close();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    }
  }, 60_000);

  it('leaves a folder alone that is not its own', async () => {
    const folder = await emptyDataDirectory();
    await writeFile(join(folder, 'holiday.jpg'), 'not ours');
    expectSentence(await failToStart({ DATA_DIR: folder, PORT: '0' }), /no Crossbook data directory/);
    expect(await readdir(folder)).toEqual(['holiday.jpg']);
    await rm(folder, { recursive: true });
  });

  it('names a data directory that it cannot make', async () => {
    const folder = await emptyDataDirectory();
    await writeFile(join(folder, 'file'), '');
    const outcome = await failToStart({ DATA_DIR: join(folder, 'file', 'below'), PORT: '0' });
    expectSentence(outcome, /cannot be used \(ENOTDIR\).*DATA_DIR/);
    await rm(folder, { recursive: true });
  });

  it('names a database folder that is damaged', async () => {
    const folder = await emptyDataDirectory();
    await writeFile(join(folder, 'crossbook.json'), '{"format":1}\n');
    await mkdir(join(folder, 'postgres', 'cluster'), { recursive: true });
    await writeFile(join(folder, 'postgres', 'cluster', 'PG_VERSION'), '9.6\n');
    expectSentence(await failToStart({ DATA_DIR: folder, PORT: '0' }), /postgres/i);
    await rm(folder, { recursive: true });
  }, 60_000);

  it('names a variable that is malformed', async () => {
    expectSentence(await failToStart({ PORT: 'eighty' }), /PORT: "eighty" is not a port from 0 to 65535/);
  });
});
