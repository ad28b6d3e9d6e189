/** What clients call the orders of their lists: an order of a list may have ended long before the list does. */
import type { Kysely } from 'kysely';
import type { Event, EventOf } from '#domain/events.ts';
import type { AccountId, OrderId, OrderListId, Seq } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ReadBarrier } from '#platform/read-barrier.ts';
import { orderIdsOf } from '../order-list-view.ts';
import { readClientOrderIds } from '../stored-orders.ts';
import type { NamesOfLists } from './account-events.ts';

type Names = ReadonlyMap<OrderId, string>;

/** Most open lists remembered; of those beyond, and of those from before this task started, the read models know. */
const LISTS_MAX = 10_000;

export interface ListNamesDeps {
  /** Read only. */
  readonly db: Kysely<Database>;
  readonly barrier: ReadBarrier;
  readonly log: Log;
}

export class ListNames {
  readonly #deps: ListNamesDeps;
  readonly #open = new Map<OrderListId, Names>();

  constructor(deps: ListNamesDeps) {
    this.#deps = deps;
  }

  /** Of the lists that a command's `events` tell these accounts of. */
  async of(
    events: readonly Event[],
    isTold: (account: AccountId) => boolean,
    seq: Seq,
  ): Promise<NamesOfLists> {
    const names = new Map<OrderListId, Names>();
    for (const event of events)
      if (event.type === 'orderList' && isTold(event.account))
        names.set(event.orderListId, await this.#namesOf(event, events, seq));
    return names;
  }

  async #namesOf(list: EventOf<'orderList'>, events: readonly Event[], seq: Seq): Promise<Names> {
    const ids = orderIdsOf(list);
    const names = new Map(this.#open.get(list.orderListId));
    for (const event of events)
      if (event.type === 'order' && ids.includes(event.orderId))
        names.set(event.orderId, event.clientOrderId);
    this.#open.delete(list.orderListId);
    if (list.status === 'EXECUTING') this.#open.set(list.orderListId, names);
    if (this.#open.size > LISTS_MAX) this.#open.delete(this.#open.keys().next().value!);
    const unknown = ids.filter((id) => !names.has(id));
    return unknown.length === 0 ? names : new Map([...names, ...(await this.#read(unknown, seq))]);
  }

  /** Without them the event is told all the same: the ids of the orders say which they are. */
  async #read(orderIds: readonly OrderId[], seq: Seq): Promise<Names> {
    const { db, barrier, log } = this.#deps;
    try {
      await barrier.reach(seq);
      return await readClientOrderIds(db, orderIds);
    } catch (error) {
      log.warn({ err: error, orderIds }, 'the client order ids of a list are not known');
      return new Map();
    }
  }
}
