/** Money that comes from outside, leaves, and moves between accounts. */
import type { CommandOf } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { add, available, EXACT_MAX, isAccount, type State } from './reference-state.ts';

type Refusal = RejectionName | undefined;

export function deposit(state: State, command: CommandOf<'deposit'>): Refusal {
  const { account, amount } = command;
  const asset = state.assets[command.asset];
  if (asset === undefined) return 'unknownAsset';
  if (!isAccount(account) || amount < 1) return 'invalidAmount';
  const reference = `${account} ${command.reference}`;
  if (asset.references.has(reference)) return 'duplicateReference';
  if (asset.supply + BigInt(amount) > EXACT_MAX) return 'supplyOverflow';
  asset.references.add(reference);
  asset.supply += BigInt(amount);
  add(state, account, command.asset, BigInt(amount));
  state.events.push({ ...command, type: 'deposited' });
  return undefined;
}

export function holdWithdrawal(state: State, command: CommandOf<'holdWithdrawal'>): Refusal {
  const { account, asset, amount, fee, reference } = command;
  const known = state.withdrawals.find((each) => each.command.reference === reference);
  if (known !== undefined) return asBefore(known.command, command);
  if (state.assets[asset] === undefined) return 'unknownAsset';
  if (!isAccount(account) || fee < 0 || amount <= fee) return 'invalidAmount';
  if (available(state, account, asset) < BigInt(amount)) return 'insufficientBalance';
  state.withdrawals.push({ command, status: 'held' });
  state.events.push({ ...command, type: 'withdrawalHeld' });
  return undefined;
}

export function settleWithdrawal(state: State, { reference }: CommandOf<'settleWithdrawal'>): Refusal {
  const withdrawal = state.withdrawals.find(({ command }) => command.reference === reference);
  if (withdrawal === undefined) return 'unknownWithdrawal';
  if (withdrawal.status === 'settled') return 'duplicateReference';
  if (withdrawal.status === 'released') return 'withdrawalEnded';
  const { account, asset, amount, fee } = withdrawal.command;
  withdrawal.status = 'settled';
  add(state, account, asset, -BigInt(amount));
  add(state, 0, asset, BigInt(fee));
  state.assets[asset]!.supply -= BigInt(amount - fee);
  state.events.push({ ...withdrawal.command, type: 'withdrawalSettled' });
  return undefined;
}

export function releaseWithdrawal(state: State, { reference }: CommandOf<'releaseWithdrawal'>): Refusal {
  const withdrawal = state.withdrawals.find(({ command }) => command.reference === reference);
  if (withdrawal === undefined) return 'unknownWithdrawal';
  if (withdrawal.status === 'released') return 'duplicateReference';
  if (withdrawal.status === 'settled') return 'withdrawalEnded';
  withdrawal.status = 'released';
  state.events.push({ ...withdrawal.command, type: 'withdrawalReleased' });
  return undefined;
}

export function transfer(state: State, command: CommandOf<'transfer'>): Refusal {
  const { from, to, asset, amount, reference } = command;
  const known = state.transfers.find((each) => each.reference === reference);
  if (known !== undefined) return asBefore(known, command);
  if (state.assets[asset] === undefined) return 'unknownAsset';
  if (!isAccount(from) || !isAccount(to) || from === to || amount < 1) return 'invalidAmount';
  if (available(state, from, asset) < BigInt(amount)) return 'insufficientBalance';
  state.transfers.push(command);
  add(state, from, asset, -BigInt(amount));
  add(state, to, asset, BigInt(amount));
  state.events.push({ ...command, type: 'transferred' });
  return undefined;
}

function asBefore<T>(before: T, now: T): RejectionName {
  const text = (command: T) => JSON.stringify(Object.entries(command as object).sort());
  return text(before) === text(now) ? 'duplicateReference' : 'conflictingReference';
}
