/** Commands to the engine that carry a reference: done once, and known to be done when they come again. */
import assert from 'node:assert/strict';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import type { RejectionName } from '#domain/rejections.ts';
import type { EngineClient } from '#platform/engine-client.ts';

type Referenced = CommandOf<
  'deposit' | 'holdWithdrawal' | 'settleWithdrawal' | 'releaseWithdrawal' | 'transfer'
>;

/** Null when it is done, now or by an earlier attempt. @throws {EngineUnavailable} */
export async function executeOnce(engine: EngineClient, command: Referenced): Promise<RejectionName | null> {
  const { rejection } = await engine.execute(command);
  assert.notEqual(rejection, 'conflictingReference', `${command.reference} stands for something else`);
  return rejection === 'duplicateReference' ? null : rejection;
}

/** @throws {EngineUnavailable} */
export async function availableUnits(
  engine: EngineClient,
  account: AccountId,
  asset: AssetId,
): Promise<Units> {
  const { records } = await engine.ask({ type: 'balances', account });
  const balance = records.find((record) => record.type === 'balance' && record.asset === asset);
  return balance?.type === 'balance' ? balance.available : (0 as Units);
}
