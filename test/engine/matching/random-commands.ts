/** Streams of commands from a seed: mostly sensible, some at the edge of what is exact, some nonsense. */
import type { Command, CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, MarketId, OrderId, Ppm, Price, Units } from '#domain/ids.ts';
import { CANCEL_RESTRICTIONS, ORDER_TYPES, SIDES, TIMES_IN_FORCE } from '#domain/orders.ts';

export type Random = () => number;

/** Mulberry32 by Tommy Ettinger (public domain): numbers from 0 up to 1, the same for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MAX = Number.MAX_SAFE_INTEGER;
const ACCOUNTS = 5;
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
/** A whole number from `min` to `max`. */
const between = (random: Random, min: number, max: number) => min + Math.floor(random() * (max - min + 1));
const chance = (random: Random, probability: number) => random() < probability;

/**
 * Three markets: an ordinary one; one of assets without decimals whose limits are the largest possible; and one
 * whose lot is a hundred million units, at prices so low that totals of base outgrow 2^53.
 */
export function listings(random: Random): Command[] {
  const fee = () => pick(random, [0, 1, 1_000, 2_500, 333_333, 999_999]) as Ppm;
  const asset = (index: number, name: string, scale: number): CommandOf<'listAsset'> => ({
    type: 'listAsset',
    asset: index as AssetId,
    name,
    scale,
  });
  const market = (
    index: number,
    symbol: string,
    base: number,
    quote: number,
    limits: Record<
      'tick' | 'lot' | 'priceMin' | 'priceMax' | 'quantityMax' | 'notionalMin' | 'notionalMax',
      number
    >,
  ) =>
    ({
      type: 'listMarket',
      market: index as MarketId,
      symbol,
      base: base as AssetId,
      quote: quote as AssetId,
      ...limits,
      quantityMin: limits.lot * 2,
      marketQuantityMax: limits.lot * 60,
      ordersMax: 4,
      makerFee: fee(),
      takerFee: fee(),
    }) as CommandOf<'listMarket'>;
  const cents = {
    tick: 10_000,
    priceMin: 10_000 * 85,
    priceMax: 10_000 * 115,
    lot: 10_000,
    quantityMax: 10_000 * 80,
  };
  const whole = { tick: 1, priceMin: 1, priceMax: MAX, lot: 1, quantityMax: MAX };
  const bulk = { tick: 1, priceMin: 1, priceMax: 1_000, lot: 1e8, quantityMax: 8e15 };
  return [
    asset(0, 'CASH', 6),
    asset(1, 'GOLD', 8),
    asset(2, 'SHELL', 0),
    market(0, 'GOLDCASH', 1, 0, { ...cents, notionalMin: 500, notionalMax: 7_500 }),
    market(1, 'SHELLCASH', 2, 0, { ...whole, notionalMin: 1, notionalMax: MAX }),
    market(2, 'GOLDSHELL', 1, 2, { ...bulk, notionalMin: 1, notionalMax: MAX }),
  ];
}

/** An open order by its names, for cancels to aim at. */
export type OrderNames = Pick<CommandOf<'cancel'>, 'account' | 'market' | 'orderId' | 'clientOrderId'>;

export function randomCommand(random: Random, open: readonly OrderNames[]): Command {
  const roll = random();
  if (roll < 0.12) return randomDeposit(random);
  if (roll < 0.83) return randomOrder(random);
  if (roll < 0.93) return randomCancel(random, open);
  if (roll < 0.95) return { type: 'cancelAll', account: account(random), market: market(random) };
  return chance(random, 0.5) ? randomAsset(random) : randomMarket(random);
}

const account = (random: Random) =>
  (chance(random, 0.02) ? between(random, -1, 0) : between(random, 1, ACCOUNTS)) as AccountId;
const market = (random: Random) =>
  (chance(random, 0.02) ? pick(random, [-1, 3, MAX]) : between(random, 0, 2)) as MarketId;
const clientId = (random: Random) => (chance(random, 0.5) ? '' : `c${between(random, 1, 30)}`);

function randomDeposit(random: Random): CommandOf<'deposit'> {
  const asset = chance(random, 0.02) ? pick(random, [-1, 7]) : between(random, 0, 2);
  const ordinary =
    asset === 0 ? between(random, 1, 40_000) : between(random, 1, pick(random, [2_000_000, 5e9]));
  return {
    type: 'deposit',
    account: account(random),
    asset: asset as AssetId,
    amount: (chance(random, 0.8) ? ordinary : pick(random, [1e9, 1e9, 4e15, 0, -5, MAX])) as Units,
    reference: `r${between(random, 1, 200)}`,
  };
}

/** Prices near the middle, so that orders meet; sizes that take several of them. */
function randomOrder(random: Random): CommandOf<'place'> {
  const on = market(random);
  const orderType = pick(random, ORDER_TYPES);
  const [tick, lot, middle] = on === 0 ? [10_000, 10_000, 100] : on === 1 ? [1, 1, 50] : [1, 1e8, 5];
  let price: number | null = (middle + between(random, -4, 4)) * tick;
  let quantity: number | null = between(random, 1, chance(random, 0.1) ? 90 : 20) * lot;
  let quoteOrderQty: number | null = null;
  if (on !== 0 && chance(random, 0.15)) quantity = pick(random, [8e15, 4e15, 1e12]);
  if (on !== 0 && chance(random, 0.05)) price = pick(random, [1, 1_000, 3e7]);
  if (orderType === 'MARKET') {
    price = null;
    if (chance(random, 0.5)) {
      quoteOrderQty = chance(random, 0.1) ? 9e15 : between(random, 400, 8_000);
      quantity = null;
    }
  }
  if (chance(random, 0.04)) price = pick(random, [null, 0, -10_000, 1, MAX, 1_234_567, 10_000 * 84]);
  if (chance(random, 0.04)) quantity = pick(random, [null, 0, -lot, lot + 1, MAX, lot]);
  if (chance(random, 0.02)) quoteOrderQty = pick(random, [null, 0, -1, 50, MAX]);
  return {
    type: 'place',
    account: account(random),
    market: on,
    side: pick(random, SIDES),
    orderType,
    timeInForce: chance(random, orderType === 'LIMIT_MAKER' ? 0.97 : 0.5)
      ? 'GTC'
      : pick(random, TIMES_IN_FORCE),
    price: price as Price | null,
    quantity: quantity as Units | null,
    quoteOrderQty: quoteOrderQty as Units | null,
    clientOrderId: clientId(random),
  };
}

/** Mostly of an order that is open, by one of its names or both; else by names that may not exist or agree. */
function randomCancel(random: Random, open: readonly OrderNames[]): CommandOf<'cancel'> {
  const stranger = {
    account: account(random),
    market: market(random),
    orderId: 1 as OrderId,
    clientOrderId: 'c1',
  };
  const target = open.length > 0 && chance(random, 0.9) ? pick(random, open) : stranger;
  return {
    type: 'cancel',
    account: chance(random, 0.05) ? account(random) : target.account,
    market: chance(random, 0.05) ? market(random) : target.market,
    orderId: chance(random, 0.7) ? target.orderId : null,
    restriction: chance(random, 0.6) ? 'NONE' : pick(random, CANCEL_RESTRICTIONS),
    clientOrderId: chance(random, 0.5) ? target.clientOrderId : chance(random, 0.8) ? '' : clientId(random),
    newClientOrderId: clientId(random),
  };
}

function randomAsset(random: Random): CommandOf<'listAsset'> {
  const name = pick(random, ['', 'CASH', 'STONE']);
  return {
    type: 'listAsset',
    asset: between(random, 2, 4) as AssetId,
    name,
    scale: pick(random, [-1, 3, 16]),
  };
}

function randomMarket(random: Random): CommandOf<'listMarket'> {
  const like = pick(
    random,
    listings(random).filter((command) => command.type === 'listMarket'),
  );
  const symbol = pick(random, ['', 'GOLDCASH', 'CASHSHELL']);
  const fault = pick(random, [
    { tick: 0 },
    { base: 0 },
    { base: 9 },
    { tick: 7 },
    { ordersMax: 0 },
    { makerFee: 1e6 },
  ]);
  return { ...like, market: between(random, 2, 4), symbol, ...fault } as CommandOf<'listMarket'>;
}
