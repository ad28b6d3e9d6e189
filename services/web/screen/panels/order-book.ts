/** The book: the best levels of each side, and how much there is up to each. */
import { formatDecimal } from '#domain/money.ts';
import { shown } from '../amounts.ts';
import { byId, element, setText, within } from '../dom.ts';
import type { Depth, Level } from '../exchange/market-stream.ts';
import type { Market } from '../exchange/markets.ts';
import { unitsOf } from '../order-terms.ts';

/** As many as the stream tells. */
const LEVELS = 20;

interface Row {
  readonly item: HTMLLIElement;
  readonly cells: readonly [HTMLElement, HTMLElement, HTMLElement];
  price: string;
}

export class OrderBook {
  readonly #asks: readonly Row[];
  readonly #bids: readonly Row[];

  /** `take` gets the price of a level that somebody points at; by keyboard, the form has the best of each side. */
  constructor(take: (price: string) => void) {
    this.#bids = rowsIn('bids', take);
    // The cheapest stands last, next to the dearest bid.
    this.#asks = rowsIn('asks', take).toReversed();
  }

  show({ bids, asks }: Depth, market: Market): void {
    const [bought, asked] = [sumOf(bids, market), sumOf(asks, market)];
    // biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
    const most = bought > asked ? bought : asked;
    showSide(this.#bids, bids, market, most);
    showSide(this.#asks, asks, market, most);
    const spread = within(byId('spread', HTMLElement), 'span', HTMLSpanElement);
    setText(spread, spreadText(bids[0], asks[0], market));
  }

  clear(): void {
    for (const { item } of [...this.#bids, ...this.#asks]) item.hidden = true;
  }
}

function rowsIn(id: string, take: (price: string) => void): Row[] {
  const list = byId(id, HTMLOListElement);
  return Array.from({ length: LEVELS }, () => {
    const cells = [element('span'), element('span'), element('span')] as const;
    const row: Row = { item: element('li', { hidden: true }, ...cells), cells, price: '' };
    row.item.addEventListener('click', () => take(row.price));
    list.append(row.item);
    return row;
  });
}

function showSide(rows: readonly Row[], levels: readonly Level[], market: Market, most: bigint): void {
  let sum = 0n;
  for (const [index, row] of rows.entries()) {
    const level = levels[index];
    row.item.hidden = level === undefined;
    if (level === undefined) continue;
    const [price, quantity] = level;
    sum += unitsOf(quantity, market.base.scale);
    row.price = price;
    const texts = [
      shown(price, market.priceDecimals),
      shown(quantity, market.quantityDecimals),
      shown(formatDecimal(sum, market.base.scale), market.quantityDecimals),
    ] as const;
    for (const [at, cell] of row.cells.entries()) setText(cell, texts[at]!);
    // A width, not an amount: whole percents.
    row.item.style.setProperty('--share', `${(sum * 100n) / most}%`);
  }
}

function sumOf(levels: readonly Level[], { base }: Market): bigint {
  return levels.reduce((sum, [, quantity]) => sum + unitsOf(quantity, base.scale), 0n);
}

function spreadText(
  bid: Level | undefined,
  ask: Level | undefined,
  { quote, priceDecimals }: Market,
): string {
  if (bid === undefined || ask === undefined) return 'one side is empty';
  const spread = unitsOf(ask[0], quote.scale) - unitsOf(bid[0], quote.scale);
  return `spread ${shown(formatDecimal(spread, quote.scale), priceDecimals)}`;
}
