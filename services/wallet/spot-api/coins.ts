/**
 * `GET /sapi/v1/capital/config/getall`: every asset and what the account has of it. The networks that it could be moved
 * over are none of this API's: money comes and goes by the wallet.
 */
import { formatDecimal } from '#domain/money.ts';
import { ask } from './engine-refusals.ts';
import type { UseCase } from './use-case.ts';

export const listCoins: UseCase = async ({ engine, listings }, { parameters, caller }) => {
  parameters.end();
  const { records } = await ask(engine, { type: 'balances', account: caller.account });
  const balances = records.filter((record) => record.type === 'balance');
  return {
    json: listings.assets.map(({ id, name, scale }) => {
      const balance = balances.find(({ asset }) => asset === id);
      const none = formatDecimal(0, scale);
      return {
        coin: name,
        name,
        free: formatDecimal(balance?.available ?? 0, scale),
        locked: formatDecimal(balance?.held ?? 0, scale),
        freeze: none,
        withdrawing: none,
        ipoing: none,
        ipoable: none,
        storage: none,
        isLegalMoney: false,
        trading: true,
        depositAllEnable: false,
        withdrawAllEnable: false,
        networkList: [],
      };
    }),
  };
};
