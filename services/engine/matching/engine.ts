/**
 * The matching engine: the state of the exchange and how each command changes it. Pure: the same commands with the
 * same sequences and times give the same events and the same state, on any machine.
 */
import assert from 'node:assert/strict';
import { type FrameWriter, offsetsOf, type Records, readRecord } from '#domain/codec.ts';
import { type Command, type CommandOf, commands } from '#domain/commands.ts';
import type { EventOf } from '#domain/events.ts';
import type { MarketId, Seq, SessionId, TimeUs } from '#domain/ids.ts';
import type { Side } from '#domain/orders.ts';
import type { Query } from '#domain/queries.ts';
import { rejections } from '#domain/rejections.ts';
import { amend } from './amending.ts';
import { answer } from './answering.ts';
import { cancel, cancelAll, cancelList } from './cancelling.ts';
import { cascade } from './cascade.ts';
import { digestOf } from './digest.ts';
import { deposit, holdWithdrawal, releaseWithdrawal, settleWithdrawal, transfer } from './funding.ts';
import { checkInvariants } from './invariants.ts';
import {
  activateLogic,
  listAsset,
  listMarket,
  setAccountTier,
  setFeeTier,
  setMarketRules,
  setMarketStatus,
} from './listing.ts';
import './inlining.ts';
import type { Market } from './market.ts';
import { place } from './placing.ts';
import { placeList } from './placing-lists.ts';
import { cancelPlain } from './plain-cancelling.ts';
import { placePlain } from './plain-placing.ts';
import { cancelReplace } from './replacing.ts';
import { resting } from './resting.ts';
import { outcomeOf, remember, rememberedAt } from './sessions.ts';
import { restoreState, saveState } from './snapshot.ts';
import { State } from './state.ts';
import { Outcome } from './telling.ts';
import { tellBalances, tellLevels } from './telling-totals.ts';

const { place: PLACE, cancel: CANCEL, amend: AMEND, cancelReplace: REPLACE } = commands;
const { cancelAll: CANCEL_ALL, placeList: PLACE_LIST, cancelList: CANCEL_LIST } = commands;
/** Trading commands begin with the same four fields. */
const { session: SESSION, request: REQUEST, market: MARKET } = offsetsOf(commands.place);

const PLACE_CODE = PLACE.code;
const CANCEL_CODE = CANCEL.code;

/** A request that was accepted before, and is not executed again. */
export const REPEATED = -1;

export class MatchingEngine {
  #state = new State();
  readonly #outcome = new Outcome();
  #lastSeq = 0 as Seq;
  #lastTimeUs = 0 as TimeUs;
  #repeated = { seq: 0 as Seq, timeUs: 0 as TimeUs };

  /** An engine as it was when `snapshot` was taken. @throws {SnapshotError} when the bytes are damaged. */
  static restore(snapshot: Uint8Array): MatchingEngine {
    const engine = new MatchingEngine();
    const { state, lastSeq, lastTimeUs } = restoreState(snapshot);
    engine.#state = state;
    engine.#lastSeq = lastSeq as Seq;
    engine.#lastTimeUs = lastTimeUs as TimeUs;
    return engine;
  }

  /** The sequence of the last command applied, accepted or refused; 0 before the first. */
  get lastSeq(): Seq {
    return this.#lastSeq;
  }

  /** After {@link REPEATED}: where and when the request was executed. */
  get repeated(): { readonly seq: Seq; readonly timeUs: TimeUs } {
    return this.#repeated;
  }

  /** Whether triggered orders wait for a command to start them. */
  get isCascading(): boolean {
    return this.#state.markets.some(({ queueFirst, status }) => queueFirst >= 0 && status === 0);
  }

  /**
   * Applies the next command, which begins at `at` in `records` and has been checked, and appends its events to
   * `events`. Its record's id is its sequence (`lastSeq + 1`), its time never goes back. A refusal writes nothing and
   * leaves the state as it was. No content that the codec lets through makes it throw.
   *
   * Events come in this order: what the command did, step by step; what that triggered; then each changed level, then
   * each changed balance.
   *
   * @returns 0 when accepted, {@link REPEATED}, or the code of a rejection in `rejections.ts`.
   */
  apply(records: Records, at: number, events: FrameWriter): number {
    const seq = records.words[at + 1]! as Seq;
    if (seq !== this.#lastSeq + 1) assert.fail(`sequence ${seq} follows ${this.#lastSeq}`);
    this.#lastSeq = seq;
    this.#lastTimeUs = records.words[at + 2]! as TimeUs;
    this.#outcome.begin(seq, this.#lastTimeUs, events);
    switch (records.ints[at * 2]!) {
      case PLACE.code:
      case CANCEL.code:
      case AMEND.code:
      case REPLACE.code:
      case CANCEL_ALL.code:
      case PLACE_LIST.code:
      case CANCEL_LIST.code:
        return records.words[at + SESSION] === 0 ? this.#trade(records, at) : this.#tradeOnce(records, at);
      default:
        return this.#operate(readRecord(records, at).message as Command);
    }
  }

  /** Appends the records that answer `query`, with the last sequence and time. */
  answer(query: Query, records: FrameWriter): void {
    answer(this.#state, query, this.#lastSeq, this.#lastTimeUs, records);
  }

  /** One side of a market's book as it is matched: best price first, and at each the longest there first. */
  resting(market: MarketId, side: Side): readonly EventOf<'order'>[] {
    return resting(this.#state, market, side);
  }

  /** SHA-256 in hex over the whole state, in canonical order: equal states have equal digests. */
  digest(): string {
    return digestOf(this.#state);
  }

  /** All that {@link restore} needs, with a checksum. */
  snapshot(): Uint8Array {
    return saveState(this.#state, this.#lastSeq, this.#lastTimeUs);
  }

  /** @throws {AssertionError} when assets are not conserved, holds or books are wrong. Slow: visits everything. */
  checkInvariants(): void {
    checkInvariants(this.#state);
  }

  /** Executes what most commands are by the short way; false when it is anything else. */
  #isPlain(records: Records, at: number): boolean {
    const code = records.ints[at * 2]!;
    if (code === PLACE_CODE) return placePlain(this.#state, records, at, this.#outcome);
    return code === CANCEL_CODE && cancelPlain(this.#state, records, at, this.#outcome);
  }

  /** A request of a session is executed once; after that its outcome is told again. */
  #tradeOnce(records: Records, at: number): number {
    const session = this.#state.sessions.find(records.words[at + SESSION]!);
    if (session === undefined) return rejections.unknownSession;
    const request = records.words[at + REQUEST]!;
    const remembered = rememberedAt(session, request);
    if (remembered > request) return rejections.forgottenRequest;
    if (remembered === request) {
      const { seq, timeUs, code } = outcomeOf(session, request);
      if (code !== 0) return code;
      this.#repeated = { seq: seq as Seq, timeUs: timeUs as TimeUs };
      return REPEATED;
    }
    const code = this.#trade(records, at);
    remember(session, request, { seq: this.#lastSeq, timeUs: this.#lastTimeUs, code });
    return code;
  }

  #trade(records: Records, at: number): number {
    if (this.#isPlain(records, at)) return 0;
    const code = this.#dispatch(records, at);
    if (code === 0) this.#settle(this.#state.markets[records.words[at + MARKET]!]!);
    return code;
  }

  #dispatch(records: Records, at: number): number {
    const state = this.#state;
    const outcome = this.#outcome;
    switch (records.ints[at * 2]!) {
      case PLACE.code:
        return place(state, records, at, outcome);
      case CANCEL.code:
        return cancel(state, records, at, outcome);
      case AMEND.code:
        return amend(state, records, at, outcome);
      case REPLACE.code:
        return cancelReplace(state, records, at, outcome);
      case CANCEL_ALL.code:
        return cancelAll(state, records, at, outcome);
      case PLACE_LIST.code:
        return placeList(state, records, at, outcome);
      default:
        return cancelList(state, records, at, outcome);
    }
  }

  /** Starts what the command triggered on its market, then tells all that has changed. */
  #settle(market: Market): void {
    if (market.queueFirst >= 0) cascade(this.#state, this.#outcome, market);
    tellLevels(this.#state, this.#outcome, market);
    tellBalances(this.#state, this.#outcome);
  }

  /** What operators and the wallet, and not traders, tell the engine. */
  #operate(command: Command): number {
    const state = this.#state;
    const outcome = this.#outcome;
    switch (command.type) {
      case 'deposit':
        return this.#andBalances(deposit(state, command, outcome));
      case 'holdWithdrawal':
        return this.#andBalances(holdWithdrawal(state, command, outcome));
      case 'settleWithdrawal':
        return this.#andBalances(settleWithdrawal(state, command, outcome));
      case 'releaseWithdrawal':
        return this.#andBalances(releaseWithdrawal(state, command, outcome));
      case 'transfer':
        return this.#andBalances(transfer(state, command, outcome));
      case 'listMarket':
        return listMarket(state, command, outcome);
      case 'listAsset':
        return listAsset(state, command, outcome);
      case 'setMarketRules':
        return setMarketRules(state, command, outcome);
      case 'setMarketStatus': {
        const code = setMarketStatus(state, command, outcome);
        if (code === 0) this.#settle(state.markets[command.market]!);
        return code;
      }
      case 'setFeeTier':
        return setFeeTier(state, command, outcome);
      case 'setAccountTier':
        return setAccountTier(state, command, outcome);
      case 'activateLogic':
        return activateLogic(state, command, outcome);
      case 'openSession':
        return this.#openSession(command);
      case 'advanceTime':
        return this.#advance();
      case 'beginEpoch':
        outcome.write({ type: 'epochBegan', epoch: command.epoch });
        return 0;
      default:
        return assert.fail(`${command.type} is not a command of operators`);
    }
  }

  #andBalances(code: number): number {
    tellBalances(this.#state, this.#outcome);
    return code;
  }

  #openSession({ nonce }: CommandOf<'openSession'>): number {
    const session = this.#state.sessions.openFor(nonce, this.#lastSeq) as SessionId;
    this.#outcome.write({ type: 'sessionOpened', session, nonce });
    return 0;
  }

  #advance(): number {
    for (const market of this.#state.markets) {
      cascade(this.#state, this.#outcome, market);
      tellLevels(this.#state, this.#outcome, market);
    }
    tellBalances(this.#state, this.#outcome);
    return 0;
  }
}
