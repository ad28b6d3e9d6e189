/** Open order lists. They are few beside orders, so they are plain objects. */
import { kinds } from './order-kinds.ts';

const { NONE, OCO, OTOCO } = kinds;

export interface OrderList {
  readonly id: number;
  readonly kind: number;
  readonly account: number;
  readonly market: number;
  readonly createdAt: number;
  readonly clientId: string;
  /** By leg. */
  readonly orderIds: readonly number[];
  /** By leg: the order's slot; NONE once it has ended. */
  readonly slots: number[];
  /**
   * What each order of an OCO pair takes at its limit: together they hold the larger of the two. Null before the pair
   * starts, and once one of them is alone, which then holds its own.
   */
  pairNeeds: readonly [number, number] | null;
}

export class OrderLists {
  open = new Map<number, OrderList>();
  lastId = 0;
  readonly #byAccount = new Map<number, Set<OrderList>>();

  add(list: OrderList): void {
    this.open.set(list.id, list);
    const lists = this.#byAccount.get(list.account);
    if (lists === undefined) this.#byAccount.set(list.account, new Set([list]));
    else lists.add(list);
  }

  delete(list: OrderList): void {
    this.open.delete(list.id);
    const lists = this.#byAccount.get(list.account)!;
    lists.delete(list);
    if (lists.size === 0) this.#byAccount.delete(list.account);
  }

  /** An account's open lists, oldest first. */
  of(account: number): readonly OrderList[] {
    return [...(this.#byAccount.get(account) ?? [])];
  }

  findByClientId(account: number, clientId: string): OrderList | undefined {
    return clientId === '' ? undefined : this.of(account).find((list) => list.clientId === clientId);
  }
}

/** The legs of a list that make an OCO pair: the first of them and the second. */
export function pairOf(kind: number): readonly [number, number] | undefined {
  if (kind === OCO) return [0, 1];
  return kind === OTOCO ? [1, 2] : undefined;
}

/** The leg that an order is, which is open. */
export function legOf(list: OrderList, slot: number): number {
  return list.slots.indexOf(slot);
}

/** Whether the order of a leg waits for the first to fill. */
export function isPendingLeg(kind: number, leg: number): boolean {
  return kind !== OCO && leg > 0;
}

export const isDone = (list: OrderList): boolean => list.slots.every((slot) => slot === NONE);
