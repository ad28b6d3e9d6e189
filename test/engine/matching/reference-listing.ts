/** What the operator sets: assets, markets, their rules and status, fees, sessions. */
import type { CommandOf } from '#domain/commands.ts';
import type { SessionId } from '#domain/ids.ts';
import { marketFault } from '#domain/markets.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { setRules } from './reference-prices.ts';
import { isAccount, SESSIONS_MAX, type Session, type State } from './reference-state.ts';

type Refusal = RejectionName | undefined;

export function listAsset(state: State, command: CommandOf<'listAsset'>): Refusal {
  const { assets } = state;
  if (command.asset < assets.length) return 'alreadyListed';
  if (assets.some(({ listing }) => listing.name === command.name)) return 'alreadyListed';
  if (command.asset > assets.length || command.name === '') return 'invalidListing';
  if (command.scale < 0 || command.scale > 15) return 'invalidListing';
  assets.push({ listing: command, supply: 0n, references: new Set() });
  state.events.push({ ...command, type: 'assetListed' });
  return undefined;
}

export function listMarket(state: State, command: CommandOf<'listMarket'>): Refusal {
  const { assets, markets } = state;
  const base = assets[command.base];
  if (command.market < markets.length) return 'alreadyListed';
  if (markets.some(({ listing }) => listing.symbol === command.symbol)) return 'alreadyListed';
  if (command.market > markets.length) return 'invalidListing';
  if (base === undefined || assets[command.quote] === undefined) return 'unknownAsset';
  if (command.symbol === '' || command.base === command.quote) return 'invalidListing';
  if (marketFault(command, base.listing.scale) !== undefined) return 'invalidListing';
  markets.push({
    listing: command,
    baseUnits: 10n ** BigInt(base.listing.scale),
    rules: command,
    status: 'TRADING',
    lastPrice: 0n,
    lastTradeId: 0,
    lastAggregateId: 0,
    lastPreventedMatchId: 0,
    queue: [],
    averageBuckets: new Map(),
    breakerBuckets: new Map(),
  });
  state.events.push({ ...command, type: 'marketListed' });
  return undefined;
}

export function setMarketRules(state: State, command: CommandOf<'setMarketRules'>): Refusal {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  const { tick, lot, base } = market.listing;
  const { scale } = state.assets[base]!.listing;
  if (marketFault({ ...command, tick, lot }, scale) !== undefined) return 'invalidListing';
  setRules(market, command);
  state.events.push({ ...command, type: 'marketRulesSet' });
  return undefined;
}

export function setMarketStatus(state: State, command: CommandOf<'setMarketStatus'>): Refusal {
  const market = state.markets[command.market];
  if (market === undefined) return 'unknownMarket';
  market.status = command.status;
  if (command.status === 'TRADING') market.breakerBuckets.clear();
  state.events.push({ ...command, type: 'marketStatus' });
  return undefined;
}

export function setFeeTier(state: State, command: CommandOf<'setFeeTier'>): Refusal {
  const { tier, makerFee, takerFee } = command;
  const isFee = (fee: number) => fee >= 0 && fee <= 999_999;
  if (tier < 1 || tier > 255 || !isFee(makerFee) || !isFee(takerFee)) return 'invalidTier';
  state.feeTiers.set(tier, { makerFee, takerFee });
  state.events.push({ ...command, type: 'feeTierSet' });
  return undefined;
}

export function setAccountTier(state: State, command: CommandOf<'setAccountTier'>): Refusal {
  const { account, tier } = command;
  if (!isAccount(account) || (tier !== 0 && !state.feeTiers.has(tier))) return 'invalidTier';
  state.accountTiers.set(account, tier);
  state.events.push({ ...command, type: 'accountTierSet' });
  return undefined;
}

export function openSession(state: State, { nonce }: CommandOf<'openSession'>): undefined {
  let session = state.sessions.find((each) => each.nonce === nonce);
  if (session === undefined) {
    session = { id: ++state.lastSessionId, nonce, outcomes: new Map() };
    state.sessions.push(session);
  }
  use(state, session);
  // The one used longest ago makes room.
  state.sessions = state.sessions.slice(-SESSIONS_MAX);
  state.events.push({ type: 'sessionOpened', session: session.id as SessionId, nonce });
  return undefined;
}

/** Sessions stand in the order of their last use. */
export function use(state: State, session: Session): void {
  state.sessions = [...state.sessions.filter((other) => other !== session), session];
}
