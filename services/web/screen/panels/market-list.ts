/** The list of markets, with their last prices; and the chosen one's day. */
import { direction, shown, signedPercent } from '../amounts.ts';
import { byId, element, setText, within } from '../dom.ts';
import type { Day, Market } from '../exchange/markets.ts';

export class MarketList {
  readonly #rows = new Map<string, { readonly item: HTMLLIElement; readonly link: HTMLAnchorElement }>();

  constructor(markets: readonly Market[], choose: (market: Market) => void) {
    for (const market of markets) {
      const link = element(
        'a',
        { href: `/trade/${market.symbol}` },
        element('span', { className: 'name' }, market.name),
        element('span', { className: 'last' }, '–'),
        element('span', { className: 'change' }, market.isTrading ? '–' : 'halted'),
      );
      link.addEventListener('click', (event) => {
        // A new tab or window is the browser's to open.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        choose(market);
      });
      this.#rows.set(market.symbol, { item: element('li', {}, link), link });
    }
    byId('markets', HTMLUListElement).replaceChildren(...[...this.#rows.values()].map(({ item }) => item));
    const search = byId('market-search', HTMLInputElement);
    search.addEventListener('input', () => this.#find(markets, search.value));
  }

  choose({ symbol }: Market): void {
    for (const [name, { link }] of this.#rows)
      if (name === symbol) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
  }

  show({ symbol, isTrading, priceDecimals }: Market, { lastPrice, priceChangePercent }: Day): void {
    const { link } = this.#rows.get(symbol)!;
    setText(within(link, '.last', HTMLSpanElement), shown(lastPrice, priceDecimals));
    const change = within(link, '.change', HTMLSpanElement);
    change.className = `change ${direction(priceChangePercent)}`;
    setText(change, isTrading ? signedPercent(priceChangePercent) : 'halted');
  }

  #find(markets: readonly Market[], text: string): void {
    const wanted = text.replaceAll(/[^a-z0-9]/gi, '').toUpperCase();
    for (const { symbol } of markets) this.#rows.get(symbol)!.item.hidden = !symbol.includes(wanted);
  }
}

/** The last 24 hours of the chosen market. */
export function showDay({ priceDecimals, base, quote }: Market, day: Day): void {
  const cell = (name: string) => within(byId('day', HTMLDListElement), `[data-day=${name}]`, HTMLElement);
  cell('change').className = direction(day.priceChangePercent);
  setText(cell('change'), signedPercent(day.priceChangePercent));
  setText(cell('high'), shown(day.highPrice, priceDecimals));
  setText(cell('low'), shown(day.lowPrice, priceDecimals));
  setText(cell('volume'), `${shown(day.volume, 2)} ${base.name}`);
  setText(cell('turnover'), `${shown(day.quoteVolume, 2)} ${quote.name}`);
}

/** The price of the last trade, in the colour of where it went. */
export function showLastPrice(
  { name, priceDecimals }: Market,
  price: string,
  went: 'up' | 'down' | '',
): void {
  const text = shown(price, priceDecimals);
  const places = [
    byId('last-price', HTMLElement),
    within(byId('spread', HTMLElement), 'strong', HTMLElement),
  ];
  for (const place of places) {
    setText(place, text);
    if (went !== '') place.dataset.went = went;
  }
  document.title = `${text} ${name} · Crossbook`;
}
