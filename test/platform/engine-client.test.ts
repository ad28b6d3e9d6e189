import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FrameRecord, FrameWriter, readFrame } from '#domain/codec.ts';
import type { AccountId, AssetId, SessionId, Units } from '#domain/ids.ts';
import type { Reply } from '#domain/queries.ts';
import { connectEngine, type EngineClient, type EngineClientOptions } from '#platform/engine-client.ts';
import { newOrder } from '#test/support/commands.ts';
import { until } from '#test/support/until.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answering = (requests: readonly FrameRecord[], socket: WebSocket) => void;

interface FakeEngine {
  readonly url: string;
  readonly port: number;
  /** How many requests each frame had. */
  readonly frames: number[];
  /** Every request, in order. */
  readonly requests: FrameRecord[];
  /** Hellos so far, and over how many connections they came. */
  readonly hellos: { count: number; readonly ports: Set<number> };
  /** What it says of who leads: itself, unless set. */
  view: { leader: string | null; epoch: number };
  stop(): Promise<void>;
}

/** An engine that does with each frame of requests as it is told. */
async function startEngine(answering: Answering, port = 0): Promise<FakeEngine> {
  const hellos = { count: 0, ports: new Set<number>() };
  const http = createServer((request, response) => {
    hellos.count++;
    hellos.ports.add(request.socket.remotePort!);
    expect(request.url).toBe(`/leader?port=${engine.port}`);
    response.end(JSON.stringify({ ...engine.view, deployment: 'test' }));
  });
  const server = new WebSocketServer({ server: http });
  http.listen(port, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  const frames: number[] = [];
  const received: FrameRecord[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { records } = readFrame(data as Buffer);
      frames.push(records.length);
      received.push(...records);
      answering(records, socket);
    });
  });
  const stop = async () => {
    for (const socket of server.clients) socket.terminate();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  closing.push(stop);
  const { port: taken } = http.address() as AddressInfo;
  const url = `ws://127.0.0.1:${taken}`;
  const engine = {
    url,
    port: taken,
    frames,
    requests: received,
    hellos,
    view: { leader: url, epoch: 1 },
    stop,
  };
  return engine;
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
    const client = connect(url, { waitTimeoutMs: 5_000 });
    const outcome = client.execute(deposit);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await startEngine(acceptAll, port);
    expect(await outcome).toMatchObject({ seq: 7, rejection: null });
  });

  it('that find no connection were not sent', async () => {
    const { url } = await deadUrl();
    const client = connect(url, { waitTimeoutMs: 100 });
    await expect(client.execute(deposit)).rejects.toMatchObject({
      name: 'EngineUnavailable',
      sent: false,
      message: expect.stringContaining('no engine took the request within 100 ms'),
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

describe('a change of leader', () => {
  const bid = newOrder({ account: 1, price: 5, quantity: 5 });
  /** Gives session 7, and accepts the rest. */
  const trade: Answering = (requests, socket) => {
    const writer = new FrameWriter();
    for (const { id, message } of requests) {
      const opens = message.type === 'openSession';
      writer.write(7, 9, { type: 'accepted', requestId: id, count: 1 });
      if (opens) writer.write(7, 9, { type: 'sessionOpened', session: 7 as SessionId, nonce: message.nonce });
      else writer.write(7, 9, { type: 'epochBegan', epoch: 1 });
    }
    socket.send(writer.finish());
  };
  const numbersOf = ({ requests }: FakeEngine) =>
    requests.flatMap(({ message }) => (message.type === 'place' ? [[message.session, message.request]] : []));

  it('sends what was under way again with its numbers, and each is answered once', async () => {
    let answers = 0;
    const old = await startEngine((requests, socket) => {
      if (requests[0]!.message.type === 'openSession') trade(requests, socket);
      else if (++answers === 1) socket.close(4004, 'this engine does not lead any more');
    });
    const next = await startEngine(trade);
    const client = connect(old.url);
    const outcomes = Promise.all([
      client.execute(bid),
      client.execute(bid),
      client.ask({ type: 'position' }),
    ]);
    await until(() => answers === 1);
    old.view = { leader: next.url, epoch: 2 };
    expect(await outcomes).toMatchObject([{ seq: 7, rejection: null }, { seq: 7 }, { seq: 7 }]);
    expect(numbersOf(old)).toEqual([
      [7, 1],
      [7, 2],
    ]);
    expect(numbersOf(next)).toEqual(numbersOf(old));
    expect(next.requests.some(({ message }) => message.type === 'openSession')).toBe(false);
  });

  it('is followed when the old leader is merely silent', async () => {
    const old = await startEngine(beSilent);
    const next = await startEngine(trade);
    const client = connect(old.url);
    const outcome = client.ask({ type: 'position' });
    await until(() => old.requests.length > 0);
    old.view = { leader: next.url, epoch: 2 };
    expect(await outcome).toMatchObject({ seq: 7 });
  });

  it('is not followed back to an earlier epoch', async () => {
    const old = await startEngine(trade);
    const next = await startEngine(trade);
    old.view = { leader: next.url, epoch: 2 };
    const client = connect(old.url);
    await client.ask({ type: 'position' });
    const { count } = old.hellos;
    old.view = { leader: old.url, epoch: 1 };
    await until(() => old.hellos.count > count + 1);
    await client.ask({ type: 'position' });
    expect(old.requests).toEqual([]);
  });

  it('is waited for while nobody leads; hellos come on new connections', async () => {
    const engine = await startEngine(trade);
    engine.view = { leader: null, epoch: 1 };
    const client = connect(engine.url);
    const outcome = client.execute(bid);
    await until(() => engine.hellos.count >= 4);
    engine.view = { leader: engine.url, epoch: 2 };
    expect(await outcome).toMatchObject({ rejection: null });
    expect(engine.hellos.ports.size).toBe(engine.hellos.count);
  });
});
