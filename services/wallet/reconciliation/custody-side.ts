/** What the custodians hold, put so that it can be compared with the ledger. */
import type { AssetId, Units } from '#domain/ids.ts';

export interface AssetInCustody {
  readonly asset: AssetId;
  /** All that custodians hold of it. */
  readonly held: Units;
  /** Of that, deposits that the engine does not know of yet. */
  readonly uncredited: Units;
  /** What has left for withdrawals that the engine still holds. */
  readonly unsettled: Units;
}

/** Reads custody and what is under way; assets that are not told are not held. */
export type ReadCustody = () => Promise<readonly AssetInCustody[]>;

/** What the ledger should say that custodians hold. */
export function settledHoldings({ held, uncredited, unsettled }: AssetInCustody): number {
  return held - uncredited + unsettled;
}
