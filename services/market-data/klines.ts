/** `GET /api/v3/klines` and `/uiKlines`: candles of any interval, oldest first; one without trades stays at the last close. */
import { type Candle, flatCandle, tradesIn } from '#domain/candles.ts';
import type { TimeUs } from '#domain/ids.ts';
import { type Interval, intervalOf } from '#domain/intervals.ts';
import { formatDecimal } from '#domain/money.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { readZoneUs } from './time-zone.ts';
import type { UseCase } from './use-case.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

export const klines: UseCase = async ({ klines: history, listings }, request) => {
  const { parameters } = request;
  const market = listings.marketOf(parameters.symbol());
  const intervalName = parameters.mandatoryText('interval');
  const zoneUs = readZoneUs(parameters);
  if (intervalOf(intervalName, zoneUs) === undefined) throw apiErrors.invalidInterval();
  const start = parameters.timeUs('startTime');
  const end = parameters.endTimeUs('endTime');
  const limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);
  parameters.end();

  const traded = await history.of(market, intervalName, zoneUs);
  if (traded === undefined) return { json: [] };
  const { interval, firstOpen } = traded;
  // Before the first trade ever there is nothing to show.
  const from = start === undefined ? undefined : (Math.max(start, firstOpen) as TimeUs);
  const opens = opensBetween(interval, from, end, limit);
  if (opens.length === 0) return { json: [] };
  const candles = await traded.between(opens[0]!, interval.after(opens.at(-1)!, 1));
  const filled = fillGaps(opens, candles.byOpen, candles.closeBefore);
  return { json: filled.map((candle) => klineView(market, interval, candle, request)) };
};

/** When the wanted intervals begin: the first `limit` from `start` on, or the last up to `end`. */
function opensBetween(
  interval: Interval,
  start: TimeUs | undefined,
  end: TimeUs | undefined,
  limit: number,
): TimeUs[] {
  const last = interval.openOf(Math.min(end ?? Number.MAX_SAFE_INTEGER, Date.now() * 1_000));
  const opens: TimeUs[] = [];
  if (start === undefined) {
    for (let back = limit - 1; back >= 0; back--) opens.push(interval.after(last, -back));
    return opens;
  }
  const opened = interval.openOf(start);
  let open = opened === start ? opened : interval.after(opened, 1);
  for (; open <= last && opens.length < limit; open = interval.after(open, 1)) opens.push(open);
  return opens;
}

/** Every interval's candle; none before the first trade ever. */
function fillGaps(
  opens: readonly TimeUs[],
  byOpen: ReadonlyMap<TimeUs, Candle>,
  closeBefore: number | undefined,
): Candle[] {
  const filled: Candle[] = [];
  let close = closeBefore;
  for (const open of opens) {
    const candle = byOpen.get(open);
    if (candle !== undefined) filled.push(candle);
    else if (close !== undefined) filled.push(flatCandle(open, close));
    close = candle?.close ?? close;
  }
  return filled;
}

function klineView({ base, quote }: Market, interval: Interval, candle: Candle, { time }: ApiRequest) {
  const price = (units: number) => formatDecimal(units, quote.scale);
  return [
    time(candle.openedAt),
    price(candle.open),
    price(candle.high),
    price(candle.low),
    price(candle.close),
    formatDecimal(candle.baseVolume, base.scale),
    time((interval.after(candle.openedAt, 1) - 1) as TimeUs),
    formatDecimal(candle.quoteVolume, quote.scale),
    tradesIn(candle),
    formatDecimal(candle.takerBuyBase, base.scale),
    formatDecimal(candle.takerBuyQuote, quote.scale),
    '0',
  ];
}
