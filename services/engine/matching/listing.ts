/** Assets and markets, their rules and status, fee tiers, versions: what operators tell the engine. */
import type { CommandOf } from '#domain/commands.ts';
import { marketFault, quoteUnitsPerStep } from '#domain/markets.ts';
import { SCALE_MAX } from '#domain/money.ts';
import { MARKET_STATUSES } from '#domain/orders.ts';
import { rejections } from '#domain/rejections.ts';
import { isAccount } from './admission.ts';
import { TIERS_MAX } from './fees.ts';
import { Market } from './market.ts';
import { kinds } from './order-kinds.ts';
import { Asset, LOGIC_LATEST, type State } from './state.ts';
import type { Outcome } from './telling.ts';

const { TRADING } = kinds;

export function listAsset(state: State, command: CommandOf<'listAsset'>, outcome: Outcome): number {
  const { assets } = state;
  if (command.asset < assets.length || assets.some(({ listing }) => listing.name === command.name)) {
    return rejections.alreadyListed;
  }
  if (command.asset !== assets.length) return rejections.invalidListing;
  if (command.name === '' || command.scale < 0 || command.scale > SCALE_MAX) return rejections.invalidListing;
  assets.push(new Asset(command, state.feeBalanceOf(command.asset)));
  outcome.write({ ...command, type: 'assetListed' });
  return 0;
}

export function listMarket(state: State, command: CommandOf<'listMarket'>, outcome: Outcome): number {
  const { assets, markets } = state;
  if (command.market < markets.length || markets.some(({ listing }) => listing.symbol === command.symbol)) {
    return rejections.alreadyListed;
  }
  if (command.market !== markets.length) return rejections.invalidListing;
  const base = assets[command.base];
  if (base === undefined || assets[command.quote] === undefined) return rejections.unknownAsset;
  const { scale } = base.listing;
  if (command.symbol === '' || command.base === command.quote || marketFault(command, scale) !== undefined) {
    return rejections.invalidListing;
  }
  markets.push(new Market(command, quoteUnitsPerStep(command, scale)!, state.pages));
  outcome.write({ ...command, type: 'marketListed' });
  return 0;
}

export function setMarketRules(state: State, command: CommandOf<'setMarketRules'>, outcome: Outcome): number {
  const market = state.markets[command.market];
  if (market === undefined) return rejections.unknownMarket;
  const listing = { ...market.listing, ...command, type: 'listMarket' } as const;
  if (marketFault(listing, state.assets[listing.base]!.listing.scale) !== undefined)
    return rejections.invalidListing;
  market.setRules(listing);
  outcome.write({ ...command, type: 'marketRulesSet' });
  return 0;
}

export function setMarketStatus(
  state: State,
  command: CommandOf<'setMarketStatus'>,
  outcome: Outcome,
): number {
  const market = state.markets[command.market];
  if (market === undefined) return rejections.unknownMarket;
  market.status = MARKET_STATUSES.indexOf(command.status);
  if (market.status === TRADING) market.breaker.reset();
  outcome.write({ ...command, type: 'marketStatus' });
  return 0;
}

export function setFeeTier(state: State, command: CommandOf<'setFeeTier'>, outcome: Outcome): number {
  const { tier, makerFee, takerFee } = command;
  if (!(tier >= 1 && tier <= TIERS_MAX)) return rejections.invalidTier;
  for (const fee of [makerFee, takerFee]) if (!(fee >= 0 && fee < 1_000_000)) return rejections.invalidTier;
  state.fees.set(tier, makerFee, takerFee);
  outcome.write({ ...command, type: 'feeTierSet' });
  return 0;
}

export function setAccountTier(state: State, command: CommandOf<'setAccountTier'>, outcome: Outcome): number {
  const { account, tier } = command;
  if (!isAccount(account) || !(tier >= 0 && tier <= TIERS_MAX)) return rejections.invalidTier;
  if (tier > 0 && !state.fees.isDefined(tier)) return rejections.invalidTier;
  state.accounts.tiers[state.accounts.findOrAdd(account)] = tier;
  outcome.write({ ...command, type: 'accountTierSet' });
  return 0;
}

export function activateLogic(state: State, command: CommandOf<'activateLogic'>, outcome: Outcome): number {
  if (command.version !== state.logicVersion + 1 || command.version > LOGIC_LATEST)
    return rejections.unknownLogic;
  state.logicVersion = command.version;
  outcome.write({ ...command, type: 'logicActivated' });
  return 0;
}
