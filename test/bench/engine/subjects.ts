/** What is compared: each takes a workload and says how many operations a second it does. */
import { OrderBook, type Side } from 'nodejs-order-book';
import matchEngine from 'orderbook-match-engine';
import { FrameWriter } from '#domain/codec.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { type Operation, setUp, toCommand } from './commands.ts';
import type { Plan, Workload } from './workloads.ts';

export const SUBJECTS = ['crossbook', 'nodejs-order-book', 'orderbook-match-engine'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** One run over a fresh book: the prefill, then nanoseconds of the measured part. */
export type Subject = (workload: Workload, plan: Plan) => number;

/** Commands as they are in a batch: encoded, checked, one behind the other. */
export class Encoded {
  readonly records = new FrameWriter();
  readonly starts: Float64Array;
  /** Where the measured part begins among {@link starts}. */
  readonly first: number;

  constructor({ prefill, measured }: Workload, { accounts, markets }: Plan) {
    const before = setUp(accounts, markets);
    this.first = before.length + prefill.length;
    this.starts = new Float64Array(this.first + measured.length);
    let seq = 0;
    const write = (command: Parameters<FrameWriter['write']>[2]) => {
      this.starts[seq] = this.records.length;
      seq++;
      this.records.write(seq, 1_700_000_000_000_000 + seq * 3, command);
    };
    for (const command of before) write(command);
    for (const operation of prefill) write(toCommand(operation));
    for (const operation of measured) write(toCommand(operation));
  }

  /** An engine that has executed all before the measured part. */
  prefilled(events: FrameWriter): MatchingEngine {
    const engine = new MatchingEngine();
    for (let index = 0; index < this.first; index++) {
      events.clear();
      engine.apply(this.records, this.starts[index]!, events);
    }
    return engine;
  }
}

/** Events of so many commands gather before they go, as in a batch. */
const BATCH = 256;

export function crossbook(encoded: Encoded): () => number {
  const { words, ints, bytes } = encoded.records;
  const records = { words, ints, bytes };
  const starts = Int32Array.from(encoded.starts);
  return () => {
    const events = new FrameWriter();
    const engine = encoded.prefilled(events);
    const begun = process.hrtime.bigint();
    for (let index = encoded.first; index < starts.length; index++) {
      if (index % BATCH === 0) events.clear();
      engine.apply(records, starts[index]!, events);
    }
    return Number(process.hrtime.bigint() - begun);
  };
}

const sideOf = (side: number) => (side === 0 ? 'buy' : 'sell') as Side;

/** It has ids of its own choice, IOC, market orders and changes of size; a move is a cancel and a new order. */
export const nodejsOrderBook: Subject = ({ prefill, measured }) => {
  const book = new OrderBook();
  const limit = ({ id, side, ticks, lots }: Operation, timeInForce?: 'IOC') =>
    book.limit({
      id: String(id),
      side: sideOf(side),
      size: lots,
      price: ticks,
      ...(timeInForce && { timeInForce: timeInForce as never }),
    });
  const apply = (operation: Operation) => {
    const { kind, id, side, ticks, lots, target } = operation;
    if (kind === 'insert') limit(operation);
    else if (kind === 'cancel') book.cancel(String(id));
    else if (kind === 'amend') book.modify(String(id), { size: lots });
    else if (kind === 'move') {
      book.cancel(String(target));
      limit(operation);
    } else if (ticks === 0) book.market({ side: sideOf(side), size: lots });
    else limit(operation, 'IOC');
  };
  return timed(prefill, measured, apply);
};

/** It has limit orders and cancels: what is left of a marketable order is cancelled, a change is a new order. */
export const orderbookMatchEngine: Subject = ({ prefill, measured }) => {
  const { Orderbook, TRADE_SIDE } = matchEngine as unknown as typeof import('orderbook-match-engine');
  const book = new Orderbook({ limit: 1 });
  const sides = [TRADE_SIDE.BID, TRADE_SIDE.ASK];
  let amended = 1e12;
  const names = new Map<number, number>();
  const add = ({ id, side, ticks, lots }: Operation) =>
    book.add(id, sides[side]!, ticks === 0 ? (side === 0 ? 1e9 : 1) : ticks, lots);
  const cancel = (id: number) => {
    try {
      book.cancel(names.get(id) ?? id);
    } catch {
      // Its fills may differ a little where prices are equal: the order may be gone.
    }
  };
  const apply = (operation: Operation) => {
    const { kind, id, target } = operation;
    if (kind === 'insert') add(operation);
    else if (kind === 'cancel') cancel(id);
    else if (kind === 'amend') {
      cancel(id);
      amended++;
      names.set(id, amended);
      add({ ...operation, id: amended });
    } else if (kind === 'move') {
      cancel(target);
      add(operation);
    } else {
      const { order } = add(operation);
      if (Number(order.leaveQuantity) > 0) cancel(id);
    }
  };
  return timed(prefill, measured, apply);
};

function timed(
  prefill: readonly Operation[],
  measured: readonly Operation[],
  apply: (operation: Operation) => void,
): number {
  for (const operation of prefill) apply(operation);
  const begun = process.hrtime.bigint();
  for (const operation of measured) apply(operation);
  return Number(process.hrtime.bigint() - begun);
}
