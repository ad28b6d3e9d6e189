/**
 * How a command's outcome leaves the engine: events, written as words in place of what the codec would build from
 * objects. That took more than half of the engine's time; offsets come from the same schema, so they cannot differ.
 */
import { type FrameWriter, offsetsOf, RECORD_HEADER_WORDS, type Records } from '#domain/codec.ts';
import { type Event, events as shapes } from '#domain/events.ts';
import type { Market } from './market.ts';
import { limitTicksOf } from './order-amounts.ts';
import { ID_WORDS_MAX } from './order-ids.ts';
import { isPriceless, kinds } from './order-kinds.ts';
import type { State } from './state.ts';

const { FILLED, NONE, TRAILED } = kinds;

const ORDER = offsetsOf(shapes.order);
const ORDER_WORDS_MAX = ORDER.clientOrderId + 2 * ID_WORDS_MAX;
const TRADE = offsetsOf(shapes.trade);
const TRADE_WORDS = RECORD_HEADER_WORDS + Object.keys(shapes.trade.fields).length;
const AMENDED = offsetsOf(shapes.amended);
const REPLACED = offsetsOf(shapes.cancelReplaced);
const REPLACED_WORDS = RECORD_HEADER_WORDS + Object.keys(shapes.cancelReplaced.fields).length;
const ORDER_CODE = shapes.order.code;
const TRADE_CODE = shapes.trade.code;

/** A field that is not there. Not exported: what other files can see is read anew each time, and cannot be folded. */
const NULL = Number.NaN;

/** Where the events of the command at hand go, and what it did so far. One is used for all commands. */
export class Outcome {
  seq = 0;
  timeUs = 0;
  events!: FrameWriter;
  /** Levels that are to be told, of the market at hand. */
  levels = new Int32Array(64);
  levelCount = 0;
  /** Makers met by the command so far, and triggered orders that it started. */
  fills = 0;
  started = 0;
  /** The trade to be told: lots, quote units, maker's fee, taker's fee. As arguments they would be allocated. */
  readonly trade = new Float64Array(4);
  /** Where the cancel's own id lies, while a cancel is told; null for none. */
  cancelId: Records | null = null;
  cancelIdAt = 0;

  begin(seq: number, timeUs: number, events: FrameWriter): void {
    this.seq = seq;
    this.timeUs = timeUs;
    this.events = events;
    this.fills = 0;
    this.started = 0;
  }

  /** For what happens seldom. */
  write(event: Event): void {
    this.events.write(this.seq, this.timeUs, event);
  }

  /** Notes that a level of the book changed, to be told at the end. */
  noteLevel(state: State, level: number): void {
    if (!state.levels.mark(level)) return;
    if (this.levelCount === this.levels.length) {
      const grown = new Int32Array(this.levels.length * 2);
      grown.set(this.levels);
      this.levels = grown;
    }
    this.levels[this.levelCount++] = level;
  }
}

/**
 * Tells an order as it stands. `quoteOrderQty` is NaN for none; with one, what was ordered is known at its end only,
 * by what it executed.
 */
export function tellOrder(state: State, outcome: Outcome, slot: number, quoteOrderQty = NULL): void {
  const { orders, positions, orderIds } = state;
  const { events, cancelId } = outcome;
  events.reserve(ORDER_WORDS_MAX);
  const { words } = events;
  const start = events.length;
  const { ints, floats } = orders;
  const flags = ints[slot * 14 + 7]!;
  const row = ints[slot * 14 + 13]!;
  const ofPosition = ints[slot * 14 + 6]! * 12;
  const market = state.markets[positions.ints[(ofPosition + 1) | 0]!]!;
  const type = (flags >> 1) & 7;
  words[(start + 1) | 0] = outcome.seq;
  words[(start + 2) | 0] = outcome.timeUs;
  words[(start + ORDER.orderId) | 0] = floats[slot * 7]!;
  words[(start + ORDER.account) | 0] = positions.ints[ofPosition]!;
  words[(start + ORDER.market) | 0] = market.id;
  words[(start + ORDER.side) | 0] = flags & 1;
  words[(start + ORDER.orderType) | 0] = type;
  words[(start + ORDER.timeInForce) | 0] = (flags >> 4) & 3;
  words[(start + ORDER.selfTradePrevention) | 0] = (flags >> 6) & 7;
  words[(start + ORDER.status) | 0] = (flags >> 9) & 7;
  words[(start + ORDER.price) | 0] = isPriceless(type) ? NULL : limitTicksOf(state, slot) * market.tick;
  words[(start + ORDER.quoteOrderQty) | 0] = quoteOrderQty;
  words[(start + ORDER.createdAt) | 0] = floats[slot * 7 + 2]!;
  if (row === NONE || (state.prevented.size === 0 && state.details.isUntouched(row))) {
    words[(start + ORDER.quantity) | 0] = floats[slot * 7 + 1]! * market.lot;
    // Filled without details, it was by one trade, which is the last.
    const isFilled = ((flags >> 9) & 7) === FILLED;
    words[(start + ORDER.executedQuantity) | 0] = isFilled ? floats[slot * 7 + 1]! * market.lot : 0;
    words[(start + ORDER.executedQuote) | 0] = isFilled ? outcome.trade[1]! : 0;
    words[(start + ORDER.preventedQuantity) | 0] = 0;
    words[(start + ORDER.stopPrice) | 0] = NULL;
    words[(start + ORDER.trailingDelta) | 0] = NULL;
    words[(start + ORDER.icebergQuantity) | 0] = NULL;
    words[(start + ORDER.orderListId) | 0] = NULL;
    words[(start + ORDER.workingAt) | 0] = floats[slot * 7 + 2]!;
  } else {
    tellDetails(state, words, start, market, slot, row);
  }
  const isOpenEnded = quoteOrderQty > 0 && ((flags >> 9) & 7) < FILLED;
  if (isOpenEnded) words[(start + ORDER.quantity) | 0] = 0;
  const idAt = start + ORDER.clientOrderId;
  let end = orderIds.write(slot, events, idAt);
  if (cancelId === null) words[end++] = 0;
  else end = writeCancelId(outcome, end);
  events.close(ORDER_CODE, end);
}

/** Writes the cancel's own id at `at`; returns where it ends. */
function writeCancelId({ events, cancelId, cancelIdAt }: Outcome, at: number): number {
  const { words, ints } = cancelId!;
  return writeText(events, at, words[cancelIdAt]! | 0, ints, (cancelIdAt + 1) * 2);
}

function tellDetails(
  state: State,
  words: Float64Array,
  start: number,
  market: Market,
  slot: number,
  row: number,
): void {
  const { orders, details, icebergs } = state;
  // While it is trailed, the place of what it executed holds something else.
  const executed = orders.place(slot) === TRAILED ? 0 : details.executedLots(row);
  const prevented = state.prevented.size === 0 ? 0 : (state.prevented.get(slot) ?? 0);
  const iceberg = details.iceberg(row);
  const hidden = iceberg === NONE ? 0 : icebergs.hiddenLots(iceberg);
  const stopTicks = details.stopTicks(row);
  const delta = details.trailingDelta(row);
  const list = details.list(row);
  const workingAt = details.workingAt(row);
  words[(start + ORDER.quantity) | 0] = (orders.lots(slot) + hidden + executed + prevented) * market.lot;
  words[(start + ORDER.executedQuantity) | 0] = executed * market.lot;
  words[(start + ORDER.executedQuote) | 0] = details.executedQuote(row);
  words[(start + ORDER.preventedQuantity) | 0] = prevented * market.lot;
  words[(start + ORDER.stopPrice) | 0] = stopTicks === 0 ? NULL : stopTicks * market.tick;
  words[(start + ORDER.trailingDelta) | 0] = delta === 0 ? NULL : delta;
  words[(start + ORDER.icebergQuantity) | 0] =
    iceberg === NONE ? NULL : icebergs.sliceLots(iceberg) * market.lot;
  words[(start + ORDER.orderListId) | 0] = list === 0 ? NULL : list;
  words[(start + ORDER.workingAt) | 0] =
    workingAt === 0 ? orders.acceptedAt(slot) : workingAt < 0 ? NULL : workingAt;
}

/** Writes a text at `at` from whole integers, zero behind its end; returns where it ends. */
function writeText(
  { words, ints }: FrameWriter,
  at: number,
  length: number,
  source: Int32Array,
  from: number,
): number {
  words[at] = length;
  const target = (at + 1) * 2;
  const count = (length + 3) >> 2;
  for (let index = 0; index < count; index++) ints[(target + index) | 0] = source[(from + index) | 0]!;
  if ((count & 1) === 1) ints[target + count] = 0;
  return at + 1 + ((count + 1) >> 1);
}

/** Tells the trade whose amounts are in `outcome.trade`, at the market's last price. */
export function tellTrade(
  state: State,
  outcome: Outcome,
  market: Market,
  taker: number,
  maker: number,
): void {
  const { orders, positions } = state;
  const { events, trade } = outcome;
  events.reserve(TRADE_WORDS);
  const { words } = events;
  const start = events.length;
  words[(start + 1) | 0] = outcome.seq;
  words[(start + 2) | 0] = outcome.timeUs;
  words[(start + TRADE.market) | 0] = market.id;
  words[(start + TRADE.tradeId) | 0] = market.lastTradeId;
  words[(start + TRADE.aggregateId) | 0] = market.lastAggregateId;
  words[(start + TRADE.price) | 0] = market.lastTicks * market.tick;
  words[(start + TRADE.quantity) | 0] = trade[0]! * market.lot;
  words[(start + TRADE.quoteQuantity) | 0] = trade[1]!;
  words[(start + TRADE.takerSide) | 0] = orders.side(taker);
  words[(start + TRADE.makerOrderId) | 0] = orders.id(maker);
  words[(start + TRADE.takerOrderId) | 0] = orders.id(taker);
  words[(start + TRADE.makerAccount) | 0] = positions.account(orders.position(maker));
  words[(start + TRADE.takerAccount) | 0] = positions.account(orders.position(taker));
  words[(start + TRADE.makerFee) | 0] = trade[2]!;
  words[(start + TRADE.takerFee) | 0] = trade[3]!;
  events.close(TRADE_CODE, start + TRADE_WORDS);
}

/** Tells an amendment of an order that still has its old client's id. */
export function tellAmended(
  state: State,
  outcome: Outcome,
  market: Market,
  slot: number,
  lotsBefore: number,
  quantity: number,
): void {
  const { orders, positions, details, orderIds } = state;
  const { events } = outcome;
  events.reserve(AMENDED.clientOrderIdBefore + ID_WORDS_MAX);
  const { words } = events;
  const start = events.length;
  const row = orders.details(slot);
  words[(start + 1) | 0] = outcome.seq;
  words[(start + 2) | 0] = outcome.timeUs;
  words[(start + AMENDED.account) | 0] = positions.account(orders.position(slot));
  words[(start + AMENDED.market) | 0] = market.id;
  words[(start + AMENDED.orderId) | 0] = orders.id(slot);
  words[(start + AMENDED.number) | 0] = details.amendments(row);
  words[(start + AMENDED.quantityBefore) | 0] = lotsBefore * market.lot;
  words[(start + AMENDED.quantity) | 0] = quantity;
  const idAt = start + AMENDED.clientOrderIdBefore;
  const end = orderIds.write(slot, events, idAt);
  events.close(shapes.amended.code, end);
}

/** Tells both codes of a cancel-replace; NaN for a placement that was not tried. */
export function tellReplaced(outcome: Outcome, cancelCode: number, placeCode: number): void {
  const { events } = outcome;
  events.reserve(REPLACED_WORDS);
  const { words } = events;
  const start = events.length;
  words[(start + 1) | 0] = outcome.seq;
  words[(start + 2) | 0] = outcome.timeUs;
  words[(start + REPLACED.cancelCode) | 0] = cancelCode;
  words[(start + REPLACED.placeCode) | 0] = placeCode;
  events.close(shapes.cancelReplaced.code, start + REPLACED_WORDS);
}
