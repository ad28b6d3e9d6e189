/** Rows as people see them: amounts in decimals, times in milliseconds. */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Address } from './addresses.ts';
import type { Asset, Assets } from './assets.ts';
import type { Deposit } from './deposit-steps.ts';
import type { Transfer } from './transfers.ts';
import type { Withdrawal } from './withdrawal-steps.ts';

const milliseconds = (time: TimeUs) => Math.floor(time / 1_000);

/** In the decimals of the asset; one that is listed no more cannot be in a row. */
export function decimal(assets: Assets, name: string, units: number): string {
  return formatDecimal(units, assets.find(name)?.scale ?? 0);
}

export function shownAsset(asset: Asset, { dailyMax, left }: { dailyMax: number; left: number }) {
  const { name, scale, confirmations, fee, min, approvalAbove } = asset;
  return {
    asset: name,
    decimals: scale,
    confirmations,
    withdrawalFee: formatDecimal(fee, scale),
    withdrawalMin: formatDecimal(min, scale),
    approvalAbove: formatDecimal(approvalAbove, scale),
    dailyMax: formatDecimal(dailyMax, scale),
    leftToday: formatDecimal(left, scale),
  };
}

export function shownDeposit(assets: Assets, deposit: Deposit) {
  const { id, asset, amount, address, tx_id, output, status, confirmations, created_at } = deposit;
  return {
    id,
    asset,
    amount: decimal(assets, asset, amount),
    address,
    txId: tx_id,
    output,
    status,
    confirmations,
    createdAt: milliseconds(created_at),
  };
}

/** As an operator sees it. */
export function shownLostDeposit(assets: Assets, deposit: Deposit) {
  const { account_id, asset, amount, reversed, lost_at } = deposit;
  return {
    ...shownDeposit(assets, deposit),
    accountId: account_id,
    owed: decimal(assets, asset, amount - reversed),
    lostAt: milliseconds(lost_at!),
  };
}

export function shownAddress({ id, asset, address, label, created_at, usable_at }: Address) {
  return {
    id,
    asset,
    address,
    label,
    createdAt: milliseconds(created_at),
    usableAt: milliseconds(usable_at),
  };
}

export function shownWithdrawal(assets: Assets, withdrawal: Withdrawal) {
  const { id, client_id, asset, amount, fee, address, status, tx_id, reason } = withdrawal;
  return {
    id,
    clientId: client_id,
    asset,
    amount: decimal(assets, asset, amount),
    fee: decimal(assets, asset, fee),
    address,
    status,
    txId: tx_id,
    reason,
    createdAt: milliseconds(withdrawal.created_at),
    updatedAt: milliseconds(withdrawal.updated_at),
  };
}

export function shownTransfer(assets: Assets, account: AccountId, transfer: Transfer) {
  const { id, client_id, account_id, to_account, asset, amount, status, created_at } = transfer;
  return {
    id,
    // The sender's own word for it.
    clientId: account_id === account ? client_id : null,
    fromAccount: account_id,
    toAccount: to_account,
    asset,
    amount: decimal(assets, asset, amount),
    status,
    createdAt: milliseconds(created_at),
  };
}
