/** Placing an order. */
import { formatDecimal } from '#domain/money.ts';
import { isZero, readable, shown, trimmed } from '../amounts.ts';
import { busyWhile, byId, element, setText } from '../dom.ts';
import type { Depth } from '../exchange/market-stream.ts';
import type { Market } from '../exchange/markets.ts';
import type { Balance, OrderRequest, PlacedOrder } from '../exchange/own-orders.ts';
import type { Answer } from '../exchange/request.ts';
import {
  costOf,
  costText,
  type OrderType,
  readPrice,
  readQuantity,
  type Side,
  shareOf,
  unitsOf,
  worthFault,
} from '../order-terms.ts';

export interface OrderFormActions {
  readonly isLoggedIn: () => boolean;
  readonly logIn: () => void;
  readonly place: (order: OrderRequest) => Promise<Answer<PlacedOrder>>;
}

export class OrderForm {
  readonly #actions: OrderFormActions;
  readonly #form = byId('order', HTMLFormElement);
  readonly #price = byId('price', HTMLInputElement);
  readonly #quantity = byId('quantity', HTMLInputElement);
  readonly #submit = byId('submit', HTMLButtonElement);
  #market: Market | undefined;
  #best: { readonly bid: string | undefined; readonly ask: string | undefined } = {
    bid: undefined,
    ask: undefined,
  };
  #balances: readonly Balance[] | undefined;

  constructor(actions: OrderFormActions) {
    this.#actions = actions;
    this.#form.addEventListener('input', () => this.#changed());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void busyWhile(this.#submit, () => this.#send());
    });
    byId('take-bid', HTMLButtonElement).addEventListener('click', () => this.takePrice(this.#best.bid));
    byId('take-ask', HTMLButtonElement).addEventListener('click', () => this.takePrice(this.#best.ask));
    for (const button of byId('shares', HTMLElement).querySelectorAll('button'))
      button.addEventListener('click', () => this.#takeShare(BigInt(button.value)));
  }

  /** What was typed belongs to the market before. */
  choose(market: Market): void {
    this.#market = market;
    this.#best = { bid: undefined, ask: undefined };
    this.#price.value = '';
    this.#quantity.value = '';
    setText(byId('order-outcome', HTMLElement), '');
    this.#changed();
  }

  follow({ bids, asks }: Depth): void {
    this.#best = { bid: bids[0]?.[0], ask: asks[0]?.[0] };
    if (this.#type() === 'MARKET') this.#showTotal();
  }

  /** Undefined when they are not known. */
  setBalances(balances: readonly Balance[] | undefined): void {
    this.#balances = balances;
    this.#showAvailable();
    this.#nameSubmit();
  }

  takePrice(price: string | undefined): void {
    if (price === undefined || this.#market === undefined) return;
    // A market order has no price; whoever takes one means a limit.
    if (this.#type() === 'MARKET') byTypeName(this.#form, 'LIMIT').checked = true;
    this.#price.value = shown(price, this.#market.priceDecimals).replaceAll(',', '');
    this.#changed();
  }

  #side(): Side {
    return new FormData(this.#form).get('side') === 'SELL' ? 'SELL' : 'BUY';
  }

  #type(): OrderType {
    return new FormData(this.#form).get('type') as OrderType;
  }

  #changed(): void {
    const type = this.#type();
    for (const field of this.#form.querySelectorAll<HTMLElement>('[data-for]'))
      field.hidden = !field.dataset.for!.split(' ').includes(type);
    for (const input of [this.#price, this.#quantity]) setFault(input, '');
    this.#form.dataset.side = this.#side();
    this.#showAvailable();
    this.#showTotal();
    this.#nameSubmit();
  }

  #nameSubmit(): void {
    const [market, side] = [this.#market, this.#side()];
    const verb = side === 'BUY' ? 'Buy' : 'Sell';
    setText(
      this.#submit,
      this.#actions.isLoggedIn() ? `${verb} ${market?.base.name ?? ''}` : 'Log in to trade',
    );
  }

  /** Of what this side pays with; undefined when it is not known. */
  #free(): string | undefined {
    const { base, quote } = this.#market!;
    const asset = this.#side() === 'BUY' ? quote : base;
    if (this.#balances === undefined) return undefined;
    return this.#balances.find((balance) => balance.asset === asset.name)?.available ?? '0';
  }

  #showAvailable(): void {
    const market = this.#market;
    if (market === undefined) return;
    const free = this.#free();
    const asset = this.#side() === 'BUY' ? market.quote : market.base;
    setText(
      byId('available', HTMLOutputElement),
      free === undefined ? '–' : `${readable(free)} ${asset.name}`,
    );
    for (const button of byId('shares', HTMLElement).querySelectorAll('button'))
      button.disabled = free === undefined || isZero(free);
  }

  /** What it will be worth at least, or roughly: a market order is worth what the book gives. */
  #showTotal(): void {
    const market = this.#market;
    if (market === undefined) return;
    const quantity = readQuantity(this.#quantity.value, this.#type(), market);
    const price = this.#priceUnits();
    const isKnown = 'units' in quantity && price !== undefined;
    const about = this.#type() === 'MARKET' ? '≈ ' : '';
    setText(
      byId('total', HTMLOutputElement),
      isKnown ? about + costText(costOf(price, quantity.units, market), market) : '–',
    );
  }

  /** The limit, or the best price of the other side. */
  #priceUnits(): bigint | undefined {
    const market = this.#market!;
    if (this.#type() !== 'MARKET') {
      const reading = readPrice(this.#price.value, market);
      return 'units' in reading ? reading.units : undefined;
    }
    const best = this.#side() === 'BUY' ? this.#best.ask : this.#best.bid;
    return best === undefined ? undefined : unitsOf(best, market.quote.scale);
  }

  #takeShare(percent: bigint): void {
    const [market, free] = [this.#market, this.#free()];
    if (market === undefined || free === undefined) return;
    const price = this.#priceUnits();
    if (this.#side() === 'BUY' && price === undefined) {
      this.#refuse(this.#price, 'Put a price first.');
      return;
    }
    this.#quantity.value = shareOf(percent, free, this.#side(), price ?? 0n, market);
    this.#changed();
  }

  /** The order as it was typed, or undefined after saying what is wrong with it. */
  #read(market: Market): OrderRequest | undefined {
    const [type, side] = [this.#type(), this.#side()];
    const quantity = readQuantity(this.#quantity.value, type, market);
    const price = type === 'MARKET' ? undefined : readPrice(this.#price.value, market);
    if (price !== undefined && 'fault' in price) return this.#refuse(this.#price, price.fault);
    if ('fault' in quantity) return this.#refuse(this.#quantity, quantity.fault);
    const { symbol, base, quote } = market;
    const order = { symbol, side, type, quantity: formatDecimal(quantity.units, base.scale) };
    if (price === undefined) return order;
    const fault = worthFault(costOf(price.units, quantity.units, market), market);
    if (fault !== undefined) return this.#refuse(this.#quantity, fault);
    const timeInForce = byId('time-in-force', HTMLSelectElement).value;
    return {
      ...order,
      price: formatDecimal(price.units, quote.scale),
      ...(type === 'LIMIT' ? { timeInForce } : {}),
    };
  }

  #refuse(input: HTMLInputElement, fault: string): undefined {
    setFault(input, fault);
    input.focus();
  }

  async #send(): Promise<void> {
    const market = this.#market;
    if (market === undefined) return;
    if (!this.#actions.isLoggedIn()) return this.#actions.logIn();
    const order = this.#read(market);
    if (order === undefined) return;
    this.#tell('Sending …', '');
    const answer = await this.#actions.place(order);
    if (answer.ok) {
      this.#quantity.value = '';
      this.#changed();
      return this.#tell(outcomeText(order, answer.value, market), 'good');
    }
    this.#tell(failureText(answer.failure.kind, answer.failure.message), 'bad');
  }

  #tell(text: string, tone: 'good' | 'bad' | ''): void {
    const line = byId('order-outcome', HTMLElement);
    line.dataset.tone = tone;
    line.replaceChildren(element('span', {}, text));
  }
}

function byTypeName(form: HTMLFormElement, type: OrderType): HTMLInputElement {
  return form.querySelector<HTMLInputElement>(`input[name=type][value=${type}]`)!;
}

function setFault(input: HTMLInputElement, fault: string): void {
  input.ariaInvalid = fault === '' ? null : 'true';
  setText(byId(`${input.id}-fault`, HTMLElement), fault);
}

function outcomeText({ side, quantity }: OrderRequest, placed: PlacedOrder, { base }: Market): string {
  const what = `${side === 'BUY' ? 'Buy' : 'Sell'} ${trimmed(quantity)} ${base.name}`;
  const filled = placed.executedQty ?? '0';
  switch (placed.status) {
    case 'FILLED':
      return `${what}: filled.`;
    case 'EXPIRED':
      return `${what}: ${trimmed(filled)} filled, the rest found no price.`;
    default:
      return isZero(filled)
        ? `${what}: in the book.`
        : `${what}: ${trimmed(filled)} filled, the rest is in the book.`;
  }
}

/** An order without an answer may exist: sending it again could double it. */
function failureText(kind: string, message: string): string {
  if (kind === 'absent')
    return 'This exchange takes no orders from this page yet. Bots with an API key can place them.';
  if (kind === 'unreachable')
    return 'No answer came, and the order may have been taken: look at your open orders before you send it again.';
  return message;
}
