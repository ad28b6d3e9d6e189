/**
 * The exchange's rules written for reading alone: whole units in bigints, plain arrays filtered and sorted anew for
 * every command, holds worked out from the open orders. The real engine must agree with it on everything.
 */
import type { Command } from '#domain/commands.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, Ppm, Units } from '#domain/ids.ts';
import type { MarketStatus, Side } from '#domain/orders.ts';
import type { RejectionName } from '#domain/rejections.ts';
import { amend, cancel, cancelAll, cancelList, cancelReplace } from './reference-cancelling.ts';
import {
  deposit,
  holdWithdrawal,
  releaseWithdrawal,
  settleWithdrawal,
  transfer,
} from './reference-funding.ts';
import {
  listAsset,
  listMarket,
  openSession,
  setAccountTier,
  setFeeTier,
  setMarketRules,
  setMarketStatus,
  use,
} from './reference-listing.ts';
import { placeList } from './reference-lists.ts';
import { cascade, place, termsOf } from './reference-placing.ts';
import {
  balancesOf,
  levelsOf,
  listAsTold,
  type Order,
  orderAsTold,
  REQUESTS_MAX,
  State,
} from './reference-state.ts';
import { restingOn } from './reference-taking.ts';

/** Why it was refused, that it was accepted before, or what happened. */
export type Outcome = RejectionName | 'repeated' | readonly Event[];

export class ReferenceEngine {
  readonly #state = new State();
  #levels: Map<string, EventOf<'level'>> = new Map();
  #balances: Map<string, EventOf<'balance'>> = new Map();

  /** Changed levels and balances come last, sorted by their text. */
  apply(command: Command, atUs: number): Outcome {
    const state = this.#state;
    state.timeUs = atUs;
    state.events = [];
    state.fills = 0;
    const outcome = 'session' in command ? this.#attempt(command) : this.#execute(command);
    if (outcome !== undefined) return outcome;
    const levels = levelsOf(state);
    const balances = balancesOf(state);
    const events = [
      ...state.events,
      ...changes(this.#levels, levels, (level) => ({ ...level, quantity: 0 as Units })),
      ...changes(this.#balances, balances, (balance) => balance),
    ];
    this.#levels = levels;
    this.#balances = balances;
    return events;
  }

  /** A request that its session remembers is not executed again. */
  #attempt(command: Extract<Command, { session: unknown }>): RejectionName | 'repeated' | undefined {
    if (command.session === 0) return this.#execute(command);
    const session = this.#state.sessions.find(({ id }) => id === command.session);
    if (session === undefined) return 'unknownSession';
    use(this.#state, session);
    const { request } = command;
    const slot = request % REQUESTS_MAX;
    const remembered = session.outcomes.get(slot);
    if (remembered?.request === request) return remembered.outcome;
    if (remembered !== undefined && remembered.request > request) return 'forgottenRequest';
    const refusal = this.#execute(command);
    session.outcomes.set(slot, { request, outcome: refusal ?? 'repeated' });
    return refusal;
  }

  #execute(command: Command): RejectionName | undefined {
    const state = this.#state;
    switch (command.type) {
      case 'listAsset':
        return listAsset(state, command);
      case 'listMarket':
        return listMarket(state, command);
      case 'deposit':
        return deposit(state, command);
      case 'holdWithdrawal':
        return holdWithdrawal(state, command);
      case 'settleWithdrawal':
        return settleWithdrawal(state, command);
      case 'releaseWithdrawal':
        return releaseWithdrawal(state, command);
      case 'transfer':
        return transfer(state, command);
      case 'place':
        return this.#andCascade(command, place(state, termsOf(command)));
      case 'cancel':
        return this.#andCascade(command, cancel(state, command));
      case 'cancelAll':
        return this.#andCascade(command, cancelAll(state, command));
      case 'setMarketRules':
        return setMarketRules(state, command);
      case 'setMarketStatus':
        return this.#andCascade(command, setMarketStatus(state, command));
      case 'setFeeTier':
        return setFeeTier(state, command);
      case 'setAccountTier':
        return setAccountTier(state, command);
      case 'activateLogic':
        return 'unknownLogic';
      case 'advanceTime':
        for (const market of state.markets) cascade(state, market);
        return undefined;
      case 'openSession':
        return openSession(state, command);
      case 'beginEpoch':
        return undefined;
      case 'cancelReplace':
        return this.#andCascade(command, cancelReplace(state, command));
      case 'amend':
        return this.#andCascade(command, amend(state, command));
      case 'placeList':
        return this.#andCascade(command, placeList(state, command));
      case 'cancelList':
        return this.#andCascade(command, cancelList(state, command));
    }
  }

  #andCascade({ market }: { market: number }, refusal: RejectionName | undefined): RejectionName | undefined {
    if (refusal === undefined) cascade(this.#state, this.#state.markets[market]!);
    return refusal;
  }

  /** All open orders, oldest first. */
  get open(): readonly Order[] {
    return [...this.#state.open].sort((a, b) => a.id - b.id);
  }

  get sessions(): readonly number[] {
    return this.#state.sessions.map(({ id }) => id);
  }

  /** References under which money was held to leave, whatever became of it. */
  get withdrawals(): readonly string[] {
    return this.#state.withdrawals.map(({ command }) => command.reference);
  }

  status(market: number): MarketStatus | undefined {
    return this.#state.markets[market]?.status;
  }

  lastPrice(market: number): number {
    return Number(this.#state.markets[market]?.lastPrice ?? 0n);
  }

  /** An account's open orders, oldest first, as the query of that name answers them. */
  openOrders(account: number): EventOf<'order'>[] {
    return this.open.filter(({ terms }) => terms.account === account).map((order) => orderAsTold(order));
  }

  /** An account's open order lists, oldest first, as the query of that name answers them. */
  openOrderLists(account: number): EventOf<'orderList'>[] {
    return this.lists.filter((list) => list.account === account);
  }

  get lists(): readonly EventOf<'orderList'>[] {
    return this.#state.lists.map(listAsTold);
  }

  /** An account's balances that are not zero, as the query of that name answers them. */
  balances(account: number): EventOf<'balance'>[] {
    return [...this.#balances.values()]
      .filter((balance) => balance.account === account && (balance.available > 0 || balance.held > 0))
      .sort((a, b) => a.asset - b.asset);
  }

  /** A market's book as the query of that name answers it. */
  book(market: number): EventOf<'level'>[] {
    const levels = [...this.#levels.values()].filter((level) => level.market === market);
    const side = (of: Side) => levels.filter((level) => level.side === of).sort((a, b) => a.price - b.price);
    return [...side('BUY').reverse(), ...side('SELL')];
  }

  /** What rests on a side of a market, in the order in which a taker would meet it. */
  resting(market: number, side: Side): EventOf<'order'>[] {
    const on = this.#state.markets[market];
    return on === undefined ? [] : restingOn(this.#state, on, side).map((order) => orderAsTold(order));
  }

  /** What an account pays on a market, as the query of that name answers it. */
  fees(account: AccountId, market: number): { type: 'feeRates'; makerFee: Ppm; takerFee: Ppm } {
    const { rules } = this.#state.markets[market]!;
    const tier = this.#state.feeTiers.get(this.#state.accountTiers.get(account) ?? 0);
    const { makerFee, takerFee } = tier ?? rules;
    return { type: 'feeRates', makerFee: makerFee as Ppm, takerFee: takerFee as Ppm };
  }
}

/** What is different afterwards, sorted; `gone` says what a thing that is no longer there looks like. */
function changes<T>(before: Map<string, T>, after: Map<string, T>, gone: (thing: T) => T): T[] {
  const changed: T[] = [];
  for (const [key, thing] of after) {
    const was = before.get(key);
    if (was === undefined ? !isNothing(thing) : JSON.stringify(was) !== JSON.stringify(thing))
      changed.push(thing);
  }
  for (const [key, thing] of before) if (!after.has(key)) changed.push(gone(thing));
  return sorted(changed);
}

/** A balance that came to be without anything in it, such as one of fees that rounded to zero. */
const isNothing = (thing: unknown) => JSON.stringify(thing).endsWith('"available":0,"held":0}');

/** Sorted by their text: changed levels and balances have no order of their own. */
export function sorted<T>(things: readonly T[]): T[] {
  const text = (thing: T) => JSON.stringify(thing);
  return [...things].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
