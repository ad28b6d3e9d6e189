/** `GET /api/v3/account` */
import type { EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, Ppm, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { EngineClient } from '#platform/engine-client.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { commissionView, type Fees, feesOf, NO_SIDE_COMMISSION } from './commission.ts';
import { ask } from './engine-refusals.ts';
import type { UseCase } from './use-case.ts';

/** Millionths in a basis point, the unit of `makerCommission`. */
const PPM_PER_BASIS_POINT = 100;

export const showAccount: UseCase = async ({ engine, listings }, { parameters, caller, time }) => {
  const omitZeroBalances = parameters.boolean('omitZeroBalances');
  parameters.end();
  const { records } = await ask(engine, { type: 'balances', account: caller.account });
  const held = new Map<AssetId, EventOf<'balance'>>();
  for (const record of records) if (record.type === 'balance') held.set(record.asset, record);
  const shown = listings.assets.filter(({ id }) => !omitZeroBalances || held.has(id));
  return {
    json: {
      ...(await commissions(engine, caller.account, listings)),
      canTrade: true,
      canWithdraw: true,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      // The balances are as of now: the engine has just said so.
      updateTime: time((Date.now() * 1000) as TimeUs),
      accountType: 'SPOT',
      balances: shown.map(({ id, name, scale }) => ({
        asset: name,
        free: formatDecimal(held.get(id)?.available ?? 0, scale),
        locked: formatDecimal(held.get(id)?.held ?? 0, scale),
      })),
      permissions: ['SPOT'],
      uid: caller.account,
    },
  };
};

/** Fees are the markets', or the account's tier's; for the account as a whole, the highest of them. */
async function commissions(
  engine: EngineClient,
  account: AccountId,
  { markets }: Listings,
): Promise<Record<string, unknown>> {
  const dearest = async (fee: keyof Fees): Promise<Ppm> => {
    const [market] = markets.toSorted((one, other) => other[fee] - one[fee]);
    return market === undefined ? (0 as Ppm) : (await feesOf(engine, account, market))[fee];
  };
  const [makerFee, takerFee] = await Promise.all([dearest('makerFee'), dearest('takerFee')]);
  return {
    makerCommission: Math.round(makerFee / PPM_PER_BASIS_POINT),
    takerCommission: Math.round(takerFee / PPM_PER_BASIS_POINT),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { ...commissionView({ makerFee, takerFee }), ...NO_SIDE_COMMISSION },
  };
}
