/** Money that comes from outside, leaves, and moves between accounts. */
import type { CommandOf } from '#domain/commands.ts';
import { rejections } from '#domain/rejections.ts';
import { isAccount } from './admission.ts';
import { kinds } from './order-kinds.ts';
import type { Withdrawal } from './references.ts';
import type { State } from './state.ts';
import type { Outcome } from './telling.ts';

const { NONE } = kinds;

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

export function holdWithdrawal(state: State, command: CommandOf<'holdWithdrawal'>, outcome: Outcome): number {
  const { account, asset, amount, fee, reference } = command;
  const before = state.withdrawals.get(reference);
  if (before !== undefined) return comingAgain(before, { account, asset, amount, fee });
  if (state.assets[asset] === undefined) return rejections.unknownAsset;
  if (!(isAccount(account) && fee >= 0 && amount > fee)) return rejections.invalidAmount;
  const row = state.balances.find(account, asset);
  if (row === NONE || state.balances.available(row) < amount) return rejections.insufficientBalance;

  state.balances.hold(row, amount);
  state.withdrawals.set(reference, { account, asset, amount, fee, status: 'held' });
  outcome.write({ ...command, type: 'withdrawalHeld' });
  return 0;
}

export function settleWithdrawal(
  state: State,
  { reference }: CommandOf<'settleWithdrawal'>,
  outcome: Outcome,
): number {
  const withdrawal = state.withdrawals.get(reference);
  const refusal = refusalToEnd(withdrawal, 'settled');
  if (withdrawal === undefined || refusal !== 0) return refusal;

  const { account, asset, amount, fee } = withdrawal;
  const listed = state.assets[asset]!;
  state.balances.spend(state.balances.find(account, asset), amount);
  state.balances.credit(listed.feeBalance, fee);
  listed.supply -= amount - fee;
  state.withdrawals.set(reference, { ...withdrawal, status: 'settled' });
  outcome.write({ type: 'withdrawalSettled', account, asset, amount, fee, reference });
  return 0;
}

export function releaseWithdrawal(
  state: State,
  { reference }: CommandOf<'releaseWithdrawal'>,
  outcome: Outcome,
): number {
  const withdrawal = state.withdrawals.get(reference);
  const refusal = refusalToEnd(withdrawal, 'released');
  if (withdrawal === undefined || refusal !== 0) return refusal;

  const { account, asset, amount, fee } = withdrawal;
  state.balances.release(state.balances.find(account, asset), amount);
  state.withdrawals.set(reference, { ...withdrawal, status: 'released' });
  outcome.write({ type: 'withdrawalReleased', account, asset, amount, fee, reference });
  return 0;
}

export function transfer(state: State, command: CommandOf<'transfer'>, outcome: Outcome): number {
  const { from, to, asset, amount, reference } = command;
  const before = state.transfers.get(reference);
  if (before !== undefined) return comingAgain(before, { from, to, asset, amount });
  if (state.assets[asset] === undefined) return rejections.unknownAsset;
  if (!(isAccount(from) && isAccount(to) && from !== to && amount >= 1)) return rejections.invalidAmount;
  const row = state.balances.find(from, asset);
  if (row === NONE || state.balances.available(row) < amount) return rejections.insufficientBalance;

  state.balances.hold(row, amount);
  state.balances.spend(row, amount);
  state.balances.credit(state.balanceRow(to, asset), amount);
  state.transfers.set(reference, { from, to, asset, amount });
  outcome.write({ ...command, type: 'transferred' });
  return 0;
}

/** Of a reference that was used: whether it stands for the same. */
function comingAgain<T extends object>(before: NoInfer<T>, now: T): number {
  const names = Object.keys(now) as (keyof T)[];
  return names.every((name) => before[name] === now[name])
    ? rejections.duplicateReference
    : rejections.conflictingReference;
}

/** 0 for what is still held. */
function refusalToEnd(withdrawal: Withdrawal | undefined, as: 'settled' | 'released'): number {
  if (withdrawal === undefined) return rejections.unknownWithdrawal;
  if (withdrawal.status === 'held') return 0;
  return withdrawal.status === as ? rejections.duplicateReference : rejections.withdrawalEnded;
}
