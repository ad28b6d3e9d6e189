/**
 * Withdrawals by key. Nobody gives a one-time code for them: the route's security asks for a key with the right to it that
 * works from known addresses alone, and money goes to an address that its owner has put into the book with a code.
 * https://developers.binance.com/docs/wallet/capital/withdraw
 * https://developers.binance.com/docs/wallet/capital/withdraw-history
 * https://developers.binance.com/docs/wallet/capital/fetch-withdraw-address
 */
import type { TimeUs, Units } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import { systemClock } from '#platform/clock.ts';
import type { WithdrawalStatus } from '#platform/database.ts';
import { requireFresh } from '#platform/spot-api/authenticate.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { isUuid, listAddresses } from '../addresses.ts';
import { decimal } from '../shown.ts';
import { listWithdrawals, withdraw } from '../withdrawals.ts';
import { readHistory, readStatuses } from './history.ts';
import { readCoin, type UseCase } from './use-case.ts';

/** Mail sent, canceled, awaiting approval, rejected, processing, failed, completed; of the first there is none here. */
const STATUSES_KNOWN = [0, 1, 2, 3, 4, 5, 6];
const statusNumbers: Readonly<Record<WithdrawalStatus, number>> = {
  requested: 4,
  pending: 2,
  approved: 4,
  sending: 4,
  sent: 4,
  arrived: 4,
  completed: 6,
  canceling: 1,
  canceled: 1,
  rejecting: 3,
  rejected: 3,
  failing: 5,
  failed: 5,
  refused: 5,
};
const IDS_MAX = 45;

/** `amount` is all that leaves the account: the fee is part of it. Under a `withdrawOrderId` it can be asked again. */
export const applyWithdrawal: UseCase = async (deps, { parameters, caller }) => {
  const asset = readCoin(deps, parameters);
  const address = parameters.mandatoryText('address');
  if (parameters.has('addressTag')) throw apiErrors.noAddressTag();
  const amount = parameters.mandatoryDecimal<Units>('amount', asset.scale);
  const clientId = parameters.clientId('withdrawOrderId') ?? null;
  // There is one wallet, nobody's fee to bear but the sender's, and the address has its name in the book: nothing to choose.
  parameters.oneOf('walletType', ['0']);
  parameters.boolean('transactionFeeFlag');
  parameters.text('name');
  parameters.end();
  if (amount < asset.min) throw apiErrors.tooLittleToWithdraw(formatDecimal(asset.min, asset.scale));
  if (!deps.custody.isAddress(asset.name, address)) throw apiErrors.illegalAddress();
  requireFresh(caller);
  const { id } = await withdraw(deps, caller.account, { asset, amount, to: { address }, clientId });
  return { json: { id } };
};

export const withdrawHistory: UseCase = async ({ db, assets, custody }, { parameters, caller }) => {
  const { until: before, ...history } = readHistory(parameters);
  const filter = {
    ...history,
    before,
    asset: parameters.optionalSymbol('coin'),
    clientId: parameters.clientId('withdrawOrderId'),
    ids: readIds(parameters),
    statuses: readStatuses(parameters, statusNumbers, STATUSES_KNOWN),
  };
  parameters.end();
  const rows = await listWithdrawals(db, caller.account, filter);
  return {
    json: rows.map(({ id, client_id, asset, amount, fee, address, status, tx_id, reason, ...at }) => ({
      id,
      /** What arrives. */
      amount: decimal(assets, asset, amount - fee),
      transactionFee: decimal(assets, asset, fee),
      coin: asset,
      status: statusNumbers[status],
      address,
      txId: tx_id ?? '',
      applyTime: utc(at.created_at),
      network: custody.network(asset).id,
      transferType: 0,
      ...(client_id === null ? {} : { withdrawOrderId: client_id }),
      info: reason,
      walletType: 0,
      ...(status === 'completed' ? { completeTime: utc(at.updated_at) } : {}),
    })),
  };
};

export const listWithdrawAddresses: UseCase = async ({ db, custody }, { parameters, caller }) => {
  parameters.end();
  const addresses = await listAddresses(db, caller.account);
  return {
    json: addresses.map(({ asset, address, label, usable_at }) => ({
      address,
      addressTag: '',
      coin: asset,
      name: label,
      network: custody.network(asset).id,
      origin: '',
      originType: 'others',
      /** Whether it can be withdrawn to now. */
      whiteStatus: usable_at <= systemClock.nowUs(),
    })),
  };
};

/** @throws {ApiError} −1130 */
function readIds(parameters: Parameters): readonly string[] | undefined {
  const ids = parameters.text('idList')?.split(',');
  if (ids !== undefined && (ids.length > IDS_MAX || !ids.every(isUuid)))
    throw apiErrors.invalidValue('idList');
  return ids;
}

/** `2026-11-28 20:17:30`, whatever unit of time a client asks for. */
function utc(time: TimeUs): string {
  return new Date(time / 1_000).toISOString().slice(0, 19).replace('T', ' ');
}
