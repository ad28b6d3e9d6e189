/** Books over a feed that loses what the test wants it to lose. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Frame } from '#domain/codec.ts';
import type { AccountId, MarketId, Price, SessionId, Units } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import type { Query } from '#domain/queries.ts';
import type { Answer, Outcome } from '#platform/engine-client.ts';
import { EVENTS_CHANNEL, type Feed, openFeed } from '#platform/feed.ts';
import { createLog } from '#platform/log.ts';
import { Books } from '#services/market-data/books.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import { RecordedEvents } from '#test/support/recorded-events.ts';
import { until } from '#test/support/until.ts';

const TRADER = 1 as AccountId;
const OTHER = 2 as AccountId;
const BTCUSDT = 0 as MarketId;
const ETHUSDT = 1 as MarketId;

let engine: InProcessEngine;
let feed: Feed;
let books: Books;
let recorded: RecordedEvents;
/** Committed frames are thrown away instead of published. */
let isLosing: boolean;
/** Frames as the listeners of the books hear them. */
let heard: Frame[];
/** Runs after the engine has answered a query, before the answer arrives. */
let afterAnswer: (query: Query) => Promise<void>;

beforeEach(async () => {
  isLosing = false;
  heard = [];
  recorded = new RecordedEvents();
  afterAnswer = async () => {};
  feed = await openFeed('');
  engine = await InProcessEngine.start(undefined, (outcome) => publish(outcome));
  for (const account of [TRADER, OTHER]) {
    for (const asset of [0, 1, 2]) await engine.deposit(account, asset, 1_000_000_000_000);
  }
  const ask = engine.ask.bind(engine);
  engine.ask = async (query: Query): Promise<Answer> => {
    const answer = await ask(query);
    await afterAnswer(query);
    return answer;
  };
  books = await openBooks();
});

afterEach(async () => {
  await books.close();
  await feed.close();
});

async function openBooks(): Promise<Books> {
  const opened = await Books.open({
    engine,
    feed,
    stream: (after, onFrame) => recorded.stream(after, onFrame),
    log: createLog('market-data', 'silent'),
  });
  opened.onFrame((frame) => heard.push(frame));
  return opened;
}

function publish(outcome: Outcome): void {
  const bytes = recorded.record(outcome);
  if (!isLosing) feed.publish(EVENTS_CHANNEL, bytes);
}

let ids = 0;
async function place(market: MarketId, side: Side, dollars: number, account = TRADER): Promise<void> {
  const { rejection } = await engine.execute({
    type: 'place',
    session: 0 as SessionId,
    request: 0,
    account,
    market,
    side,
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    price: (dollars * 1_000_000) as Price,
    quantity: 100_000_000 as Units,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    quoteOrderQty: null,
    selfTradePrevention: 'NONE',
    clientOrderId: `b-${++ids}`,
  });
  expect(rejection).toBeNull();
}

async function lose(what: () => Promise<void>): Promise<void> {
  isLosing = true;
  await what();
  isLosing = false;
}

const delivered = () => new Promise((resume) => setTimeout(resume, 5));
const bidPrices = (market: MarketId) =>
  books
    .of(market)
    .bids(10)
    .map(([price]) => price / 1_000_000);

/** What a listener believes the bids of a market to be that sets every level that it hears. */
function heardBids(market: MarketId): number[] {
  const prices = new Set<number>();
  for (const { records } of heard) {
    for (const { message } of records) {
      if (message.type !== 'level' || message.market !== market || message.side !== 'BUY') continue;
      if (message.quantity > 0) prices.add(message.price / 1_000_000);
      else prices.delete(message.price / 1_000_000);
    }
  }
  return [...prices].sort((a, b) => b - a);
}

describe('a frame that was lost', () => {
  it('is made good when the next one shows it', async () => {
    await lose(() => place(BTCUSDT, 'BUY', 100));
    await place(BTCUSDT, 'BUY', 101);
    await until(() => books.seq === engine.matching.lastSeq);
    expect(bidPrices(BTCUSDT)).toEqual([101, 100]);
  });

  it('is made good while the books are fetched for the first time', async () => {
    await books.close();
    let once = true;
    afterAnswer = async ({ type }) => {
      if (type !== 'book' || !once) return;
      once = false;
      // After BTCUSDT's book was answered: one frame arrives, one is lost, one arrives.
      await place(BTCUSDT, 'BUY', 102);
      await lose(() => place(BTCUSDT, 'BUY', 103));
      await place(BTCUSDT, 'BUY', 104);
      await delivered();
    };
    await place(BTCUSDT, 'BUY', 101);
    books = await openBooks();
    await until(() => books.seq === engine.matching.lastSeq);
    expect(bidPrices(BTCUSDT)).toEqual([104, 103, 102, 101]);
  });

  it('is made good without a next one, in a market where nothing goes on', async () => {
    await lose(() => place(BTCUSDT, 'BUY', 100));
    await until(() => bidPrices(BTCUSDT).length === 1);
    expect(books.seq).toBe(engine.matching.lastSeq);
  });

  it('reaches listeners as the difference that it made, in markets that are quiet since too', async () => {
    await place(BTCUSDT, 'BUY', 100);
    await delivered();
    await lose(async () => {
      await place(BTCUSDT, 'SELL', 100, OTHER);
      await place(ETHUSDT, 'BUY', 50);
    });
    await place(BTCUSDT, 'BUY', 99);
    await until(() => books.seq === engine.matching.lastSeq);
    expect(heardBids(BTCUSDT)).toEqual([99]);
    expect(heardBids(ETHUSDT)).toEqual([50]);
  });

  it('leaves listeners a chain of frames without a hole', async () => {
    await place(BTCUSDT, 'BUY', 100);
    await lose(() => place(BTCUSDT, 'BUY', 101));
    await place(BTCUSDT, 'BUY', 102);
    await until(() => books.seq === engine.matching.lastSeq);
    expect(heard.length).toBeGreaterThan(1);
    for (const [index, frame] of heard.entries()) {
      if (index > 0) expect(frame.firstSeq).toBe(heard[index - 1]!.lastSeq + 1);
    }
  });

  it('costs no trade, neither its own nor those of the frames around it', async () => {
    await place(BTCUSDT, 'BUY', 100);
    await place(BTCUSDT, 'BUY', 99);
    await delivered();
    await lose(() => place(BTCUSDT, 'SELL', 100, OTHER));
    await place(BTCUSDT, 'SELL', 99, OTHER);
    await until(() => books.seq === engine.matching.lastSeq);
    const told = heard.flatMap(({ records }) => records.map(({ message }) => message));
    const trades = told.filter((message) => message.type === 'trade');
    expect(trades.map(({ tradeId }) => tradeId)).toEqual([1, 2]);
  });
});

it('passes over a message that is no frame, and goes on', async () => {
  feed.publish(EVENTS_CHANNEL, Uint8Array.of(1, 2, 3));
  await place(BTCUSDT, 'BUY', 100);
  await until(() => bidPrices(BTCUSDT).length === 1);
});
