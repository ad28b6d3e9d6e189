/**
 * Puts commands in order, a batch at a time. Whatever waits while a batch is being committed is the next batch:
 * alone, a command is committed at once; under load, many share one commit. Nothing is answered or published
 * before it is in the journal.
 */
import assert from 'node:assert/strict';
import { FrameWriter } from '#domain/codec.ts';
import { type Command, commands } from '#domain/commands.ts';
import type { Query } from '#domain/queries.ts';
import { BatchOutcome, type EventFrame } from './batch-outcome.ts';
import type { Journal } from './journal.ts';
import type { MatchingEngine } from './matching/engine.ts';
import type { ReplyBuffer } from './reply-buffer.ts';

/** Requests waiting for their batch; more are refused. */
const PENDING_REQUESTS_MAX = 16_384;
/**
 * A batch takes no further request once it holds this many events and answered records: a frame of events holds
 * 72,000 of the largest (232 bytes in 16 MB), which leaves the last command 55,000 of its own.
 */
const RECORDS_PER_BATCH = 16_384;

export interface SequencerOptions {
  readonly engine: Pick<MatchingEngine, 'apply' | 'answer'>;
  readonly journal: Pick<Journal, 'append' | 'end'>;
  /** Most commands in one batch. */
  readonly batchCommandsMax: number;
  /** Time of the last command in the journal, in microseconds. */
  readonly lastTimeUs: number;
  /** The wall clock, in microseconds. */
  readonly nowUs: () => number;
  /** Gets each batch's events, in order, once they are committed. */
  readonly onCommitted: (events: EventFrame) => void;
  /** Memory may be ahead of the journal: the process must end, and start again from what was committed. */
  readonly onFailure: (error: unknown) => void;
}

interface Request {
  readonly id: number;
  readonly message: Command | Query;
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

  /** Takes a request that will be answered through `replies`, unless it returns false: then it never will be. */
  submit(id: number, message: Command | Query, replies: ReplyBuffer): boolean {
    if (this.#closed || this.#pending.length >= PENDING_REQUESTS_MAX) return false;
    this.#pending.push({ id, message, replies });
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
      while (this.#pending.length > 0) await this.#commitBatch();
      this.#running = undefined;
    } catch (error) {
      this.#closed = true;
      this.#options.onFailure(error);
    }
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
      if (isCommand(request.message)) this.#apply(request, request.message);
      else answeredRecords += this.#answer(request, request.message);
    }
    this.#pending = this.#pending.slice(taken);
    return answered;
  }

  #apply({ id, replies }: Request, command: Command): void {
    const seq = ++this.#lastSeq;
    this.#lastTimeUs = Math.max(this.#options.nowUs(), this.#lastTimeUs + 1);
    this.#commands.write(seq, this.#lastTimeUs, command);
    const code = this.#outcome.apply(seq, this.#lastTimeUs, command);
    const events = this.#outcome.commandEvents;
    assert(code === null || events.count === 0, 'a refusal changes nothing');
    const reply =
      code === null
        ? ({ type: 'accepted', requestId: id, count: events.count } as const)
        : ({ type: 'rejected', requestId: id, code } as const);
    replies.add(seq, this.#lastTimeUs, reply, events);
  }

  /** Asked between two commands, answered with their batch: by then all that it tells is committed. Counts records. */
  #answer({ id, replies }: Request, query: Query): number {
    this.#records.clear();
    this.#options.engine.answer(query, this.#records);
    const count = this.#records.count;
    const reply = { type: 'answered', requestId: id, count } as const;
    replies.add(this.#lastSeq, this.#lastTimeUs, reply, this.#records);
    return count;
  }
}

function isCommand(message: Command | Query): message is Command {
  return message.type in commands;
}
