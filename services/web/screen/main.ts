/** The trading screen: one market at a time, live, and what the person logged in has there. */
import { byId, nameAssets, setText, within } from './dom.ts';
import { MarketStream } from './exchange/market-stream.ts';
import { type Day, fetchDays, fetchMarkets, type Market } from './exchange/markets.ts';
import { type OpenOrder, OwnOrders } from './exchange/own-orders.ts';
import { Session } from './exchange/session.ts';
import { fetchTrades, type Trade } from './exchange/trades.ts';
import { unitsOf } from './order-terms.ts';
import { Chart } from './panels/chart.ts';
import { showConnection } from './panels/connection.ts';
import { MarketList, showDay, showLastPrice } from './panels/market-list.ts';
import { notify } from './panels/notice.ts';
import { OrderBook } from './panels/order-book.ts';
import { OrderForm } from './panels/order-form.ts';
import { clearOwn, showBalances, showOpenOrders, showOwnTrades } from './panels/own-tables.ts';
import { followMailLink, offerLogIn, openLogIn } from './panels/people.ts';
import { makeTabs } from './panels/tabs.ts';
import { Tape } from './panels/tape.ts';
import { offerThemes } from './panels/theme.ts';

const DAYS_EVERY_MS = 3_000;
const OWN_EVERY_MS = 4_000;
const MARKETS_AGAIN_AFTER_MS = 3_000;

const session = new Session();
const own = new OwnOrders(session);
const chart = new Chart();
const tape = new Tape();
const form = new OrderForm({
  isLoggedIn: () => session.person.value !== undefined,
  logIn: openLogIn,
  place: async (order) => {
    const answer = await own.place(order);
    void showOwn();
    return answer;
  },
});
const book = new OrderBook((price) => form.takePrice(price));
let chosen: Market;
let lastTrade: Trade | undefined;

const stream = new MarketStream({
  connected: () => void catchUp(chosen),
  depth: (depth) => {
    book.show(depth, chosen);
    form.follow(depth);
  },
  trade: (trade) => {
    chart.add(trade);
    takeTrades([trade], chosen);
  },
});

/** What happened before the stream began. */
async function catchUp(market: Market): Promise<void> {
  const [answer] = await Promise.all([fetchTrades(market.symbol), chart.load(market)]);
  if (answer.ok && market === chosen) takeTrades(answer.value, market);
}

function takeTrades(trades: readonly Trade[], market: Market): void {
  const newest = tape.add(trades, market);
  if (newest === undefined || newest.id === lastTrade?.id) return;
  showLastPrice(market, newest.price, wentFrom(lastTrade, newest, market));
  lastTrade = newest;
}

function wentFrom(before: Trade | undefined, { price }: Trade, { quote }: Market): 'up' | 'down' | '' {
  if (before === undefined) return '';
  const change = unitsOf(price, quote.scale) - unitsOf(before.price, quote.scale);
  if (change === 0n) return '';
  return change > 0n ? 'up' : 'down';
}

async function showOwn(): Promise<void> {
  const market = chosen;
  if (session.person.value === undefined) return;
  const [balances, orders, trades] = await Promise.all([
    own.balances(),
    own.open(market.symbol),
    own.trades(market.symbol),
  ]);
  if (session.person.value === undefined || market !== chosen) return;
  showBalances(balances);
  form.setBalances(balances.ok ? balances.value : undefined);
  showOpenOrders(orders, market, cancel);
  showOwnTrades(trades, market);
}

async function cancel(order: OpenOrder): Promise<void> {
  const answer = await own.cancel(order);
  if (!answer.ok) notify(`The order is not cancelled: ${answer.failure.message}`);
  await showOwn();
}

/** Waits for the exchange, should it not be there yet. */
async function marketsOnceThere(): Promise<readonly Market[]> {
  for (;;) {
    const answer = await fetchMarkets();
    if (answer.ok && answer.value.length > 0) return answer.value;
    setText(
      within(byId('connection', HTMLElement), '[role=status]', HTMLSpanElement),
      'Waiting for the exchange …',
    );
    await new Promise((resume) => setTimeout(resume, MARKETS_AGAIN_AFTER_MS));
  }
}

function start(markets: readonly Market[]): void {
  const ofPath = () => markets.find(({ symbol }) => location.pathname === `/trade/${symbol}`);
  const list = new MarketList(markets, (market) => {
    history.pushState(null, '', `/trade/${market.symbol}`);
    choose(market);
  });
  const choose = (market: Market) => {
    chosen = market;
    lastTrade = undefined;
    list.choose(market);
    setText(byId('market-name', HTMLElement), market.name);
    nameAssets(market.base.name, market.quote.name);
    book.clear();
    tape.clear();
    form.choose(market);
    stream.follow(market.symbol);
    const day = days.find(({ symbol }) => symbol === market.symbol);
    if (day !== undefined) showDay(market, day);
    void showOwn();
  };
  let days: readonly Day[] = [];
  const showDays = async () => {
    const answer = await fetchDays(markets);
    if (!answer.ok) return;
    days = answer.value;
    for (const day of days) {
      const market = markets.find(({ symbol }) => symbol === day.symbol)!;
      list.show(market, day);
      if (market === chosen) showDay(market, day);
    }
  };
  addEventListener('popstate', () => choose(ofPath() ?? markets[0]!));
  choose(ofPath() ?? markets[0]!);
  showConnection(stream);
  every(DAYS_EVERY_MS, showDays);
  every(OWN_EVERY_MS, showOwn);
}

/** At once and again and again, one at a time, while somebody may be looking. */
function every(pauseMs: number, run: () => Promise<void>): void {
  const turn = async () => {
    if (!document.hidden) await run();
    setTimeout(turn, pauseMs);
  };
  void turn();
}

makeTabs(['orders-tab', 'fills-tab']);
offerThemes(() => chart.paint());
offerLogIn(session);
start(await marketsOnceThere());
session.person.watch((person) => {
  if (person === undefined) clearOwn();
  form.setBalances(undefined);
  void showOwn();
});
await session.resume();
await followMailLink(session);
