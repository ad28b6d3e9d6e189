/**
 * Inputs as a stranger may send them, into a live engine; whatever they are, it refuses or executes them and goes on.
 * Runs as a thread of its own, where it takes a quarter of the time that it takes among tests.
 */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import {
  checkRecord,
  FrameError,
  FrameWriter,
  type OpenFrame,
  offsetsOf,
  openFrame,
  RECORD_HEADER_WORDS,
  readFrame,
  readRecord,
  recordWords,
  typeOfRecord,
} from '#domain/codec.ts';
import { type Command, commands } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import { type Query, queries, replies } from '#domain/queries.ts';
import type { Field, Shape } from '#domain/schema.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { newMarket } from '#test/support/commands.ts';
import { sealedFrame } from '#test/support/sealed-frame.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

/** How many inputs lie between two that are looked at closely, and between two looks at the whole. */
const CLOSELY = 397;
const WHOLLY = 50_000;

const MAX = Number.MAX_SAFE_INTEGER;
const EDGES = [
  ...[0, -0, 1, -1, 2, 9, 10, 11, 63, 64, 65, 255, 256, 257],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 49, MAX - 1, MAX, -MAX],
];
/** What no writer writes. */
const BROKEN = [0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e300, 5e-324];
const utf8 = new TextEncoder();
const encoded = (texts: readonly string[]) => texts.map((text) => utf8.encode(text));
const TEXTS = encoded([
  ...Array.from({ length: 300 }, (_, index) => 'id'.repeat(index % 9) + index),
  ...Array.from({ length: 100 }, () => ''),
  ...['\0', '\ufeff', 'eight888', 'nine99999', 'x'.repeat(36), '💰'.repeat(9)],
]);
const LONG_TEXTS = encoded(['x'.repeat(24), '€'.repeat(8), 'y'.repeat(48), 'z'.repeat(64), 'x'.repeat(37)]);

/** Prices meet about 100, in ticks of 10; everything else is small enough to be had. */
const SENSIBLE: Record<string, (below: (limit: number) => number) => number> = {
  session: (below) => (below(4) === 0 ? 1 : 0),
  account: (below) => 1 + below(4),
  market: (below) => (below(8) === 0 ? 1 : 0),
  quantity: (below) => 10 * (1 + below(20)),
  amount: (below) => 1 + below(100_000),
  fee: (below) => below(2),
  from: (below) => 1 + below(4),
  to: (below) => 1 + below(4),
  nonce: (below) => below(3),
  tier: (below) => below(4),
  makerFee: (below) => below(3_000),
  takerFee: (below) => below(3_000),
  asset: (below) => below(3),
  depthMax: (below) => below(20),
  averageMinutes: (below) => below(10),
  version: (below) => below(4),
};

const market = newMarket({
  tick: 10,
  lot: 10,
  priceMin: 10,
  priceMax: 10 * (2 ** 31 - 1),
  quantityMin: 10,
  quantityMax: 10 * Math.floor(MAX / 10),
  marketQuantityMax: 10 * Math.floor(MAX / 10),
  averageMinutes: 5,
  ordersMax: 60,
  algoOrdersMax: 40,
  icebergOrdersMax: 20,
  orderListsMax: 20,
  breakerMove: 200_000,
  makerFee: 1_000,
  takerFee: 2_000,
});
const rules: Record<string, unknown> = { ...market };

/** More of what makes a book than of what empties or closes it. */
const WEIGHTS: Record<string, number> = {
  place: 60,
  placeList: 20,
  cancel: 4,
  cancelReplace: 8,
  amend: 8,
  cancelList: 3,
  deposit: 6,
  holdWithdrawal: 3,
  settleWithdrawal: 2,
  releaseWithdrawal: 2,
  transfer: 2,
  advanceTime: 3,
  setMarketStatus: 6,
  setMarketRules: 0.4,
  listAsset: 0.2,
  listMarket: 0.2,
  activateLogic: 0.2,
};
const requests: Record<string, Shape> = { ...commands, ...queries };
/** Choices of which the first is the common one. */
const CALM = new Set(['timeInForce', 'restriction', 'cancelRestriction', 'selfTradePrevention']);

type OrderOffsets = ReturnType<typeof offsetsOf<typeof commands.place.fields>>;

/** Of each order that a request has: where its terms are. */
function ordersOf(shape: Shape): OrderOffsets[] {
  const offsets: Readonly<Record<string, number>> = offsetsOf(shape);
  const named = (nameOf: (name: string) => string) =>
    Object.fromEntries(
      Object.keys(commands.place.fields).map((name) => [name, offsets[nameOf(name)] ?? 0]),
    ) as OrderOffsets;
  if (offsets.orderType !== undefined) return [named((name) => name)];
  if (offsets.firstOrderType === undefined) return [];
  return ['first', 'second', 'third'].map((leg) =>
    named((name) => leg + name[0]!.toUpperCase() + name.slice(1)),
  );
}

/** Where a list's kind is among its fields. */
const KIND = Object.keys(commands.placeList.fields).indexOf('kind');
/** Requests, each as often as its weight. */
const layouts = Object.entries(requests).flatMap(([type, shape]) => {
  const layout = { code: shape.code, fields: Object.entries(shape.fields), orders: ordersOf(shape) };
  return Array.from({ length: Math.ceil(5 * (WEIGHTS[type] ?? 1)) }, () => layout);
});

/** Records of requests: sensible ones, of which any field may be anything. */
class HostileRecords {
  readonly #below: (limit: number) => number;
  readonly #words = new Float64Array(256);
  readonly #ints = new Int32Array(this.#words.buffer);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #lastOrderId = 1;
  #requests = 0;

  constructor(below: (limit: number) => number) {
    this.#below = below;
  }

  next(lastOrderId: number): Float64Array {
    this.#lastOrderId = lastOrderId;
    const { code, fields, orders } = layouts[this.#below(layouts.length)]!;
    this.#words[1] = this.#below(50) === 0 ? this.#edge() : 1;
    this.#words[2] = 0;
    let at = RECORD_HEADER_WORDS;
    for (const [name, field] of fields)
      if (field.kind !== 'text') this.#words[at++] = this.#sensible(name, field);
    if (orders.length > 0) this.#makeSense(orders, code);
    const hostile =
      fields.length === 0 ? 0 : [0, 0, 0, 0, 0, 1, 1, 1, 2, fields.length * 4][this.#below(10)]!;
    let hostileText = -1;
    for (let count = 0; count < hostile; count++) {
      const index = this.#below(fields.length);
      if (fields[index]![1].kind === 'text') hostileText = index;
      else this.#words[RECORD_HEADER_WORDS + index] = this.#edge(fields[index]![1]);
    }
    fields.forEach(([, { kind, bytesMax }], index) => {
      if (kind === 'text') at = this.#text(at, bytesMax!, hostileText === index);
    });
    this.#ints[0] = code;
    this.#ints[1] = at;
    return this.#words.subarray(0, at);
  }

  /** Gives each order the amounts that go with its type, and lists orders that make one. */
  #makeSense(orders: readonly OrderOffsets[], code: number): void {
    const below = this.#below;
    const words = this.#words;
    const isList = code === commands.placeList.code;
    const kind = words[RECORD_HEADER_WORDS + KIND]!;
    const [first] = orders;
    orders.forEach((order, index) => {
      const isUnused = isList && index === 2 && kind !== 2;
      const isPair = isList && (kind === 0 || (kind === 2 && index > 0));
      const side = isPair && index !== (kind === 0 ? 0 : 1) ? words[orders[index - 1]!.side]! : below(2);
      // Of a pair the first is above: a sale's limit, or a purchase's stop.
      const isUpper = index === (kind === 0 ? 0 : 1);
      let type = below(3) === 0 ? 3 + below(4) : below(3);
      if (isPair) type = isUpper === (side === 1) ? 1 : 3 + below(2);
      else if (isList && index === 0) type = below(2);
      else if (isList && type === 2) type = 0;
      const isConditional = type >= 3;
      const hasPrice = type < 2 || type === 4 || type === 6;
      const price = isPair ? 10 * (isUpper ? 101 + below(10) : 90 + below(10)) : 10 * (90 + below(20));
      const quantity = isPair && !isUpper ? words[orders[index - 1]!.quantity]! : 10 * (1 + below(20));
      const takesQuote = type === 2 && !isList && below(2) === 0;
      words[order.side] = side;
      words[order.orderType] = type;
      if (type === 1 || below(2) === 0) words[order.timeInForce] = 0;
      words[order.price] = hasPrice && !isUnused ? price : Number.NaN;
      words[order.quantity] = isUnused || takesQuote ? Number.NaN : quantity;
      words[order.stopPrice] = isConditional && !isUnused ? price : Number.NaN;
      words[order.trailingDelta] = isConditional && !isUnused && below(3) === 0 ? 1 + below(300) : Number.NaN;
      const isIceberg = hasPrice && !isUnused && words[order.timeInForce] === 0 && below(4) === 0;
      words[order.icebergQuantity] = isIceberg ? Math.min(quantity, 10 * (1 + below(5))) : Number.NaN;
      if (order === first && !isList)
        words[order.quoteOrderQty] = takesQuote ? 1 + below(100_000) : Number.NaN;
    });
  }

  #edge(field?: Field<unknown>): number {
    if (this.#below(40) === 0) return BROKEN[this.#below(BROKEN.length)]!;
    if (field?.kind === 'choice') return this.#below(field.choices!.length + 1);
    if (field?.kind === 'optional' && this.#below(3) === 0) return Number.NaN;
    return EDGES[this.#below(EDGES.length)]!;
  }

  #sensible(name: string, { kind, choices }: Field<unknown>): number {
    const below = this.#below;
    if (name === 'request') return ++this.#requests - (below(10) === 0 ? below(2_000) : 0);
    if (kind === 'choice') {
      if (CALM.has(name) && below(3) > 0) return 0;
      if (name === 'status' && below(8) > 0) return 0;
      return below(choices!.length);
    }
    if (name === 'orderId' || name === 'cancelOrderId')
      return below(8) === 0 ? Number.NaN : Math.max(1, this.#lastOrderId - below(30));
    if (name === 'orderListId') return below(3) === 0 ? Number.NaN : 1 + below(50);
    const value = SENSIBLE[name];
    if (value !== undefined) return value(below);
    const rule = rules[name];
    return typeof rule === 'number' ? rule : Number.NaN;
  }

  #text(at: number, bytesMax: number, isHostile: boolean): number {
    const texts = isHostile && this.#below(2) === 0 ? LONG_TEXTS : TEXTS;
    const bytes = texts[this.#below(texts.length)]!;
    const end = at + 1 + Math.ceil(bytes.length / 8);
    this.#words.fill(0, at, end);
    this.#words[at] = bytes.length;
    this.#bytes.set(bytes, (at + 1) * 8);
    if (isHostile && this.#below(6) === 0) {
      const damage = [-0, -1, 1, bytesMax, bytesMax + 1, 2 ** 31, MAX, Number.NaN, 0.5];
      this.#words[at] = damage[this.#below(damage.length)]!;
    }
    if (isHostile && end > at + 1 && this.#below(6) === 0)
      this.#bytes[(at + 1) * 8 + this.#below((end - at - 1) * 8)] = this.#below(256);
    return end;
  }
}

/** How many of what came of the inputs. */
export interface HostileReport {
  frames: number;
  refusedFrames: number;
  accepted: number;
  rejected: number;
  answered: number;
  /** Refusals after which the state was looked at. */
  compared: number;
}

class HostileRun {
  readonly engine = new MatchingEngine();
  readonly told: HostileReport = {
    frames: 0,
    refusedFrames: 0,
    accepted: 0,
    rejected: 0,
    answered: 0,
    compared: 0,
  };
  readonly #commands = new FrameWriter();
  readonly #events = new FrameWriter();
  /** Of the last order that was told. */
  lastOrderId = 1;
  #timeUs = 1_700_000_000_000_000;

  /** What has to be there for a book. */
  start(): void {
    for (const [asset, name] of ['COIN', 'CASH', 'GEM'].entries())
      this.#execute({ type: 'listAsset', asset, scale: 0, name } as unknown as Command);
    this.#execute(market);
    this.#execute({ ...market, market: 1 as never, base: 2 as never, symbol: 'GEMCASH' });
    this.#execute({ type: 'openSession', nonce: 0 });
    for (const account of [1, 2, 3, 4])
      for (const asset of [0, 1, 2])
        this.#execute({ type: 'deposit', account, asset, amount: 1e12, reference: '' } as unknown as Command);
  }

  #execute(command: Command): void {
    const writer = new FrameWriter();
    writer.write(0, 0, command);
    const frame = openFrame(writer.finish());
    assert.equal(this.#apply(frame, frame.start), 0);
  }

  /** One input of any bytes, as `command-socket.ts` takes it. */
  input(bytes: Uint8Array, isClose: boolean): void {
    this.told.frames++;
    let frame: OpenFrame;
    try {
      frame = openFrame(bytes);
      for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
        const type = typeOfRecord(frame, at);
        if (!(type in requests)) throw new FrameError(`${type} is not a request`);
        checkRecord(frame, at);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.told.refusedFrames++;
      return;
    }
    for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
      const before = isClose ? this.engine.digest() : '';
      const changed = typeOfRecord(frame, at) in commands && this.#apply(frame, at) === 0;
      if (!(typeOfRecord(frame, at) in commands)) this.#answer(frame, at);
      if (!isClose) continue;
      // All that it tells can be read.
      readFrame(this.#events.finish());
      if (changed) continue;
      this.told.compared++;
      if (this.engine.digest() !== before)
        assert.fail(`refused, but not without a trace: ${JSON.stringify(readRecord(frame, at))}`);
    }
  }

  #answer(frame: OpenFrame, at: number): void {
    this.told.answered++;
    this.#events.clear();
    this.engine.answer(readRecord(frame, at).message as Query, this.#events);
  }

  #apply(frame: OpenFrame, at: number): number {
    this.#commands.clear();
    const start = this.#commands.length;
    this.#timeUs += 10_000;
    this.#commands.copy(frame, at, this.engine.lastSeq + 1, this.#timeUs);
    this.#events.clear();
    const code = this.engine.apply(this.#commands, start, this.#events);
    if (code === 0) this.told.accepted++;
    else this.told.rejected++;
    assert(code === 0 || this.#events.count === 0, 'a refusal tells nothing');
    const { ints, words, length } = this.#events;
    for (let event = 4; event < length; event += ints[event * 2 + 1]!)
      if (ints[event * 2] === events.order.code)
        this.lastOrderId = Math.max(this.lastOrderId, words[event + RECORD_HEADER_WORDS]!);
    return code;
  }
}

const codes = Object.values({ ...commands, ...events, ...queries, ...replies }).map(({ code }) => code);

/** @throws {AssertionError} when a refusal left a trace or an invariant is broken, and whatever the engine throws. */
function runHostile(seed: number, inputs: number): HostileReport {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const run = new HostileRun();
  run.start();
  const records = new HostileRecords(below);
  // Refusals by the thousand, and nobody reads where they came from.
  Error.stackTraceLimit = 0;
  for (let input = 1; input <= inputs; input++) {
    const bytes = inputOf(input);
    try {
      run.input(bytes, input % CLOSELY === 0);
      if (input % WHOLLY === 0 || input === inputs) run.engine.checkInvariants();
    } catch (cause) {
      throw new Error(`input ${input} of seed ${seed}: ${Buffer.from(bytes).toString('hex')}: ${cause}`, {
        cause,
      });
    }
  }
  const restored = MatchingEngine.restore(run.engine.snapshot());
  assert.equal(restored.digest(), run.engine.digest(), 'whatever came of it can be saved');
  return run.told;

  function inputOf(input: number): Uint8Array {
    const kind = input % 20;
    if (kind === 0) return randomBytes(below(200));
    if (kind === 1) return sealedFrame(new Float64Array(randomBytes(8 * below(20)).buffer), 1);
    if (kind === 2) {
      // A message of any kind, its words at random.
      const words = Float64Array.from({ length: 3 + below(50) }, () => EDGES[below(EDGES.length)]!);
      new Int32Array(words.buffer).set([codes[below(codes.length)]!, words.length]);
      return sealedFrame(words, 1);
    }
    const bytes = sealedFrame(records.next(run.lastOrderId), 1);
    if (kind !== 3) return bytes;
    bytes[below(bytes.length)]! ^= 1 << below(8);
    return below(2) === 0 ? bytes : bytes.subarray(0, below(bytes.length));
  }

  function randomBytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = below(256);
    return bytes;
  }
}

parentPort!.postMessage(runHostile(workerData.seed, workerData.inputs));
