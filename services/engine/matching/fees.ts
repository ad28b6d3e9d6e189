/** What accounts pay: each market's own fees, unless they are of a tier that says otherwise for all markets. */

export const TIERS_MAX = 255;

export class FeeTiers {
  /** By tier: maker and taker fee in millionths; -1 for a tier that is not defined. */
  rates = new Int32Array((TIERS_MAX + 1) * 2).fill(-1);

  isDefined(tier: number): boolean {
    return this.rates[tier * 2]! >= 0;
  }

  set(tier: number, makerFee: number, takerFee: number): void {
    this.rates[tier * 2] = makerFee;
    this.rates[tier * 2 + 1] = takerFee;
  }

  makerFee(tier: number): number {
    return this.rates[tier * 2]!;
  }

  takerFee(tier: number): number {
    return this.rates[tier * 2 + 1]!;
  }
}
