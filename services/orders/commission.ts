/** What an account pays on a market, which the engine alone knows: its tier's rates, or the market's own. */
import type { AccountId, Ppm } from '#domain/ids.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Market } from '#platform/spot-api/listings.ts';
import { ask } from './engine-refusals.ts';
import { rateView } from './rate-view.ts';

export interface Fees {
  readonly makerFee: Ppm;
  readonly takerFee: Ppm;
}

export async function feesOf(engine: EngineClient, account: AccountId, { id }: Market): Promise<Fees> {
  const { records } = await ask(engine, { type: 'fees', account, market: id });
  const fees = records.find((record) => record.type === 'feeRates');
  if (fees === undefined) throw new Error(`the engine told no fees of market ${id}`);
  return fees;
}

const ZERO = rateView(0 as Ppm);

export const NO_DISCOUNT = {
  enabledForAccount: false,
  enabledForSymbol: false,
  discountAsset: '',
  discount: ZERO,
} as const;

export const NO_COMMISSION = { maker: ZERO, taker: ZERO } as const;

/** Nothing is charged for a side as such. */
export const NO_SIDE_COMMISSION = { buyer: ZERO, seller: ZERO } as const;

export function commissionView({ makerFee, takerFee }: Fees) {
  return { maker: rateView(makerFee), taker: rateView(takerFee) };
}
