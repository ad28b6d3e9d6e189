/**
 * Where deposits go, and those that came.
 * https://developers.binance.com/docs/wallet/capital/deposite-address
 * https://developers.binance.com/docs/wallet/capital/deposite-history
 */
import type { DepositStatus } from '#platform/database.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import { depositAddress, listDeposits } from '../deposits.ts';
import { decimal } from '../shown.ts';
import { readHistory, readStatuses } from './history.ts';
import { readCoin, type UseCase } from './use-case.ts';

/** Pending, success, rejected, credited but not to be withdrawn; wrong ones and those that wait for a user are none here. */
const STATUSES_KNOWN = [0, 1, 2, 6, 7, 8];
const statusNumbers: Readonly<Record<DepositStatus, number>> = {
  pending: 0,
  crediting: 0,
  credited: 1,
  final: 1,
  // While it is gone from its chain nothing leaves the account.
  missing: 6,
  reversing: 6,
  reversed: 2,
  gone: 2,
};

/** Of every chain that is in use. */
const TX_ID = /^[\w-]{1,128}$/;

export const showDepositAddress: UseCase = async (deps, { parameters, caller }) => {
  const asset = readCoin(deps, parameters);
  parameters.end();
  const address = await depositAddress(deps, caller.account, asset);
  return { json: { coin: asset.name, address, tag: '', url: '' } };
};

export const depositHistory: UseCase = async (deps, { parameters, caller, time }) => {
  const { db, assets, custody } = deps;
  const filter = {
    asset: parameters.optionalSymbol('coin'),
    txId: parameters.text('txId'),
    statuses: readStatuses(parameters, statusNumbers, STATUSES_KNOWN),
    ...readHistory(parameters),
  };
  // The chain that there is does not say who sent.
  parameters.boolean('includeSource');
  parameters.end();
  if (filter.txId !== undefined && !TX_ID.test(filter.txId)) throw apiErrors.invalidValue('txId');
  const rows = await listDeposits(db, caller.account, filter);
  return {
    json: rows.map(({ id, asset, amount, address, tx_id, status, confirmations, created_at }) => {
      const needed = assets.find(asset)?.confirmations ?? confirmations;
      return {
        id: String(id),
        amount: decimal(assets, asset, amount),
        coin: asset,
        network: custody.network(asset).id,
        status: statusNumbers[status],
        address,
        addressTag: '',
        txId: tx_id,
        insertTime: time(created_at),
        transferType: 0,
        confirmTimes: `${confirmations}/${needed}`,
        unlockConfirm: needed,
        walletType: 0,
      };
    }),
  };
};
