/**
 * The matching engine: the state of the exchange and how each command changes it. Pure: the same commands with the
 * same sequences and times give the same events and the same state, on any machine.
 */
import assert from 'node:assert/strict';
import type { FrameWriter } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Seq, TimeUs } from '#domain/ids.ts';
import type { Query } from '#domain/queries.ts';
import { answers } from './answering.ts';
import { cancel, cancelAll } from './cancelling.ts';
import { digestOf } from './digest.ts';
import { deposit } from './funding.ts';
import { checkInvariants } from './invariants.ts';
import { listAsset, listMarket } from './listing.ts';
import { place } from './placing.ts';
import { Outcome, State } from './state.ts';

export class MatchingEngine {
  readonly #state = new State();
  #lastSeq = 0 as Seq;
  #lastTimeUs = 0 as TimeUs;

  /** The sequence of the last command applied, accepted or refused; 0 before the first. */
  get lastSeq(): Seq {
    return this.#lastSeq;
  }

  /**
   * Applies the next command (`seq` is `lastSeq + 1`) and appends its events to `events` with `seq` as their id. A
   * refusal writes nothing and leaves the state as it was. No content that the codec lets through makes it throw.
   *
   * Events come in this order: what the command did, step by step (an order as `NEW`; each trade and its maker's
   * order; the taker's order after its trades; its end); then each changed level, then each changed balance.
   *
   * @returns null when accepted, else the code of a rejection in `rejections.ts`.
   */
  apply(seq: Seq, timeUs: TimeUs, command: Command, events: FrameWriter): number | null {
    assert.equal(seq, this.#lastSeq + 1, 'sequences are contiguous');
    this.#lastSeq = seq;
    this.#lastTimeUs = timeUs;
    return this.#dispatch(command, new Outcome(seq, timeUs, events));
  }

  /** Appends the records that answer `query`, with the last sequence and time. */
  answer(query: Query, records: FrameWriter): void {
    for (const record of answers(this.#state, query)) records.write(this.#lastSeq, this.#lastTimeUs, record);
  }

  /** SHA-256 in hex over the whole state, in canonical order: equal states have equal digests. */
  digest(): string {
    return digestOf(this.#state);
  }

  /** @throws {AssertionError} when assets are not conserved, holds or books are wrong. Slow: visits everything. */
  checkInvariants(): void {
    checkInvariants(this.#state);
  }

  #dispatch(command: Command, outcome: Outcome): number | null {
    switch (command.type) {
      case 'place':
        return place(this.#state, command, outcome);
      case 'cancel':
        return cancel(this.#state, command, outcome);
      case 'cancelAll':
        return cancelAll(this.#state, command, outcome);
      case 'deposit':
        return deposit(this.#state, command, outcome);
      case 'listMarket':
        return listMarket(this.#state, command, outcome);
      case 'listAsset':
        return listAsset(this.#state, command, outcome);
    }
  }
}
