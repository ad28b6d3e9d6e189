/** What an account has, and what comes in. */
import { formatDecimal } from '#domain/money.ts';
import { ApiError } from '#platform/spot-api/errors.ts';
import { Assets } from './assets.ts';
import { depositAddress, listDeposits } from './deposits.ts';
import { authenticated, unitsOf, type WalletDeps } from './endpoint.ts';
import { ask, balancesOf } from './engine-reads.ts';
import { countGift } from './faucet.ts';
import { refusals } from './refusal.ts';
import { shownAsset, shownDeposit } from './shown.ts';
import { leftOf, tierOf, unitsToday } from './standing.ts';
import { ledgerStatementCsv, readLedgerStatement } from './statement.ts';

export function moneyEndpoints(deps: WalletDeps) {
  const { db, engine, assets, barrier, faucet } = deps;

  /** Until the read models show all that was acknowledged. @throws {Refusal} 503 when that takes too long. */
  const catchUp = async () => {
    const { seq } = await ask(engine, { type: 'position' });
    await barrier.reach(seq).catch((error: unknown) => {
      throw error instanceof ApiError ? refusals.unavailable(error) : error;
    });
  };

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

    /** The oldest first. */
    ledgerStatement: authenticated(deps, 'ledgerStatement', async ({ context, query }, { user }) => {
      const { cursor: after, format, ...range } = query;
      const asset = assets.listedAll().find(({ name }) => name === range.asset);
      if (asset === undefined) throw refusals.invalidField('asset', 'is none that is listed here');
      await catchUp();
      const statement = await readLedgerStatement(db, user.account, { ...range, asset, after });
      if (format === 'json') return { json: statement };
      const { name } = asset;
      const headers = {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${name}-${range.from}-${range.to}.csv"`,
        ...linkToNext(context.req.url, statement.next),
      };
      return { text: ledgerStatementCsv(statement, after === undefined), headers };
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
      await countGift(db, account, asset, amount);
      const address = await depositAddress(deps, account, asset);
      await faucet({ asset: asset.name, address, amount });
      return { status: 202, json: { asset: asset.name, address } };
    }),
  };
}

/** RFC 8288: where the next page is. */
function linkToNext(url: string, next: string | null): Record<string, string> {
  if (next === null) return {};
  const { pathname, searchParams } = new URL(url);
  searchParams.set('cursor', next);
  return { Link: `<${pathname}?${searchParams}>; rel="next"` };
}
