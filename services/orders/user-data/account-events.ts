/** Which accounts are told what of a command, and in which order. Pure. */
import type { Message } from '#domain/codec.ts';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, OrderId, OrderListId, Seq } from '#domain/ids.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Clock, Json } from '../order-view.ts';
import { executionsOf } from './executions.ts';
import {
  balanceUpdate,
  executionReport,
  listStatus,
  type Moment,
  outboundAccountPosition,
} from './user-events.ts';

/** The events that accounts are told of. */
export const TOLD_TYPES: ReadonlySet<Message['type']> = new Set([
  'order',
  'trade',
  'preventedMatch',
  'amended',
  'orderList',
  'balance',
  'deposited',
  'withdrawalSettled',
  'transferred',
] as const);

/** The client order ids of a list's orders, by list. */
export type NamesOfLists = ReadonlyMap<OrderListId, ReadonlyMap<OrderId, string>>;

export interface AccountEvent {
  readonly account: AccountId;
  /** As a client with this clock sees it. */
  readonly view: (clock: Clock) => Json;
}

/**
 * `events` are all that one command did. Orders and lists are told in the order in which they changed, balances once
 * for each account, as they are after the command. Others than those `isTold` names are left out.
 */
export function accountEventsOf(
  listings: Listings,
  events: readonly Event[],
  names: NamesOfLists,
  when: Moment,
  isTold: (account: AccountId) => boolean,
): AccountEvent[] {
  const told: AccountEvent[] = [];
  const balances = new Map<AccountId, EventOf<'balance'>[]>();
  const executions = executionsOf(events, when.seq as Seq);
  for (const event of events) {
    for (const execution of executions.get(event) ?? []) {
      const view = (clock: Clock) => executionReport(clock, listings, execution, when);
      if (isTold(execution.order.account)) told.push({ account: execution.order.account, view });
    }
    for (const { account, asset, delta } of movementsOf(event)) {
      const view = (clock: Clock) => balanceUpdate(clock, listings, asset, delta, when);
      if (isTold(account)) told.push({ account, view });
    }
    if (!('account' in event) || !isTold(event.account)) continue;
    const { account } = event;
    if (event.type === 'orderList') {
      const ofList = names.get(event.orderListId) ?? new Map();
      told.push({ account, view: (clock) => listStatus(clock, listings, event, ofList, when) });
    } else if (event.type === 'balance') {
      balances.set(account, [...(balances.get(account) ?? []), event]);
    }
  }
  for (const [account, changed] of balances) {
    const view = (clock: Clock) => outboundAccountPosition(clock, listings, changed, when);
    told.push({ account, view });
  }
  return told;
}

interface Movement {
  readonly account: AccountId;
  readonly asset: AssetId;
  readonly delta: number;
}

/** What comes and goes otherwise than by trading. A withdrawal that is only held shows in the balances. */
function movementsOf(event: Event): readonly Movement[] {
  switch (event.type) {
    case 'deposited':
      return [{ account: event.account, asset: event.asset, delta: event.amount }];
    case 'withdrawalSettled':
      return [{ account: event.account, asset: event.asset, delta: -event.amount }];
    case 'transferred': {
      const { from, to, asset, amount } = event;
      return [
        { account: from, asset, delta: -amount },
        { account: to, asset, delta: amount },
      ];
    }
    default:
      return [];
  }
}
