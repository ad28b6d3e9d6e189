/**
 * Puts commands in order, a batch at a time. Whatever arrives while a batch is being committed is the next batch: alone,
 * a command is committed at once; under load, many share one commit. Nothing is answered or published before it is in
 * the journal.
 */
import assert from 'node:assert/strict';
import { FrameWriter, openFrame, type Records, readRecord, recordsOf, typeOfRecord } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Query, Reply } from '#domain/queries.ts';
import type { Clock } from '#platform/clock.ts';
import type { EventFrame } from './batch-outcome.ts';
import type { Batch } from './journal.ts';
import { REPEATED } from './matching/engine.ts';
import type { Replica } from './replica.ts';
import { ReplyBuffer } from './reply-buffer.ts';

/** Requests waiting for their batch; more are refused. */
const PENDING_REQUESTS_MAX = 16_384;
/**
 * A batch takes no further request once it holds this many events and answered records, of at most 360 bytes: 6 MB of
 * the 16 that a frame may have, which leaves 10 to the last command (see `matching/cascade.ts`).
 */
const RECORDS_PER_BATCH = 16_384;

export interface SequencerOptions {
  readonly replica: Replica;
  /** The epoch that it writes. */
  readonly epoch: number;
  /** Commits the batch. */
  readonly append: (batch: Batch) => Promise<void>;
  /** Resolves while nobody else can lead: what was read from the replica is then the latest. */
  readonly confirm: () => Promise<void>;
  /** Most commands in one batch. */
  readonly batchCommandsMax: number;
  readonly clock: Pick<Clock, 'nowUs' | 'turn'>;
  /** Memory may be ahead of the journal: the process must end, and start again from what was committed. */
  readonly onFailure: (error: unknown) => void;
}

interface Request {
  readonly records: Records;
  readonly at: number;
  readonly replies: ReplyBuffer;
}

/** The batch that requests are being applied to. */
interface OpenBatch {
  readonly firstSeq: number;
  readonly answered: Set<ReplyBuffer>;
  /** Of answers, which count towards its size as its events do. */
  answeredRecords: number;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #commands = new FrameWriter();
  readonly #records = new FrameWriter();
  #pending: Request[] = [];
  #open: OpenBatch;
  /** The events of the batch that is being committed. */
  #committing: EventFrame | undefined;
  #lastSeq: number;
  #lastTimeUs: number;
  /** The batches under way; undefined while nothing waits. */
  #running: Promise<void> | undefined;
  #arrived = () => {};
  #closed = false;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#lastSeq = options.replica.position.seq;
    this.#lastTimeUs = options.replica.position.timeUs;
    this.#open = this.#nextBatch();
  }

  /**
   * Takes the request that begins at `at`, has been checked and stays as it is, and will be answered through `replies`,
   * unless it returns false: then it never will be.
   */
  submit(records: Records, at: number, replies: ReplyBuffer): boolean {
    if (this.#closed || this.#pending.length >= PENDING_REQUESTS_MAX) return false;
    this.#pending.push({ records, at, replies });
    this.#arrived();
    this.#running ??= this.#run();
    return true;
  }

  /** Takes no more requests; resolves when those taken are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      // The rest of what arrived in this turn of the event loop belongs to the first batch.
      await this.#options.clock.turn();
      this.#applyPending();
      while (this.#open.answered.size > 0) {
        const { answered } = this.#open;
        const commit = this.#commitOpen();
        // Applied while PostgreSQL writes, which has a processor of its own.
        while (await this.#arrivesBefore(commit)) this.#applyPending();
        for (const replies of answered) replies.flush();
        this.#continueCascades();
        this.#applyPending();
      }
      this.#running = undefined;
    } catch (error) {
      this.#closed = true;
      this.#options.onFailure(error);
    }
  }

  /** Whether there is something to apply before the commit ends; rejects as the commit does. */
  async #arrivesBefore(commit: Promise<void>): Promise<boolean> {
    const arrival = Promise.withResolvers<boolean>();
    if (!this.#isFull() && !this.#options.replica.needsRest) {
      this.#arrived = () => arrival.resolve(true);
      if (this.#pending.length > 0) this.#arrived();
    }
    const arrives = await Promise.race([commit.then(() => false), arrival.promise]);
    this.#arrived = () => {};
    // With it, the rest of this turn.
    if (arrives) await this.#options.clock.turn();
    return arrives;
  }

  /** Triggered orders that reached the bound of one command start with the next; when there is none, with this. */
  #continueCascades(): void {
    if (!this.#options.replica.engine.isCascading || this.#pending.length > 0) return;
    const records = new FrameWriter();
    const at = records.length;
    records.write(0, 0, { type: 'advanceTime' });
    this.#pending.push({ records, at, replies: new ReplyBuffer(() => {}) });
  }

  #nextBatch(): OpenBatch {
    return { firstSeq: this.#lastSeq + 1, answered: new Set(), answeredRecords: 0 };
  }

  /** Begins the commit of the open batch, and opens the next. */
  #commitOpen(): Promise<void> {
    const { firstSeq, answered } = this.#open;
    for (const replies of answered) replies.seal();
    const commit = this.#lastSeq >= firstSeq ? this.#commit(firstSeq) : this.#options.confirm();
    this.#open = this.#nextBatch();
    return commit;
  }

  async #commit(firstSeq: number): Promise<void> {
    const { replica, epoch, append } = this.#options;
    const commands = this.#commands.finish(firstSeq, this.#lastSeq);
    this.#commands.clear();
    const { events, digest } = replica.outcome.seal(firstSeq, commands, replica.position.digest);
    const batch = { firstSeq, lastSeq: this.#lastSeq, epoch, timeUs: this.#lastTimeUs, commands, digest };
    this.#committing = events;
    await append(batch);
    this.#committing = undefined;
    replica.advance(batch, events);
  }

  /** Applies what waits, up to the limits of a batch. */
  #applyPending(): void {
    let taken = 0;
    for (const request of this.#pending) {
      if (this.#isFull()) break;
      taken++;
      this.#open.answered.add(request.replies);
      if (typeOfRecord(request.records, request.at) in commands) this.#apply(request);
      else this.#answer(request);
    }
    this.#pending = this.#pending.slice(taken);
  }

  #isFull(): boolean {
    const { firstSeq, answeredRecords } = this.#open;
    const { batchCommandsMax, replica } = this.#options;
    if (this.#lastSeq - firstSeq + 1 >= batchCommandsMax) return true;
    return replica.outcome.events.count + answeredRecords >= RECORDS_PER_BATCH;
  }

  #apply({ records, at, replies }: Request): void {
    const { outcome } = this.#options.replica;
    const seq = ++this.#lastSeq;
    this.#lastTimeUs = Math.max(this.#options.clock.nowUs(), this.#lastTimeUs + 1);
    const journalled = this.#commands.length;
    this.#commands.copy(records, at, seq, this.#lastTimeUs);
    const code = outcome.apply(this.#commands, journalled);
    const { events, lastFrom, lastCount: count } = outcome;
    assert(code === 0 || count === 0, 'a refusal changes nothing');
    const requestId = records.words[at + 1]!;
    if (code === REPEATED) this.#repeat(requestId, replies);
    else if (code === 0)
      replies.add(seq, this.#lastTimeUs, { type: 'accepted', requestId, count }, events, lastFrom, count);
    else replies.add(seq, this.#lastTimeUs, { type: 'rejected', requestId, code });
  }

  /** Answers a request that was executed before with what came of it then, as far as that is still at hand. */
  #repeat(requestId: number, replies: ReplyBuffer): void {
    const { engine } = this.#options.replica;
    const { seq, timeUs } = engine.repeated;
    const events = this.#eventsOf(seq);
    const count = events?.count ?? 0;
    const reply: Reply = { type: 'repeated', requestId, count };
    replies.add(seq, timeUs, reply, events);
    this.#open.answeredRecords += count;
  }

  /** Of a command of the open batch, of the one being committed, or of one before. */
  #eventsOf(seq: number): FrameWriter | undefined {
    const { outcome, tail } = this.#options.replica;
    if (seq >= this.#open.firstSeq) return outcome.eventsOf(seq);
    if (this.#committing !== undefined && seq >= this.#committing.firstSeq)
      return recordsOf(openFrame(this.#committing.bytes), seq);
    return tail.eventsOf(seq);
  }

  /** Asked between two commands, answered with their batch: by then all that it tells is committed. */
  #answer({ records, at, replies }: Request): void {
    const { id, message } = readRecord(records, at);
    this.#records.clear();
    this.#options.replica.engine.answer(message as Query, this.#records);
    const count = this.#records.count;
    const reply = { type: 'answered', requestId: id, count } as const;
    replies.add(this.#lastSeq, this.#lastTimeUs, reply, this.#records);
    this.#open.answeredRecords += count;
  }
}
