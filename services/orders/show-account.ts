/** `GET /api/v3/account` */
import type { EventOf } from '#domain/events.ts';
import type { AssetId, Ppm, TimeUs } from '#domain/ids.ts';
import { formatDecimal } from '#domain/money.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import { ask } from './engine-refusals.ts';
import { rateView } from './rate-view.ts';
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
      ...commissions(listings),
      canTrade: true,
      canWithdraw: false,
      canDeposit: false,
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

/** Fees are the markets'; for an account as a whole, the highest of them. */
function commissions({ markets }: Listings): Record<string, unknown> {
  const maker = Math.max(0, ...markets.map(({ makerFee }) => makerFee)) as Ppm;
  const taker = Math.max(0, ...markets.map(({ takerFee }) => takerFee)) as Ppm;
  const none = rateView(0 as Ppm);
  return {
    makerCommission: Math.round(maker / PPM_PER_BASIS_POINT),
    takerCommission: Math.round(taker / PPM_PER_BASIS_POINT),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: rateView(maker), taker: rateView(taker), buyer: none, seller: none },
  };
}
