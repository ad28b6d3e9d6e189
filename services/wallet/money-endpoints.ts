/** What an account has, and what comes in. */
import { formatDecimal } from '#domain/money.ts';
import { Assets } from './assets.ts';
import { balancesOf } from './balances.ts';
import { depositAddress, listDeposits } from './deposits.ts';
import { authenticated, unitsOf, type WalletDeps } from './endpoint.ts';
import { refusals } from './refusal.ts';
import { shownAsset, shownDeposit } from './shown.ts';
import { leftOf, tierOf, unitsToday } from './standing.ts';

export function moneyEndpoints(deps: WalletDeps) {
  const { db, engine, assets, faucet } = deps;
  return {
    /** On what terms assets come in and leave, and how much may still leave today. */
    assets: authenticated(deps, 'assets', async (_, { user: { account } }) => {
      const tier = await tierOf(db, account);
      const shown = [];
      for (const asset of assets.all()) {
        const dailyMax = Assets.dailyMax(asset, tier);
        const left = leftOf(dailyMax, await unitsToday(db, account, asset));
        shown.push(shownAsset(asset, { dailyMax, left }));
      }
      return { json: shown };
    }),

    balances: authenticated(deps, 'balances', async (_, { user: { account } }) => {
      const balances = await balancesOf(engine, account);
      return {
        json: balances.map(({ asset: id, available, held }) => {
          const { name, scale } = assets.listed(id);
          return {
            asset: name,
            available: formatDecimal(available, scale),
            held: formatDecimal(held, scale),
          };
        }),
      };
    }),

    depositAddress: authenticated(deps, 'depositAddress', async ({ query }, { user: { account } }) => {
      const asset = assets.named(query.asset);
      const address = await depositAddress(deps, account, asset);
      return { json: { asset: asset.name, address, confirmations: asset.confirmations } };
    }),

    deposits: authenticated(deps, 'deposits', async ({ query }, { user: { account } }) => ({
      json: (await listDeposits(db, account, query)).map((deposit) => shownDeposit(assets, deposit)),
    })),

    /** Comes by the sandbox chain, like every other deposit. */
    faucet: authenticated(deps, 'faucet', async ({ body }, { user: { account } }) => {
      if (faucet === undefined) throw refusals.faucetIsOff();
      const asset = assets.named(body.asset);
      const amount = unitsOf(body.amount, asset);
      if (amount > asset.faucetMax)
        throw refusals.invalidField(
          'amount',
          `must be at most ${formatDecimal(asset.faucetMax, asset.scale)}`,
        );
      const address = await depositAddress(deps, account, asset);
      await faucet({ asset: asset.name, address, amount });
      return { status: 202, json: { asset: asset.name, address } };
    }),
  };
}
