/** Tells accounts what happens to them: every committed event of theirs, once and in order, to whoever listens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, FrameRecord, Message } from '#domain/codec.ts';
import type { Event } from '#domain/events.ts';
import type { AccountId, Seq, TimeUs } from '#domain/ids.ts';
import { EngineUnavailable } from '#platform/engine-client.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Clock, Json } from '../order-view.ts';
import { accountEventsOf, TOLD_TYPES } from './account-events.ts';
import type { ListNames } from './list-names.ts';

export interface Subscriber extends Clock {
  readonly account: AccountId;
  tell(event: Json): void;
}

/** How soon the engine is asked again for a market that was listed a moment ago. */
const RETRY_MS = 100;

export class UserStreams {
  readonly #listings: Listings;
  readonly #names: ListNames;
  readonly #subscribers = new Map<AccountId, Set<Subscriber>>();
  readonly #wanted = new Set<Message['type']>();

  constructor(listings: Listings, names: ListNames) {
    this.#listings = listings;
    this.#names = names;
  }

  /** What {@link take} has use for: nothing while nobody listens, so that nothing need be decoded. */
  get wanted(): ReadonlySet<Message['type']> {
    return this.#wanted;
  }

  /** Tells the subscriber from now on, until the returned function is called. */
  subscribe(subscriber: Subscriber): () => void {
    const { account } = subscriber;
    const subscribers = this.#subscribers.get(account) ?? new Set();
    subscribers.add(subscriber);
    this.#subscribers.set(account, subscribers);
    for (const type of TOLD_TYPES) this.#wanted.add(type);
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size > 0 || this.#subscribers.get(account) !== subscribers) return;
      this.#subscribers.delete(account);
      if (this.#subscribers.size === 0) this.#wanted.clear();
    };
  }

  /** Resolves when everybody was told. Frames come one at a time, each beginning where the last one ended. */
  async take({ records }: Frame): Promise<void> {
    for (let at = 0; at < records.length; ) {
      const first = records[at]!;
      let end = at + 1;
      while (records[end]?.id === first.id) end++;
      await this.#takeCommand(first, records.slice(at, end).map(({ message }) => message) as Event[]);
      at = end;
    }
  }

  async #takeCommand({ id, timeUs }: FrameRecord, events: readonly Event[]): Promise<void> {
    if (!events.some((event) => 'account' in event && this.#subscribers.has(event.account))) return;
    await this.#knowMarkets(events);
    const isTold = (account: AccountId) => this.#subscribers.has(account);
    const names = await this.#names.of(events, isTold, id as Seq);
    const when = { seq: id, at: timeUs as TimeUs, toldAt: (Date.now() * 1_000) as TimeUs };
    for (const { account, view } of accountEventsOf(this.#listings, events, names, when, isTold))
      for (const subscriber of this.#subscribers.get(account) ?? []) subscriber.tell(view(subscriber));
  }

  /** What is traded may have been listed a moment ago. */
  async #knowMarkets(events: readonly Event[]): Promise<void> {
    const isKnown = () => events.every((event) => this.#isKnown(event));
    while (!isKnown()) {
      await this.#listings.refresh().catch((error: unknown) => {
        if (!(error instanceof EngineUnavailable)) throw error;
      });
      if (!isKnown()) await sleep(RETRY_MS);
    }
  }

  #isKnown(event: Event): boolean {
    const { markets, assets } = this.#listings;
    if ('market' in event) return markets[event.market] !== undefined;
    return !('asset' in event) || assets[event.asset] !== undefined;
  }
}
