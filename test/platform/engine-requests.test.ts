import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type FrameRecord, FrameWriter, readFrame } from '#domain/codec.ts';
import type { AccountId, AssetId, SessionId, Units } from '#domain/ids.ts';
import { rejections } from '#domain/rejections.ts';
import { SESSION_WINDOW } from '#platform/engine-protocol.ts';
import { EngineRequests, EngineUnavailable } from '#platform/engine-requests.ts';
import { newOrder } from '#test/support/commands.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const bid = (price = 5) => newOrder({ account: 1, price, quantity: 5 });
const deposit = {
  type: 'deposit',
  account: 1 as AccountId,
  asset: 0 as AssetId,
  amount: 5 as Units,
  reference: '',
} as const;

/** What was sent, record by record. */
function recorder() {
  const sent: FrameRecord[] = [];
  return { sent, send: (frame: Uint8Array) => sent.push(...readFrame(frame).records) };
}

function frameOf(write: (writer: FrameWriter) => void): Uint8Array {
  const writer = new FrameWriter();
  write(writer);
  return writer.finish();
}

const opened = (session: number, nonce = 1) =>
  frameOf((writer) => {
    writer.write(1, 1, { type: 'accepted', requestId: 0, count: 1 });
    writer.write(1, 1, { type: 'sessionOpened', session: session as SessionId, nonce });
  });
const rejected = (requestId: number, code: number) =>
  frameOf((writer) => writer.write(2, 2, { type: 'rejected', requestId, code }));
const numbers = (sent: readonly FrameRecord[]) =>
  sent.flatMap(({ message }) => (message.type === 'place' ? [[message.session, message.request]] : []));

/** Connected, with session 3. */
function open() {
  const requests = new EngineRequests({ nonce: 1 });
  const { sent, send } = recorder();
  requests.connected(send);
  return { requests, sent, send };
}

describe('a session', () => {
  it('is opened for the first trading command, once, and questions do not wait for it', () => {
    const { requests, sent } = open();
    void requests.request({ type: 'position' }, 0);
    requests.flush();
    expect(sent.map(({ message }) => message.type)).toEqual(['position']);
    void requests.request(bid(), 0);
    void requests.request(bid(), 0);
    requests.flush();
    requests.flush();
    void requests.request({ type: 'position' }, 0);
    requests.flush();
    expect(sent.map(({ message }) => message.type)).toEqual(['position', 'openSession', 'position']);
    requests.receive(opened(3));
    expect(numbers(sent)).toEqual([
      [3, 1],
      [3, 2],
    ]);
  });

  it('is asked for again on the next connection, and after the engine was too busy', () => {
    const { requests, sent, send } = open();
    void requests.request(bid(), 0);
    requests.flush();
    requests.disconnected();
    requests.connected(send);
    requests.receive(frameOf((writer) => writer.write(0, 0, { type: 'overloaded', requestId: 0 })));
    requests.expire(1);
    expect(sent.map(({ message }) => message)).toEqual(
      [1, 2, 3].map(() => ({ type: 'openSession', nonce: 1 })),
    );
  });

  it('that the engine forgot is opened anew, and what was refused for it is sent again under a new number', async () => {
    const { requests, sent } = open();
    const outcome = requests.request(bid(), 0);
    requests.flush();
    requests.receive(opened(3));
    requests.receive(rejected(1, rejections.unknownSession));
    requests.receive(opened(4));
    expect(numbers(sent)).toEqual([
      [3, 1],
      [4, 2],
    ]);
    requests.receive(rejected(1, rejections.insufficientBalance));
    expect((await outcome).head.message).toMatchObject({ type: 'rejected' });
  });

  it('that the engine forgot leaves the fate of what was sent twice unknown', async () => {
    const { requests, send } = open();
    const outcome = requests.request(bid(), 0);
    requests.flush();
    requests.receive(opened(3));
    requests.disconnected();
    requests.connected(send);
    requests.receive(rejected(1, rejections.unknownSession));
    await expect(outcome).rejects.toMatchObject({ sent: true });
  });

  it('never has numbers under way that the engine could not remember together', () => {
    const { requests, sent } = open();
    for (let count = 0; count < 5_000; count++) void requests.request(bid(), 0);
    requests.flush();
    requests.receive(opened(3));
    const answered = new Set<number>();
    while (answered.size < 5_000) {
      const places = sent.filter(({ message }) => message.type === 'place');
      const waiting = places.filter(({ id }) => !answered.has(id));
      const under = waiting.map(({ message }) => (message as { request: number }).request);
      expect(Math.max(...under) - Math.min(...under)).toBeLessThan(SESSION_WINDOW);
      // The youngest first, so that the oldest holds the window back.
      const answering = waiting.slice(-200).concat(waiting[0]!);
      for (const { id } of answering) {
        requests.receive(rejected(id, rejections.insufficientBalance));
        answered.add(id);
      }
    }
    expect(numbers(sent)).toHaveLength(5_000);
  });
});

describe('a request', () => {
  it.each([
    [
      'an answer that it was executed, without what it did',
      { type: 'repeated', requestId: 1, count: 0 },
      true,
    ],
    ['an engine that is too busy', { type: 'overloaded', requestId: 1 }, false],
    [
      'a number too old to be remembered',
      { type: 'rejected', requestId: 1, code: rejections.forgottenRequest },
      true,
    ],
  ] as const)('ends by %s', async (_, reply, sent) => {
    const { requests } = open();
    const outcome = requests.request(bid(), 0);
    requests.flush();
    requests.receive(opened(3));
    requests.receive(frameOf((writer) => writer.write(2, 2, reply)));
    await expect(outcome).rejects.toMatchObject({ sent });
  });

  it('that was sent and cannot be sent again is unknown once its connection is gone', async () => {
    const { requests } = open();
    const outcome = requests.request(deposit, 0);
    requests.flush();
    requests.disconnected();
    await expect(outcome).rejects.toMatchObject({ sent: true });
  });

  it('is given up unsent after a while, and later when it was sent', async () => {
    const requests = new EngineRequests({ waitTimeoutMs: 50, requestTimeoutMs: 100 });
    const { send } = recorder();
    const unsent = requests.request(bid(), 0);
    requests.expire(49);
    requests.expire(50);
    await expect(unsent).rejects.toMatchObject({ sent: false });
    requests.connected(send);
    const sent = requests.request({ type: 'position' }, 100);
    requests.flush();
    requests.disconnected();
    requests.expire(199);
    requests.expire(200);
    await expect(sent).rejects.toMatchObject({ sent: true });
  });
});

/** Executes each numbered request once; loses connections, requests and replies. */
class UnreliableEngine {
  readonly executed: string[] = [];
  readonly #outcomes = new Map<string, number>();
  #sessions = 0;

  /** The replies to a frame. */
  handle(frame: Uint8Array): Uint8Array {
    const writer = new FrameWriter();
    for (const { id, message } of readFrame(frame).records) this.#execute(writer, id, message);
    return writer.finish();
  }

  #execute(writer: FrameWriter, id: number, message: FrameRecord['message']): void {
    const seq = this.executed.length + 1;
    if (message.type === 'openSession') {
      this.#sessions ||= 1;
      writer.write(seq, seq, { type: 'accepted', requestId: id, count: 1 });
      writer.write(seq, seq, { type: 'sessionOpened', session: 1 as SessionId, nonce: 1 });
    } else if (message.type === 'place') {
      const key = `${message.session}/${message.request}`;
      const known = this.#outcomes.get(key);
      const type = known === undefined ? 'accepted' : 'repeated';
      if (known === undefined) this.executed.push(message.clientOrderId);
      this.#outcomes.set(key, known ?? seq);
      writer.write(known ?? seq, seq, { type, requestId: id, count: 1 });
      writer.write(known ?? seq, seq, { type: 'epochBegan', epoch: 1 });
    } else writer.write(seq, seq, { type: 'answered', requestId: id, count: 0 });
  }
}

describe('over connections that are lost at any moment', () => {
  it('every request ends once, none is executed twice, and none that was answered is missing', async () => {
    const seed = Number(process.env.CROSSBOOK_SEED ?? randomInt(2 ** 31));
    process.stdout.write(`requests over lost connections: seed ${seed}\n`);
    const random = seededRandom(seed);
    for (let run = 0; run < 50; run++) {
      const engine = new UnreliableEngine();
      const requests = new EngineRequests({ requestTimeoutMs: 1e9, waitTimeoutMs: 1e9 });
      let inbound: Uint8Array[] = [];
      let outbound: Uint8Array[] = [];
      const seqs = new Map<string, number>();
      let made = 0;
      const make = async () => {
        const clientOrderId = `r${made++}`;
        const reply = await requests.request({ ...bid(), clientOrderId }, 0);
        expect(seqs.has(clientOrderId)).toBe(false);
        seqs.set(clientOrderId, reply.head.id);
      };
      const all: Promise<void>[] = [];
      let isConnected = false;
      for (let step = 0; step < 400 || seqs.size < made; step++) {
        const roll = random();
        if (step < 400 && roll < 0.5) all.push(make());
        if (roll < 0.1 && step < 10_000) {
          requests.disconnected();
          isConnected = false;
          // What was on its way may still arrive there, and its replies never here.
          for (const frame of outbound) if (random() < 0.5) engine.handle(frame);
          [inbound, outbound] = [[], []];
        } else if (!isConnected) {
          isConnected = true;
          requests.connected((frame) => outbound.push(frame));
        } else if (roll < 0.5) {
          requests.flush();
        } else if (roll < 0.8 && outbound.length > 0) {
          inbound.push(engine.handle(outbound.shift()!));
        } else if (inbound.length > 0) {
          requests.receive(inbound.shift()!);
        }
        await Promise.resolve();
      }
      await Promise.all(all);
      expect(new Set(engine.executed).size).toBe(engine.executed.length);
      expect(engine.executed.length).toBe(made);
      for (const [id, seq] of seqs) expect(engine.executed[seq - 1]).toBe(id);
    }
  });

  it('what was never sent is unsent, whenever the client closes', async () => {
    const requests = new EngineRequests();
    const outcome = requests.request(bid(), 0).catch((error: unknown) => error);
    requests.close('the client was closed');
    expect(await outcome).toEqual(new EngineUnavailable('the client was closed', false));
  });
});
