/** `GET /api/v3/ticker/24hr`, `/price` and `/bookTicker`. */
import type { TimeUs } from '#domain/ids.ts';
import { DAY_US } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import type { Book } from './book.ts';
import type { Day, LastTrade } from './history.ts';
import { present, readSelection } from './symbol-selection.ts';
import type { UseCase } from './use-case.ts';

/** Decimals of a price change in percent. */
const PERCENT_SCALE = 3;

/** 2 for one symbol, 4 for several or all. */
export function tickerWeight(parameters: Parameters): number {
  return parameters.has('symbol') ? 2 : 4;
}

/** 2 up to 20 symbols, 40 up to 100, 80 for more or all. */
export function dayTickerWeight(parameters: Parameters): number {
  if (parameters.has('symbol')) return 2;
  const count = parameters.symbols()?.length ?? Number.POSITIVE_INFINITY;
  if (count <= 20) return 2;
  return count <= 100 ? 40 : 80;
}

export const priceTicker: UseCase = async ({ history, listings }, { parameters }) => {
  const selection = readSelection(parameters, listings);
  parameters.end();
  await history.refresh();
  const view = (market: Market) => ({
    symbol: market.symbol,
    price: formatDecimal(history.lastTrade(market.id)?.price ?? 0, market.quote.scale),
  });
  return { json: present(selection, view) };
};

export const bookTicker: UseCase = ({ books, listings }, { parameters }) => {
  const selection = readSelection(parameters, listings);
  parameters.end();
  const view = (market: Market) => ({ symbol: market.symbol, ...bestOf(market, books.of(market.id)) });
  return { json: present(selection, view) };
};

export const dayTicker: UseCase = async ({ books, history, listings }, { parameters, time }) => {
  const type = parameters.oneOf('type', ['FULL', 'MINI'], apiErrors.invalidTickerType) ?? 'FULL';
  const selection = readSelection(parameters, listings);
  parameters.end();
  await history.refresh();
  const nowUs = (Date.now() * 1_000) as TimeUs;
  const view = (market: Market) => {
    const day = history.day(market.id);
    const last = history.lastTrade(market.id);
    const mini = {
      ...rangeView(market, day, last),
      openTime: time((nowUs - DAY_US) as TimeUs),
      closeTime: time(nowUs),
      firstId: day?.firstTradeId ?? -1,
      lastId: day?.lastTradeId ?? -1,
      count: day === undefined ? 0 : day.lastTradeId - day.firstTradeId + 1,
    };
    if (type === 'MINI') return { symbol: market.symbol, ...mini };
    const best = bestOf(market, books.of(market.id));
    return { symbol: market.symbol, ...changeView(market, day, last), ...best, ...mini };
  };
  return { json: present(selection, view) };
};

/** A market without a trade in 24 hours stays at its last price. */
function rangeView({ base, quote }: Market, day: Day | undefined, last: LastTrade | undefined) {
  const price = (units: number | undefined) => formatDecimal(units ?? last?.price ?? 0, quote.scale);
  return {
    openPrice: price(day?.open),
    highPrice: price(day && Math.max(day.high, last?.price ?? 0)),
    lowPrice: price(day && Math.min(day.low, last?.price ?? day.low)),
    lastPrice: price(last?.price),
    volume: formatDecimal(day?.baseVolume ?? 0, base.scale),
    quoteVolume: formatDecimal(day?.quoteVolume ?? 0, quote.scale),
  };
}

/** All by integer division, which rounds towards zero. */
function changeView({ base, quote }: Market, day: Day | undefined, last: LastTrade | undefined) {
  const open = day?.open ?? last?.price ?? 0;
  const change = (last?.price ?? 0) - open;
  const percent = open === 0 ? 0n : (BigInt(change) * 100n * 10n ** BigInt(PERCENT_SCALE)) / BigInt(open);
  const average =
    day === undefined ? BigInt(open) : (day.quoteVolume * 10n ** BigInt(base.scale)) / day.baseVolume;
  return {
    priceChange: formatDecimal(change, quote.scale),
    priceChangePercent: formatDecimal(percent, PERCENT_SCALE),
    weightedAvgPrice: formatDecimal(average, quote.scale),
    prevClosePrice: formatDecimal(open, quote.scale),
    lastQty: formatDecimal(last?.quantity ?? 0, base.scale),
  };
}

/** The best bid and ask; zeros for a side that is empty. */
function bestOf({ base, quote }: Market, book: Book) {
  const [bidPrice, bidQty] = book.bids(1)[0] ?? [0, 0];
  const [askPrice, askQty] = book.asks(1)[0] ?? [0, 0];
  return {
    bidPrice: formatDecimal(bidPrice, quote.scale),
    bidQty: formatDecimal(bidQty, base.scale),
    askPrice: formatDecimal(askPrice, quote.scale),
    askQty: formatDecimal(askQty, base.scale),
  };
}
