/** The ledger of a test's wallet: what its engine was told, told again to one whose events are projected. */
import { migrate } from '#platform/postgres.ts';
import { migrations } from '#services/projector/migrations.ts';
import { project } from '#test/orders/history.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';
import type { TestWallet } from './wallet-service.ts';

/** Resolves to what brings the ledger to where the wallet's engine is. */
export async function projectLedger({ accounts, engine }: TestWallet): Promise<() => Promise<void>> {
  const { db } = accounts;
  await migrate(db, 'projector', migrations);
  const again = await InProcessEngine.start(undefined, (outcome) => project(db, outcome));
  return async () => {
    for (const command of engine.commands.slice(again.commands.length)) await again.execute(command);
  };
}
