/** Candles and volumes. The chart counts in whole units, so that what stands at its axis is exact. */
import {
  CandlestickSeries,
  ColorType,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { formatDecimal } from '#domain/money.ts';
import { dayAndTime, shown, timeOfDay, trimmed } from '../amounts.ts';
import { byId, element, setText } from '../dom.ts';
import { afterTrade, type Candle, fetchCandles, INTERVALS_MS } from '../exchange/candles.ts';
import type { Market } from '../exchange/markets.ts';
import type { Trade } from '../exchange/trades.ts';
import { unitsOf } from '../order-terms.ts';

const CANDLES = 500;
/** Trades move the last candle at once; how much was traded is asked for. */
const REFRESH_MS = 2_000;
/** How many candles are in view at first, fewer while there are few, and room to the right of them. */
const VISIBLE = { most: 90, least: 24, ahead: 3 };

export class Chart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #volumes: ISeriesApi<'Histogram'>;
  /** By the time it begins, in seconds, as the chart names it. */
  #shown = new Map<Time, Candle>();
  #last: Candle | undefined;
  #market: Market | undefined;
  #interval = '1m';

  constructor() {
    this.#chart = createChart(byId('chart', HTMLElement), {
      autoSize: true,
      // Its logo comes with a style of its own, which the page's policy forbids; the page names the maker below.
      layout: { attributionLogo: false, fontSize: 11 },
      timeScale: { timeVisible: true, secondsVisible: false, tickMarkFormatter: tickMark },
      localization: { timeFormatter: (time: Time) => dayAndTime(Number(time) * 1_000) },
      rightPriceScale: { borderVisible: false },
      crosshair: { mode: 0 },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.#volumes = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.24 } });
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#chart.subscribeCrosshairMove(({ time }) =>
      this.#describe(time === undefined ? undefined : this.#shown.get(time)),
    );
    this.#offerIntervals();
    this.paint();
    setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  /** In the colours that the style sheet has now. */
  paint(): void {
    const style = getComputedStyle(byId('chart', HTMLElement));
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colour('panel') },
        textColor: colour('muted'),
        fontFamily: style.fontFamily,
      },
      grid: { vertLines: { color: colour('line') }, horzLines: { color: colour('line') } },
      timeScale: { borderColor: colour('line') },
    });
    const [up, down] = [colour('up'), colour('down')];
    this.#candles.applyOptions({ upColor: up, wickUpColor: up, downColor: down, wickDownColor: down });
    if (this.#shown.size > 0) this.#draw([...this.#shown.values()]);
  }

  /** Another market, or the same after a gap. */
  async load(market: Market): Promise<void> {
    const interval = this.#interval;
    if (this.#market !== market) this.#draw([]);
    this.#market = market;
    const { quote, priceDecimals, tick } = market;
    const formatter = (units: number) => shown(formatDecimal(Math.round(units), quote.scale), priceDecimals);
    const minMove = Number(unitsOf(tick, quote.scale));
    this.#candles.applyOptions({ priceFormat: { type: 'custom', formatter, minMove } });
    const answer = await fetchCandles(market, interval, CANDLES);
    if (!answer.ok || this.#market !== market || this.#interval !== interval) return;
    this.#draw(answer.value);
    const there = answer.value.length;
    const inView = Math.min(VISIBLE.most, Math.max(VISIBLE.least, there));
    this.#chart.timeScale().setVisibleLogicalRange({ from: there - inView, to: there + VISIBLE.ahead });
  }

  add(trade: Trade): void {
    if (this.#last === undefined || this.#market === undefined) return;
    const changed = afterTrade(this.#last, trade, INTERVALS_MS[this.#interval]!, this.#market);
    if (changed !== undefined) this.#update(changed);
  }

  async #refresh(): Promise<void> {
    const [market, interval] = [this.#market, this.#interval];
    if (market === undefined || document.hidden) return;
    const answer = await fetchCandles(market, interval, 2);
    if (!answer.ok || this.#market !== market || this.#interval !== interval) return;
    if (this.#last === undefined) this.#draw(answer.value);
    for (const candle of answer.value) {
      const known = this.#shown.get(timeOf(candle));
      // What trades have told of it is newer than the answer; only how much was traded is not known from them.
      if (known !== undefined) this.#update({ ...known, volume: candle.volume });
      else if (candle.openMs > (this.#last?.openMs ?? 0)) this.#update(candle);
    }
  }

  #draw(candles: readonly Candle[]): void {
    this.#shown = new Map(candles.map((candle) => [timeOf(candle), candle]));
    this.#last = candles.at(-1);
    this.#candles.setData(candles.map((candle) => ({ ...candle, time: timeOf(candle) })));
    this.#volumes.setData(candles.map((candle) => this.#volumeOf(candle)));
    this.#describe(this.#last);
  }

  #update(candle: Candle): void {
    const isLast = candle.openMs >= (this.#last?.openMs ?? 0);
    this.#shown.set(timeOf(candle), candle);
    this.#candles.update({ ...candle, time: timeOf(candle) }, !isLast);
    this.#volumes.update(this.#volumeOf(candle), !isLast);
    if (!isLast) return;
    this.#last = candle;
    this.#describe(candle);
  }

  /** A height, not an amount: here a float will do. */
  #volumeOf(candle: Candle) {
    const style = getComputedStyle(byId('chart', HTMLElement));
    const name = candle.close < candle.open ? '--down-faint' : '--up-faint';
    return { time: timeOf(candle), value: Number(candle.volume), color: style.getPropertyValue(name).trim() };
  }

  #describe(candle: Candle | undefined): void {
    const at = candle ?? this.#last;
    const market = this.#market;
    const line = byId('candle', HTMLElement);
    if (at === undefined || market === undefined) {
      setText(line, '');
      return;
    }
    const price = (units: number) => shown(formatDecimal(units, market.quote.scale), market.priceDecimals);
    setText(
      line,
      `O ${price(at.open)}  H ${price(at.high)}  L ${price(at.low)}  C ${price(at.close)}  V ${trimmed(at.volume)}`,
    );
  }

  #offerIntervals(): void {
    const choices = Object.keys(INTERVALS_MS).map((name) => {
      const input = element('input', { type: 'radio', name: 'interval', value: name });
      input.checked = name === this.#interval;
      input.addEventListener('change', () => {
        this.#interval = name;
        this.#draw([]);
        if (this.#market !== undefined) void this.load(this.#market);
      });
      return element('label', {}, input, element('span', {}, name));
    });
    byId('intervals', HTMLElement).append(...choices);
  }
}

function timeOf({ openMs }: Candle): UTCTimestamp {
  return (openMs / 1_000) as UTCTimestamp;
}

/** On this machine's clock: the library's own marks are of UTC. `type` is a TickMarkType: below 3, a day begins. */
function tickMark(time: Time, type: number): string {
  const timeMs = Number(time) * 1_000;
  return type < 3 ? dayAndTime(timeMs).slice(0, 6) : timeOfDay(timeMs).slice(0, 5);
}
