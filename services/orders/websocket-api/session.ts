/** What a connection to the WebSocket API has of its own: who it is logged on as, and whose events it is told. */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { KeyWatch } from '../key-watch.ts';
import type { Clock, Json } from '../order-view.ts';
import { eventStreamTerminated } from '../user-data/user-events.ts';
import type { UserStreams } from '../user-data/user-streams.ts';

/** Limits: https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests */
const SUBSCRIPTIONS_MAX = 1_000;
/** Over the connection's life. */
const SUBSCRIPTIONS_EVER_MAX = 65_535;

export interface SessionDeps {
  readonly userStreams: Pick<UserStreams, 'subscribe'>;
  readonly keyWatch: Pick<KeyWatch, 'add'>;
}

/** The connection, as its session sees it. */
export interface Peer extends Clock {
  readonly address: string;
  send(json: Json): void;
}

/** A key that was used, and the account that it belongs to. */
export interface KeyHolder {
  readonly apiKey: string;
  readonly account: AccountId;
}

interface Logon extends KeyHolder {
  readonly since: TimeUs;
  readonly unwatch: () => void;
}

interface Subscription {
  readonly id: number;
  readonly account: AccountId;
  /** It came with the logon, and goes with it. */
  readonly isOfLogon: boolean;
  /** Until the client knows its id, it is told nothing. */
  isAnswered: boolean;
  readonly end: () => void;
}

export class Session {
  readonly connectedSince = nowUs();
  readonly #deps: SessionDeps;
  readonly #peer: Peer;
  readonly #subscriptions = new Map<number, Subscription>();
  #subscribedEver = 0;
  #logon: Logon | undefined;

  constructor(deps: SessionDeps, peer: Peer) {
    this.#deps = deps;
    this.#peer = peer;
  }

  get logon(): Pick<Logon, 'apiKey' | 'account' | 'since'> | undefined {
    return this.#logon;
  }

  get subscriptionIds(): number[] {
    return [...this.#subscriptions.keys()];
  }

  /** Replaces who was logged on before. */
  logOn({ apiKey, account }: KeyHolder): void {
    this.logOut();
    const { address } = this.#peer;
    const onRevoked = () => this.#revoke();
    const unwatch = this.#deps.keyWatch.add({ apiKey, account, address, onRevoked });
    this.#logon = { apiKey, account, since: nowUs(), unwatch };
  }

  logOut(): void {
    this.#logon?.unwatch();
    this.#logon = undefined;
    for (const { id, isOfLogon } of this.#subscriptions.values()) if (isOfLogon) this.#end(id);
  }

  /**
   * Takes a place for the account's events; they are told once {@link answered} was called.
   * @throws {ApiError} −2035, or −1003 past a limit.
   */
  subscribe({ apiKey, account }: KeyHolder, isOfLogon: boolean): number {
    for (const subscription of this.#subscriptions.values())
      if (subscription.account === account) throw apiErrors.subscriptionActive();
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX || this.#subscribedEver >= SUBSCRIPTIONS_EVER_MAX)
      throw apiErrors.tooManySubscriptions();
    const id = this.#subscribedEver++;
    const { userStreams, keyWatch } = this.#deps;
    const { address, time } = this.#peer;
    const unsubscribe = userStreams.subscribe({ account, time, tell: (event) => this.#tell(id, event) });
    const unwatch = keyWatch.add({ apiKey, account, address, onRevoked: () => this.#end(id) });
    const end = () => {
      unsubscribe();
      unwatch();
    };
    this.#subscriptions.set(id, { id, account, isOfLogon, isAnswered: false, end });
    return id;
  }

  /** The reply to the subscription is with the client. */
  answered(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription !== undefined) subscription.isAnswered = true;
  }

  /** Ends one subscription, or without an id all; false when there is none. */
  unsubscribe(id?: number): boolean {
    const ids =
      id === undefined ? this.subscriptionIds : [id].filter((each) => this.#subscriptions.has(each));
    for (const each of ids) this.#end(each);
    return ids.length > 0;
  }

  /** The connection has gone. */
  close(): void {
    this.#logon?.unwatch();
    for (const { end } of this.#subscriptions.values()) end();
    this.#subscriptions.clear();
  }

  #tell(subscriptionId: number, event: Json): void {
    if (this.#subscriptions.get(subscriptionId)?.isAnswered) this.#peer.send({ subscriptionId, event });
  }

  #end(id: number): void {
    this.#tell(id, eventStreamTerminated(this.#peer, nowUs()));
    this.#subscriptions.get(id)?.end();
    this.#subscriptions.delete(id);
  }

  /** In the words of the dialect, which has no request to answer here. */
  #revoke(): void {
    if (this.#logon === undefined) return;
    this.logOut();
    const refusal = apiErrors.rejectedApiKey();
    this.#peer.send({ id: null, status: refusal.status, error: refusal });
  }
}

function nowUs(): TimeUs {
  return (Date.now() * 1_000) as TimeUs;
}
