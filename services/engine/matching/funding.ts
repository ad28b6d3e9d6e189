/** Money from outside. */
import type { CommandOf } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import { isAccount } from './admission.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

/**
 * Credits an account. An empty reference counts like any other: who forgets references finds out at the second
 * deposit, not by crediting a retry twice.
 */
export function deposit(state: State, command: CommandOf<'deposit'>, outcome: Outcome): number {
  const { account, amount, reference } = command;
  const asset = state.assets[command.asset];
  if (asset === undefined) return rejections.unknownAsset;
  if (!(isAccount(account) && amount >= 1)) return rejections.invalidAmount;
  if (asset.references.get(account)?.has(reference)) return rejections.duplicateReference;
  // Both are below 2^53, so their sum is exact or at least 2^53: the comparison is right either way.
  if (asset.supply + amount > Number.MAX_SAFE_INTEGER) return rejections.supplyOverflow;

  asset.supply += amount;
  const references = asset.references.get(account);
  if (references === undefined) asset.references.set(account, new Set([reference]));
  else references.add(reference);
  state.balances.credit(state.balanceRow(account, command.asset), amount);
  outcome.write({ ...command, type: 'deposited' });
  return 0;
}
