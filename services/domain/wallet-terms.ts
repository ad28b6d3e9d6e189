/** On what terms an asset comes in and leaves; amounts are decimals of the asset. */
export interface AssetTerms {
  /** Blocks, its own included, after which a deposit is credited and a withdrawal counts as arrived. */
  readonly confirmations: number;
  /** Kept of each withdrawal. */
  readonly withdrawalFee: string;
  /** The least withdrawal, fee included; more than the fee. */
  readonly withdrawalMin: string;
  /** A withdrawal of more waits for an operator. */
  readonly approvalAbove: string;
  /** Most that leaves an account within 24 hours, by the account's tier, from tier 0. */
  readonly dailyMax: readonly string[];
  /** Most that the faucet gives at a time, where there is one. */
  readonly faucetMax: string;
  /** Most that it gives to an account within 24 hours. */
  readonly faucetDailyMax: string;
}

/** By the asset's name. An asset without terms is traded only: nobody brings it in or takes it out. */
export type WalletTerms = Readonly<Record<string, AssetTerms>>;
