/** What holds the coins: a chain, or a custodian in front of one. `sandbox/` is one that needs nothing outside. */
import type { Units } from '#domain/ids.ts';

/** An output of a transaction on a chain, by which a deposit is known once and for all. */
export interface OutputId {
  readonly txId: string;
  readonly output: number;
}

/**
 * Where an output stands now. `missing`: known, in no block at the moment, and may come back. `gone`: another
 * transaction took its place.
 */
export type OutputState =
  | { readonly state: 'mined'; readonly confirmations: number }
  | { readonly state: 'missing' }
  | { readonly state: 'gone' };

export interface IncomingOutput extends OutputId {
  readonly asset: string;
  readonly address: string;
  readonly amount: Units;
}

/** That something happened to an output. It may come twice, late, or be about what has changed since. */
export interface Notice extends OutputId {
  /** Rises from notice to notice. */
  readonly id: number;
}

export interface SendOrder {
  /** The same key is sent once, however often it is asked for. */
  readonly key: string;
  readonly asset: string;
  readonly address: string;
  readonly amount: Units;
}

/** What became of a send. `failed` is final: nothing of it can reach the chain any more. */
type Sending =
  | { readonly state: 'under-way'; readonly txId: string }
  | { readonly state: 'mined'; readonly txId: string; readonly confirmations: number }
  | { readonly state: 'failed'; readonly txId: string };

/** The custodian will not send this, and has not. Any other failure leaves open whether it was sent. */
export class SendRefused extends Error {
  override name = 'SendRefused';
}

/** What an asset moves over, as clients are told. */
interface Network {
  /** How requests name it. */
  readonly id: string;
  readonly name: string;
  /** What its addresses look like. */
  readonly addressRegex: string;
}

export interface Custody {
  /** The one network that an asset moves over here. */
  network(asset: string): Network;
  /** Where deposits of this asset for this account go; the same at every call. */
  depositAddress(asset: string, account: number): Promise<string>;
  isAddress(asset: string, text: string): boolean;
  /** Up to `limit` notices after the one of this id, the oldest first. */
  notices(after: number, limit: number): Promise<readonly Notice[]>;
  /** Undefined when the chain never had it. */
  output(id: OutputId): Promise<(IncomingOutput & OutputState) | undefined>;
  /** @throws {SendRefused} when it was not sent and will not be; anything else leaves that open: ask again. */
  send(order: SendOrder): Promise<{ readonly txId: string }>;
  /** What became of the send with this key, which {@link send} has answered. */
  sending(key: string): Promise<Sending>;
  /** All that it holds, by asset: what reconciliation compares with the ledger. */
  holdings(): Promise<ReadonlyMap<string, Units>>;
}
