/** Differences in words: which account and asset, who says what, and by how much. */
import { FEE_ACCOUNT } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Difference } from './reconcile.ts';

interface AssetName {
  readonly name: string;
  readonly scale: number;
}

export async function describeDifferences(
  engine: EngineClient,
  differences: readonly Difference[],
): Promise<string[]> {
  const { records } = await engine.ask({ type: 'listings' });
  const assets = records.filter((record) => record.type === 'assetListed');
  return differences.map((difference) => describe(difference, assets[difference.asset]));
}

function describe(difference: Difference, asset: AssetName | undefined): string {
  const name = asset?.name ?? `asset ${difference.asset}`;
  const shown = (units: number) => formatDecimal(units, asset?.scale ?? 0);
  const { inLedger, elsewhere } = difference;
  const excess = shown(inLedger - elsewhere);
  switch (difference.with) {
    case 'engine': {
      const { account } = difference;
      const whose = account === FEE_ACCOUNT ? 'of the fee account' : `of account ${account}`;
      return `${name} ${whose}: ledger ${shown(inLedger)}, engine ${shown(elsewhere)}, difference ${excess}`;
    }
    case 'custody':
      return `${name} in custody: ledger ${shown(inLedger)}, custody ${shown(elsewhere)}, difference ${excess}`;
    case 'ledger':
      return `${name} in the ledger: its balances sum to ${shown(inLedger)}, and have to sum to 0`;
  }
}
