/**
 * `GET /sapi/v1/capital/config/getall`: every asset, what the account has of it, and on what terms it comes in and leaves.
 * https://developers.binance.com/docs/wallet/capital/all-coins-info
 */
import { formatDecimal } from '#domain/money.ts';
import { type Asset, Assets } from '../assets.ts';
import type { WalletDeps } from '../endpoint.ts';
import { balancesOf } from '../engine-reads.ts';
import { tierOf } from '../standing.ts';
import type { UseCase } from './use-case.ts';

export const listCoins: UseCase = async (deps, { parameters, caller: { account } }) => {
  const { db, engine, assets } = deps;
  parameters.end();
  const balances = await balancesOf(engine, account);
  const tier = await tierOf(db, account);
  return {
    json: assets.listedAll().map(({ id, name, scale }) => {
      const balance = balances.find(({ asset }) => asset === id);
      const moves = assets.find(name);
      const none = formatDecimal(0, scale);
      return {
        coin: name,
        name,
        free: formatDecimal(balance?.available ?? 0, scale),
        locked: formatDecimal(balance?.held ?? 0, scale),
        freeze: none,
        // Part of what is locked.
        withdrawing: none,
        ipoing: none,
        ipoable: none,
        storage: none,
        isLegalMoney: false,
        trading: true,
        depositAllEnable: moves !== undefined,
        withdrawAllEnable: moves !== undefined,
        networkList: moves === undefined ? [] : [networkOf(deps, moves, tier)],
      };
    }),
  };
};

function networkOf({ custody }: WalletDeps, asset: Asset, tier: number) {
  const { name: coin, scale, fee, min, confirmations } = asset;
  const { id, name, addressRegex } = custody.network(coin);
  const unit = formatDecimal(1, scale);
  return {
    network: id,
    coin,
    name,
    isDefault: true,
    depositEnable: true,
    withdrawEnable: true,
    depositDust: unit,
    withdrawIntegerMultiple: unit,
    withdrawFee: formatDecimal(fee, scale),
    withdrawMin: formatDecimal(min, scale),
    /** Within 24 hours, of an account of this tier. */
    withdrawMax: formatDecimal(Assets.dailyMax(asset, tier), scale),
    minConfirm: confirmations,
    unLockConfirm: confirmations,
    addressRegex,
    memoRegex: '',
    withdrawTag: false,
    sameAddress: false,
    busy: false,
  };
}
