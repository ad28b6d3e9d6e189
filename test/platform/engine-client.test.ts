import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FrameRecord, FrameWriter, readFrame } from '#domain/codec.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { Reply } from '#domain/queries.ts';
import { connectEngine, type EngineClient, type EngineClientOptions } from '#platform/engine-client.ts';
import { until } from '#test/support/until.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answering = (requests: readonly FrameRecord[], socket: WebSocket) => void;

/** An engine that does with each frame of requests as it is told. */
async function startEngine(answering: Answering, port = 0) {
  const frames: number[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { records } = readFrame(data as Buffer);
      frames.push(records.length);
      answering(records, socket);
    });
  });
  const stop = async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(stop);
  const { port: taken } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${taken}`, port: taken, frames, stop };
}

function connect(url: string, options?: EngineClientOptions): EngineClient {
  const client = connectEngine(url, options);
  closing.push(() => client.close());
  return client;
}

function replyTo(socket: WebSocket, replies: readonly Reply[]): void {
  const writer = new FrameWriter();
  for (const reply of replies) writer.write(7, 9, reply);
  socket.send(writer.finish());
}

const acceptAll: Answering = (requests, socket) =>
  replyTo(
    socket,
    requests.map(({ id }) => ({ type: 'accepted', requestId: id, count: 0 })),
  );
const beSilent: Answering = () => {};

const deposit = {
  type: 'deposit',
  account: 1 as AccountId,
  asset: 0 as AssetId,
  amount: 5 as Units,
  reference: '',
} as const;

/** A port where nobody listens. */
async function deadUrl(): Promise<{ url: string; port: number }> {
  const engine = await startEngine(beSilent);
  await engine.stop();
  return engine;
}

describe('requests', () => {
  it('of one turn leave in one frame, up to its limit', async () => {
    const engine = await startEngine(acceptAll);
    const client = connect(engine.url);
    await client.execute(deposit);
    await Promise.all(Array.from({ length: 600 }, () => client.execute(deposit)));
    expect(engine.frames).toEqual([1, 128, 128, 128, 128, 88]);
  });

  it('are settled by the reply with their id, whatever the order', async () => {
    const engine = await startEngine((requests, socket) => {
      if (requests.length < 3) return;
      const [first, second, third] = requests.map(({ id }) => id) as [number, number, number];
      const writer = new FrameWriter();
      writer.write(12, 99, { type: 'rejected', requestId: third, code: 20 });
      writer.write(11, 98, { type: 'accepted', requestId: second, count: 1 });
      writer.write(11, 98, {
        type: 'balance',
        account: 1 as AccountId,
        asset: 0 as AssetId,
        available: 5 as Units,
        held: 0 as Units,
      });
      writer.write(10, 97, { type: 'answered', requestId: first, count: 0 });
      socket.send(writer.finish());
    });
    const client = connect(engine.url);
    const [answer, accepted, rejected] = await Promise.all([
      client.ask({ type: 'position' }),
      client.execute(deposit),
      client.execute(deposit),
    ]);
    expect(answer).toEqual({ seq: 10, records: [] });
    expect(accepted).toMatchObject({ seq: 11, timeUs: 98, rejection: null, events: [{ available: 5 }] });
    expect(rejected).toEqual({ seq: 12, timeUs: 99, rejection: 'insufficientBalance', events: [] });
  });

  it('wait a little for a connection that comes', async () => {
    const { url, port } = await deadUrl();
    const client = connect(url, { connectTimeoutMs: 5_000 });
    const outcome = client.execute(deposit);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await startEngine(acceptAll, port);
    expect(await outcome).toMatchObject({ seq: 7, rejection: null });
  });

  it('that find no connection were not sent', async () => {
    const { url } = await deadUrl();
    const client = connect(url, { connectTimeoutMs: 100 });
    await expect(client.execute(deposit)).rejects.toMatchObject({
      name: 'EngineUnavailable',
      sent: false,
      message: expect.stringContaining('no connection to the engine'),
    });
  });

  it('whose connection is lost may have been executed, and later ones go through again', async () => {
    let lost = 0;
    const engine = await startEngine((requests, socket) => {
      if (lost++ === 0) socket.terminate();
      else acceptAll(requests, socket);
    });
    const client = connect(engine.url);
    await expect(client.execute(deposit)).rejects.toMatchObject({
      sent: true,
      message: 'the connection to the engine was lost',
    });
    expect(await client.execute(deposit)).toMatchObject({ rejection: null });
  });

  it('without an answer in time may have been executed; a late answer is for nobody', async () => {
    const held: (() => void)[] = [];
    const engine = await startEngine((requests, socket) => {
      held.push(() => acceptAll(requests, socket));
    });
    const client = connect(engine.url, { requestTimeoutMs: 150 });
    await expect(client.execute(deposit)).rejects.toMatchObject({
      sent: true,
      message: 'no answer from the engine within 150 ms',
    });
    const next = client.execute(deposit);
    await until(() => held.length === 2);
    for (const answer of held) answer();
    expect(await next).toMatchObject({ rejection: null });
  });

  it('beyond the limit are refused at once, unsent', async () => {
    const engine = await startEngine(beSilent);
    const client = connect(engine.url, { pendingRequestsMax: 2 });
    const pending = [client.execute(deposit), client.execute(deposit)];
    const settled = Promise.allSettled(pending);
    await expect(client.execute(deposit)).rejects.toMatchObject({
      sent: false,
      message: '2 requests wait for the engine already',
    });
    await client.close();
    for (const { status } of await settled) expect(status).toBe('rejected');
  });

  it('that the engine was too busy for were not executed', async () => {
    const engine = await startEngine((requests, socket) =>
      replyTo(
        socket,
        requests.map(({ id }) => ({ type: 'overloaded', requestId: id })),
      ),
    );
    await expect(connect(engine.url).execute(deposit)).rejects.toMatchObject({ sent: false });
  });

  it('whose answer is damaged may have been executed', async () => {
    const engine = await startEngine((_, socket) => socket.send(new Uint8Array(64)));
    await expect(connect(engine.url).execute(deposit)).rejects.toMatchObject({ sent: true });
  });
});
