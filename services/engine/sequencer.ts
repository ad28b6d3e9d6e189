/**
 * Puts commands in order, a batch at a time. Whatever waits while a batch is being committed is the next batch:
 * alone, a command is committed at once; under load, many share one commit. Nothing is answered or published
 * before it is in the journal.
 */
import assert from 'node:assert/strict';
import { FrameWriter, type Records, readRecord, typeOfRecord } from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import type { Query, Reply } from '#domain/queries.ts';
import { BatchOutcome, type EventFrame } from './batch-outcome.ts';
import type { Journal } from './journal.ts';
import { type MatchingEngine, REPEATED } from './matching/engine.ts';
import { ReplyBuffer } from './reply-buffer.ts';

/** Requests waiting for their batch; more are refused. */
const PENDING_REQUESTS_MAX = 16_384;
/**
 * A batch takes no further request once it holds this many events and answered records, of at most 360 bytes: 6 MB of
 * the 16 that a frame may have, which leaves 10 to the last command (see `matching/cascade.ts`).
 */
const RECORDS_PER_BATCH = 16_384;

export interface SequencerOptions {
  readonly engine: Pick<MatchingEngine, 'apply' | 'answer' | 'repeated' | 'isCascading'>;
  readonly journal: Pick<Journal, 'append' | 'end'>;
  /** Most commands in one batch. */
  readonly batchCommandsMax: number;
  /** Time of the last command in the journal, in microseconds. */
  readonly lastTimeUs: number;
  /** The wall clock, in microseconds. */
  readonly nowUs: () => number;
  /** The committed events of a sequence, or undefined when they are not at hand any more. */
  readonly recentEvents: (seq: number) => FrameWriter | undefined;
  /** Gets each batch's events, in order, once they are committed. */
  readonly onCommitted: (events: EventFrame) => void;
  /** Memory may be ahead of the journal: the process must end, and start again from what was committed. */
  readonly onFailure: (error: unknown) => void;
}

interface Request {
  readonly records: Records;
  readonly at: number;
  readonly replies: ReplyBuffer;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #outcome: BatchOutcome;
  readonly #commands = new FrameWriter();
  readonly #records = new FrameWriter();
  #pending: Request[] = [];
  #lastSeq: number;
  #lastTimeUs: number;
  /** The batches under way; undefined while nothing waits. */
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#outcome = new BatchOutcome(options.engine);
    this.#lastSeq = options.journal.end.lastSeq;
    this.#lastTimeUs = options.lastTimeUs;
  }

  /**
   * Takes the request that begins at `at`, has been checked and stays as it is, and will be answered through `replies`,
   * unless it returns false: then it never will be.
   */
  submit(records: Records, at: number, replies: ReplyBuffer): boolean {
    if (this.#closed || this.#pending.length >= PENDING_REQUESTS_MAX) return false;
    this.#pending.push({ records, at, replies });
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
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#pending.length > 0) {
        await this.#commitBatch();
        this.#continueCascades();
      }
      this.#running = undefined;
    } catch (error) {
      this.#closed = true;
      this.#options.onFailure(error);
    }
  }

  /** Triggered orders that reached the bound of one command start with the next; when there is none, with this. */
  #continueCascades(): void {
    if (!this.#options.engine.isCascading || this.#pending.length > 0) return;
    const records = new FrameWriter();
    const at = records.length;
    records.write(0, 0, { type: 'advanceTime' });
    this.#pending.push({ records, at, replies: new ReplyBuffer(() => {}) });
  }

  async #commitBatch(): Promise<void> {
    const { journal, onCommitted } = this.#options;
    const firstSeq = this.#lastSeq + 1;
    const answered = this.#applyPending();
    if (this.#lastSeq >= firstSeq) {
      const frame = this.#commands.finish(firstSeq, this.#lastSeq);
      this.#commands.clear();
      const { events, digest } = this.#outcome.seal(firstSeq, frame, journal.end.digest);
      await journal.append({
        firstSeq,
        lastSeq: this.#lastSeq,
        commands: frame,
        digest,
      });
      onCommitted(events);
    }
    for (const replies of answered) replies.flush();
  }

  /** Applies what waits, up to the limits of a batch; returns who is to be answered. */
  #applyPending(): Set<ReplyBuffer> {
    const { batchCommandsMax } = this.#options;
    const answered = new Set<ReplyBuffer>();
    const lastSeqMax = this.#lastSeq + batchCommandsMax;
    let taken = 0;
    let answeredRecords = 0;
    for (const request of this.#pending) {
      const records = this.#outcome.eventCount + answeredRecords;
      if (this.#lastSeq === lastSeqMax || records >= RECORDS_PER_BATCH) break;
      taken++;
      answered.add(request.replies);
      if (typeOfRecord(request.records, request.at) in commands) answeredRecords += this.#apply(request);
      else answeredRecords += this.#answer(request);
    }
    this.#pending = this.#pending.slice(taken);
    return answered;
  }

  /** Counts the records of an answer that are no events of the batch. */
  #apply({ records, at, replies }: Request): number {
    const seq = ++this.#lastSeq;
    this.#lastTimeUs = Math.max(this.#options.nowUs(), this.#lastTimeUs + 1);
    const journalled = this.#commands.length;
    this.#commands.copy(records, at, seq, this.#lastTimeUs);
    const code = this.#outcome.apply(this.#commands, journalled);
    const events = this.#outcome.commandEvents;
    assert(code === 0 || events.count === 0, 'a refusal changes nothing');
    const requestId = records.words[at + 1]!;
    if (code === REPEATED) return this.#repeat(requestId, replies);
    if (code === 0)
      replies.add(seq, this.#lastTimeUs, { type: 'accepted', requestId, count: events.count }, events);
    else replies.add(seq, this.#lastTimeUs, { type: 'rejected', requestId, code });
    return 0;
  }

  /** Answers a request that was executed before with what came of it then, as far as that is still at hand. */
  #repeat(requestId: number, replies: ReplyBuffer): number {
    const { engine, recentEvents } = this.#options;
    const { seq, timeUs } = engine.repeated;
    const ofBatch = this.#outcome.eventsOf(seq);
    const events = ofBatch.count > 0 ? ofBatch : recentEvents(seq);
    const count = events?.count ?? 0;
    const reply: Reply = { type: 'repeated', requestId, count };
    replies.add(seq, timeUs, reply, events);
    return count;
  }

  /** Asked between two commands, answered with their batch: by then all that it tells is committed. Counts records. */
  #answer({ records, at, replies }: Request): number {
    const { id, message } = readRecord(records, at);
    this.#records.clear();
    this.#options.engine.answer(message as Query, this.#records);
    const count = this.#records.count;
    const reply = { type: 'answered', requestId: id, count } as const;
    replies.add(this.#lastSeq, this.#lastTimeUs, reply, this.#records);
    return count;
  }
}
