import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { noPeople } from '#test/support/no-people.ts';

/** An engine that is not there yet: whoever asks who leads is turned away. */
let absentEngine: Server;
let orders: ChildProcess;

beforeEach(async () => {
  absentEngine = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(absentEngine, 'listening');
});

afterEach(async () => {
  absentEngine.close();
  if (orders.exitCode === null && orders.kill('SIGKILL')) await once(orders, 'exit');
});

it('waits for an engine that starts later, instead of ending with nothing to do', async () => {
  const { port } = absentEngine.address() as AddressInfo;
  orders = spawn(process.execPath, ['services/orders/main.ts'], {
    env: {
      PORT: '0',
      ENGINE_URL: `ws://127.0.0.1:${port}`,
      MARKET_DATA_URL: 'http://127.0.0.1:9',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing',
      API_KEY_ENCRYPTION_KEY: '00'.repeat(32),
      ...noPeople,
    },
    stdio: 'ignore',
  });
  const ended = once(orders, 'exit').then(([code]) => `ended with ${code}`);
  for (let hellos = 0; hellos < 5; hellos++)
    expect(await Promise.race([once(absentEngine, 'connection').then(() => 'said hello'), ended])).toBe(
      'said hello',
    );
});
