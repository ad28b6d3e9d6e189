/**
 * The engine's committed events in real time, each once, in order and without a gap. They come over the feed, which is
 * cheap to fan out and may lose messages; what it lost comes from the engine itself, which serves any sequence. A feed
 * that stays silent is made good in the same way: followers then follow the engine until the feed speaks again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Frame, FrameError, type Message, readFrame } from '#domain/codec.ts';
import type { Seq } from '#domain/ids.ts';
import { type EngineClient, EngineUnavailable } from './engine-client.ts';
import type { EventStream } from './engine-events.ts';
import { EVENTS_CHANNEL, type Feed } from './feed.ts';
import { Lag } from './lag.ts';
import type { Log } from './log.ts';

/** Frames of the feed that may wait for those before them; past it the oldest go, and come from the engine. */
const WAITING_FRAMES_MAX = 4_096;
/** When more commands than this are missing, the follower is brought up to date at once instead of event by event. */
const CATCH_UP_SEQS_MAX = 100_000;
/** How often the engine is asked how far it is; what it had done by then must have arrived by the next time. */
const POSITION_CHECK_MS = 1_000;
const RETRY_MS = 100;

export interface GaplessEventsOptions {
  readonly engine: Pick<EngineClient, 'ask'>;
  readonly feed: Feed;
  /** Follows the engine's own events after a sequence, as `streamEvents` does. */
  readonly stream: (after: Seq, onFrame: (frame: Frame) => Promise<void>) => EventStream;
  /** The only messages to decode. */
  readonly wanted: ReadonlySet<Message['type']>;
  readonly log: Log;
  /** Takes the next frame: it begins where the last one, or the last {@link resync}, ended. */
  readonly take: (frame: Frame) => void;
  /**
   * Brings the follower up to date in a way of its own and says up to which sequence: at the start, and when too much
   * is missing. May fail with {@link EngineUnavailable}, and is then tried again.
   */
  readonly resync: () => Promise<number>;
}

export class GaplessEvents {
  readonly #options: GaplessEventsOptions;
  readonly #lag: Lag;
  readonly #closing = new AbortController();
  /** The follower has everything up to here. */
  #seq = 0;
  #isResyncing = true;
  /** Frames of the feed that came too early, oldest first. */
  #waiting: Frame[] = [];
  /** Set while what is missing comes from the engine. */
  #stream: EventStream | undefined;
  #unsubscribe = async () => {};

  private constructor(options: GaplessEventsOptions) {
    this.#options = options;
    this.#lag = new Lag(options.log);
  }

  /** Resolves when the follower is up to date for the first time. */
  static async open(options: GaplessEventsOptions): Promise<GaplessEvents> {
    const events = new GaplessEvents(options);
    // Listening first: what is committed during the first resync waits instead of being missed.
    events.#unsubscribe = await options.feed.subscribe(EVENTS_CHANNEL, (message) => events.#receive(message));
    await events.#resync();
    void events.#watchPosition();
    return events;
  }

  /** The last sequence that the follower has. */
  get seq(): number {
    return this.#seq;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#lag.close();
    await this.#unsubscribe();
    await this.#stream?.close();
  }

  #receive(message: Uint8Array): void {
    const frame = this.#read(message);
    if (frame === undefined) return;
    if (frame.lastSeq <= this.#seq) {
      // The engine was quicker; what comes after this one continues it.
      if (this.#waiting.length === 0 && !this.#isResyncing) this.#trustFeed();
      return;
    }
    this.#lag.began([frame]);
    this.#waiting.push(frame);
    if (this.#waiting.length > WAITING_FRAMES_MAX) this.#waiting.shift();
    if (!this.#isResyncing) this.#goOn();
  }

  /** Undefined for what is no frame: as good as lost, and seen as a gap like any other. */
  #read(message: Uint8Array): Frame | undefined {
    try {
      return readFrame(message, this.#options.wanted);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.log.error({ err: error }, 'the feed carries something that is no frame');
      return undefined;
    }
  }

  /** Takes what waits and continues what was taken. Once all of it does, the feed is enough again. */
  #goOn(): void {
    let taken = 0;
    for (const frame of this.#waiting) {
      if (frame.firstSeq > this.#seq + 1) break;
      this.#take(frame);
      taken++;
    }
    const heard = this.#waiting.length;
    this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0) this.#catchUp(this.#waiting[0]!.firstSeq - 1);
    else if (heard > 0) this.#trustFeed();
  }

  #take(frame: Frame): void {
    if (frame.lastSeq <= this.#seq) return;
    const first = this.#seq + 1;
    // The engine answers from the middle of a batch when that is where the follower stands.
    const records = frame.firstSeq >= first ? frame.records : frame.records.filter(({ id }) => id >= first);
    this.#seq = frame.lastSeq;
    this.#options.take({ firstSeq: first, lastSeq: frame.lastSeq, records });
  }

  #trustFeed(): void {
    this.#lag.caughtUp();
    const stream = this.#stream;
    this.#stream = undefined;
    // Closing only waits for the frame in hand, which is this one.
    void stream?.close();
  }

  /** Gets what is missing up to `seq`, unless that is under way. */
  #catchUp(seq: number): void {
    if (this.#stream !== undefined || this.#isResyncing || this.#closing.signal.aborted) return;
    const { log, stream: follow } = this.#options;
    log.warn({ after: this.#seq, until: seq }, 'the feed has a gap: following the engine');
    if (seq - this.#seq > CATCH_UP_SEQS_MAX) {
      // Not awaited, not caught: the engine being away is handled inside, anything else is a defect.
      void this.#resync();
      return;
    }
    const stream = follow(this.#seq as Seq, async (frame) => {
      if (this.#stream !== stream) return;
      this.#lag.began([frame]);
      this.#take(frame);
      this.#lag.caughtUp();
      this.#goOn();
    });
    this.#stream = stream;
    // Its failure is the engine's history being another one than was told here: to start anew is what remains.
    void stream.ended;
  }

  async #resync(): Promise<void> {
    this.#isResyncing = true;
    while (!this.#closing.signal.aborted) {
      try {
        this.#seq = await this.#options.resync();
        break;
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) throw error;
        await sleep(RETRY_MS);
      }
    }
    this.#isResyncing = false;
    this.#goOn();
  }

  /** A lost message shows only when the next one comes, which may take long: the engine's position shows it too. */
  async #watchPosition(): Promise<void> {
    const { signal } = this.#closing;
    let due = 0;
    while (!signal.aborted) {
      await sleep(POSITION_CHECK_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      if (this.#seq < due) this.#catchUp(due);
      due = await this.#enginePosition();
    }
  }

  async #enginePosition(): Promise<number> {
    try {
      return (await this.#options.engine.ask({ type: 'position' })).seq;
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      return this.#seq;
    }
  }
}
