/** What becomes of clients that do not read: over real sockets, without a market behind them. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import type { EventOf } from '#domain/events.ts';
import type { MarketId, Price, Units } from '#domain/ids.ts';
import type { Listings, Market } from '#platform/spot-api/listings.ts';
import type { Book } from '#services/market-data/book.ts';
import type { Books } from '#services/market-data/books.ts';
import { Broadcast } from '#services/market-data/streams/broadcast.ts';
import { Datum, StateDatum } from '#services/market-data/streams/datum.ts';
import { DepthStreams } from '#services/market-data/streams/depth-streams.ts';
import type { Subject } from '#services/market-data/streams/names.ts';
import { StreamSocket } from '#services/market-data/streams/socket.ts';
import { textFrame } from '#services/market-data/streams/text-frame.ts';
import type { UserDataListener } from '#services/market-data/streams/user-data.ts';
import { until } from '#test/support/until.ts';

const MARKET = {
  id: 0 as MarketId,
  symbol: 'BTCUSDT',
  base: { scale: 8 },
  quote: { scale: 6 },
} as Market;
const listings = { markets: [MARKET], market: () => MARKET } as unknown as Listings;
const TRADE: Subject = { kind: 'trade', market: MARKET.id, intervalMs: 0 };
const TICKER: Subject = { kind: 'miniTicker', market: MARKET.id, intervalMs: 1_000 };

let server: Server;
let broadcast: Broadcast;
/** Of what the client hears of its account. */
let account: UserDataListener;
let client: WebSocket;
let messages: Record<string, unknown>[];
/** Bytes that wait in the server for the client to read. */
let unread: () => number;

beforeEach(async () => {
  broadcast = new Broadcast();
  const webSockets = new WebSocketServer({ noServer: true });
  server = createServer().on('upgrade', (request, connection, head) => {
    webSockets.handleUpgrade(request, connection, head, (socket) => {
      const names = ['btcusdt@trade', 'btcusdt@miniTicker', 'btcusdt@depth@100ms'];
      const form = { combined: false, micros: false };
      const listen = (listener: UserDataListener) => {
        account = listener;
      };
      const userData = [{ listenKey: 'U0', listen, close: () => {} }];
      const follow = async () => assert.fail('no client of this test asks for more');
      new StreamSocket({ socket, connection, broadcast, listings, names, userData, follow, form });
      unread = () => connection.writableLength;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  messages = [];
  client.on('message', (data) => messages.push(JSON.parse(String(data))));
  await new Promise((resolve) => client.once('open', resolve));
});

afterEach(() => {
  client.terminate();
  server.close();
});

const turn = () => new Promise(setImmediate);

/** Sends what cannot be put together until TCP pushes back. */
async function fillUp(): Promise<void> {
  client.pause();
  const padding = 'x'.repeat(50_000);
  while (unread() < 128 * 1024) {
    broadcast.send(TRADE, new Datum(() => ({ padding })));
    await turn();
  }
}

describe('a client that stopped reading', () => {
  it.each([
    ['of trades', (padding: string) => broadcast.send(TRADE, new Datum(() => ({ padding })))],
    ['of its account', (padding: string) => account.onEvent(JSON.stringify({ padding }))],
  ])('%s is cut off at a bounded size, and told why', async (_, tell) => {
    await fillUp();
    const closed = new Promise<[number, string]>((resolve) => {
      client.once('close', (code, reason) => resolve([code, String(reason)]));
    });
    for (let count = 0; count < 200; count++) {
      tell('x'.repeat(50_000));
      await turn();
    }
    expect(unread()).toBeLessThan(1024 * 1024 + 3 * 50_000);
    client.resume();
    expect(await closed).toEqual([1008, 'over 1048576 bytes are unread: read faster, or ask for less']);
  });

  it('gets the newest state when it reads again, and not the ones before', async () => {
    await fillUp();
    const before = unread();
    for (let value = 1; value <= 10_000; value++) broadcast.send(TICKER, new StateDatum(() => ({ value })));
    await turn();
    expect(unread()).toBe(before);
    client.resume();
    await until(() => messages.some(({ value }) => value !== undefined));
    broadcast.send(TICKER, new StateDatum(() => ({ value: 10_001 })));
    await until(() => messages.at(-1)?.value === 10_001);
    expect(messages.filter(({ value }) => value !== undefined).map(({ value }) => value)).toEqual([
      10_000, 10_001,
    ]);
  });

  it('gets the differences of a book as one that continues the last', async () => {
    const level = (price: number, quantity: number): EventOf<'level'> => ({
      type: 'level',
      market: MARKET.id,
      side: 'BUY',
      price: (price * 1_000_000) as Price,
      quantity: quantity as Units,
    });
    const emptyBook = { bids: () => [], asks: () => [] } as unknown as Book;
    const books = { seq: 0, of: () => emptyBook, seqOf: () => 0 } as unknown as Books;
    const streams = new DepthStreams(books, listings, broadcast);
    const change = (seq: number) => {
      const message = level(100 + (seq % 10), seq);
      streams.take({ firstSeq: seq, lastSeq: seq, records: [{ id: seq, timeUs: 0, message }] });
      streams.tick(100, 0);
    };
    change(1);
    await until(() => messages.length === 1);
    await fillUp();
    const before = unread();
    for (let seq = 2; seq <= 5_001; seq++) change(seq);
    await turn();
    expect(unread()).toBe(before);
    client.resume();
    const differences = () => messages.filter(({ e }) => e === 'depthUpdate');
    await until(() => differences().length === 2);
    change(5_002);
    await until(() => differences().length === 3);
    expect(differences().map(({ U, u }) => [U, u])).toEqual([
      [1, 1],
      [2, 5_001],
      [5_002, 5_002],
    ]);
    const quantities = Object.fromEntries(differences()[1]!.b as [string, string][]);
    expect(quantities['101.000000']).toBe('0.00005001');
    expect(Object.keys(quantities)).toHaveLength(10);
  });
});

it.each([0, 125, 126, 65_535, 65_536, 200_000])(
  'a text of %i bytes arrives as it was sent',
  async (length) => {
    const text = JSON.stringify({ text: '¥'.repeat(length >> 1) });
    broadcast.send(TICKER, new StateDatum(() => JSON.parse(text)));
    await until(() => messages.length === 1);
    expect(JSON.stringify(messages[0])).toBe(text);
  },
);

it('frames a text with the shortest length that says it', () => {
  for (const [length, header] of [
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ] as const)
    expect(textFrame('x'.repeat(length))).toHaveLength(length + header);
});
