import { charge, sum } from './money.ts';
import type { Price, PriceName } from './prices.ts';

/** One item of what an environment costs a month. */
export interface Line {
  readonly item: string;
  /** What the number comes from. */
  readonly basis: string;
  /** `fixed`: the configuration alone says it. `use`: it rests on the assumptions in `use.ts`. */
  readonly kind: 'fixed' | 'use';
  readonly microDollars: number;
  /** Whether a price is an estimate. */
  readonly isEstimate: boolean;
}

/** So many units at a price; `per` where the quantity counts parts of a unit, such as 1,024 of a vCPU. */
export type Charge = readonly [price: PriceName, quantity: number, per?: number];

/** `1,314`: a quantity for people. */
export function count(quantity: number): string {
  return quantity.toLocaleString('en-US');
}

/** The lines of one environment, at the prices of its region. */
export class Bill {
  readonly lines: Line[] = [];
  readonly #prices: Readonly<Record<PriceName, Price>>;

  constructor(prices: Readonly<Record<PriceName, Price>>) {
    this.#prices = prices;
  }

  fixed(item: string, basis: string, ...charges: readonly Charge[]): void {
    this.#add('fixed', item, basis, charges);
  }

  byUse(item: string, basis: string, ...charges: readonly Charge[]): void {
    this.#add('use', item, basis, charges);
  }

  get total(): number {
    return sum(this.lines.map(({ microDollars }) => microDollars));
  }

  /** What there is none of is no line. */
  #add(kind: Line['kind'], item: string, basis: string, charges: readonly Charge[]): void {
    const paid = charges.filter(([, quantity]) => quantity > 0);
    if (paid.length === 0) return;
    const amounts = paid.map(([name, quantity, per]) => charge(this.#prices[name].amount, quantity, per));
    const isEstimate = paid.some(([name]) => this.#prices[name].isEstimate);
    this.lines.push({ item, basis, kind, microDollars: sum(amounts), isEstimate });
  }
}
