/** The assets that come in and leave, on the terms that this environment gives. */
import { z } from 'zod';
import type { AssetId, Units } from '#domain/ids.ts';
import { parseDecimal } from '#domain/money.ts';
import type { AssetTerms, WalletTerms } from '#domain/wallet-terms.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { refusals } from './refusal.ts';

const CONFIRMATIONS_MAX = 10_000;
const TIERS_MAX = 16;

const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'is not a decimal');
const termsSchema = z.record(
  z.string(),
  z.strictObject({
    confirmations: z.int().min(1).max(CONFIRMATIONS_MAX),
    withdrawalFee: decimal,
    withdrawalMin: decimal,
    approvalAbove: decimal,
    dailyMax: z.array(decimal).min(1).max(TIERS_MAX),
    faucetMax: decimal,
    faucetDailyMax: decimal,
  }),
);

/** `WALLET_TERMS` cannot be: the message says where, and what is wrong. */
class TermsError extends Error {
  override name = 'TermsError';
}

export interface Asset {
  readonly id: AssetId;
  readonly name: string;
  readonly scale: number;
  readonly confirmations: number;
  readonly fee: Units;
  readonly min: Units;
  readonly approvalAbove: Units;
  /** By tier. */
  readonly dailyMax: readonly Units[];
  readonly faucetMax: Units;
  readonly faucetDailyMax: Units;
}

/** @throws {TermsError} */
export function readTerms(json: unknown): WalletTerms {
  const result = termsSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new TermsError(`WALLET_TERMS.${path.join('.')}: ${message}; see environments/wallet.ts`);
}

export class Assets {
  readonly #listings: Listings;
  readonly #terms: WalletTerms;

  /** @throws {TermsError} when an amount has too many decimals, or a least withdrawal is all fee. */
  constructor(listings: Listings, terms: WalletTerms) {
    this.#listings = listings;
    this.#terms = terms;
    for (const { name } of this.all()) this.find(name);
  }

  /** What is listed and has terms, in the order of listing. */
  all(): readonly Asset[] {
    return this.#listings.assets.flatMap(({ name }) => this.find(name) ?? []);
  }

  /** Whether it has terms or not, in the order of listing. */
  listedAll(): Listings['assets'] {
    return this.#listings.assets;
  }

  /** Undefined for what is not listed or has no terms. */
  find(name: string): Asset | undefined {
    const listed = this.#listings.assets.find((asset) => asset.name === name);
    const terms = Object.hasOwn(this.#terms, name) ? this.#terms[name] : undefined;
    return listed && terms && { ...listed, ...inUnits(name, listed.scale, terms) };
  }

  /** @throws {Refusal} */
  named(name: string): Asset {
    const asset = this.find(name);
    if (asset === undefined) throw refusals.invalidField('asset', 'is none that comes in or leaves here');
    return asset;
  }

  /** Whether it has terms or not. */
  listed(id: AssetId): { readonly name: string; readonly scale: number } {
    return this.#listings.asset(id);
  }

  /** Of an account of this tier; those of a tier above the last have the last one's limit. */
  static dailyMax({ dailyMax }: Asset, tier: number): Units {
    return dailyMax[Math.min(tier, dailyMax.length - 1)]!;
  }
}

function inUnits(name: string, scale: number, terms: AssetTerms): Omit<Asset, 'id' | 'name' | 'scale'> {
  const units = (text: string): Units => {
    const amount = parseDecimal(text, scale);
    if (typeof amount === 'string')
      throw new TermsError(`WALLET_TERMS.${name}: ${text} is no amount of it (${amount})`);
    return amount as Units;
  };
  const [fee, min] = [units(terms.withdrawalFee), units(terms.withdrawalMin)];
  if (fee >= min) throw new TermsError(`WALLET_TERMS.${name}.withdrawalMin: must be more than the fee`);
  return {
    confirmations: terms.confirmations,
    fee,
    min,
    approvalAbove: units(terms.approvalAbove),
    dailyMax: terms.dailyMax.map(units),
    faucetMax: units(terms.faucetMax),
    faucetDailyMax: units(terms.faucetDailyMax),
  };
}
