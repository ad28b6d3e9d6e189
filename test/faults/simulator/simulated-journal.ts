/**
 * One process's connections to the journal: one for its writes, which follow one another, and some to read. A write may
 * be late, fail before it arrives, or be committed while its answer is lost; nothing calls it back once it was sent.
 */
import {
  type Batch,
  type Head,
  type Journal,
  type Leader,
  LeadershipLost,
} from '#services/engine/journal.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

/** What becomes of writes, as probabilities. */
export interface WriteFaults {
  /** It fails, and was never executed. */
  readonly fails: number;
  /** It is executed, and its sender hears that the connection was lost. */
  readonly losesAnswer: number;
  /** It arrives much later. */
  readonly isLate: number;
}

/** The database cannot be reached, or the connection was lost on the way. */
export class JournalUnavailable extends Error {
  override name = 'JournalUnavailable';
}

const LATENCY_US_MIN = 150;
const LATENCY_US_MAX = 4_000;
const LATE_US_MIN = 20_000;
const LATE_US_MAX = 5_000_000;
/** Then whoever waits for an answer gives up, while the statement may still be executed. */
const PATIENCE_US = 3_000_000;

export class SimulatedJournal implements Journal {
  readonly #world: World;
  readonly #disk: SimulatedDisk;
  readonly #process: SimulatedProcess;
  readonly #faults: WriteFaults;
  /** Settles with the last write that was asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World, disk: SimulatedDisk, process: SimulatedProcess, faults: WriteFaults) {
    this.#world = world;
    this.#disk = disk;
    this.#process = process;
    this.#faults = faults;
  }

  head(): Promise<Head> {
    return this.#read(() => this.#disk.head);
  }

  async *read(after: number): AsyncGenerator<Batch> {
    for (let position = after; ; ) {
      const from = position;
      const { batches, isLast } = await this.#read(() => this.#disk.page(from));
      yield* batches;
      if (isLast) return;
      position = batches.at(-1)!.lastSeq;
    }
  }

  append(batch: Batch, published: number): Promise<void> {
    return this.#fenced(`append ${batch.firstSeq}`, () => this.#disk.append(batch, published));
  }

  takeOver(seen: Head, leader: Leader, batch: Batch): Promise<boolean> {
    return this.#write(`take over ${batch.epoch}`, () => this.#disk.takeOver(seen, leader, batch));
  }

  beat(epoch: number, published: number): Promise<void> {
    return this.#fenced(`beat of ${epoch}`, () => this.#disk.beat(epoch, published));
  }

  release(epoch: number, published: number, successor: string): Promise<void> {
    return this.#fenced(`release ${epoch}`, () => this.#disk.release(epoch, published, successor));
  }

  async #fenced(what: string, execute: () => boolean): Promise<void> {
    if (await this.#write(what, execute)) return;
    this.#world.counts.fencedWrites++;
    throw new LeadershipLost(`${what}: another engine leads`);
  }

  #write(what: string, execute: () => boolean): Promise<boolean> {
    const written = this.#last.then(() => this.#send(what, execute));
    this.#last = written.catch(() => {});
    return written;
  }

  #send(what: string, execute: () => boolean): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const answer = this.#firstAnswer();
    const giveUp = (us: number) => answer(us, () => reject(new JournalUnavailable(`${what}: no answer`)));
    const fate = this.#drawFate();
    if (fate === 'fails') {
      this.#world.tell(`${this.#process.name}: ${what} fails`);
      answer(this.#latencyUs(), () => reject(new JournalUnavailable(`${what}: no connection`)));
      return promise;
    }
    const onTheWayUs = fate === 'isLate' ? this.#world.spread(LATE_US_MIN, LATE_US_MAX) : this.#latencyUs();
    if (fate === 'isLate') {
      this.#world.tell(`${this.#process.name}: ${what} is ${onTheWayUs} µs on the way`);
      giveUp(PATIENCE_US);
    }
    this.#arrives(onTheWayUs, giveUp, () => {
      if (this.#disk.isDown) {
        answer(this.#latencyUs(), () => reject(new JournalUnavailable(`${what}: the database is down`)));
        return;
      }
      const done = execute();
      if (fate === 'losesAnswer') {
        this.#world.tell(`${this.#process.name}: the answer to ${what} is lost`);
        answer(this.#latencyUs(), () => reject(new JournalUnavailable(`${what}: connection lost`)));
      } else if (this.#process.isCutOff) giveUp(PATIENCE_US);
      else answer(this.#latencyUs(), () => resolve(done));
    });
    return promise;
  }

  #read<T>(execute: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = this.#firstAnswer();
    const giveUp = (us: number) => answer(us, () => reject(new JournalUnavailable('no answer')));
    this.#arrives(this.#latencyUs(), giveUp, () => {
      if (this.#disk.isDown) giveUp(this.#latencyUs());
      else if (this.#process.isCutOff) giveUp(PATIENCE_US);
      else {
        const found = execute();
        answer(this.#latencyUs(), () => resolve(found));
      }
    });
    return promise;
  }

  /** What a process that has ended would send is not sent; what it has sent arrives. */
  #arrives(delayUs: number, giveUp: (us: number) => void, run: () => void): void {
    if (this.#process.isCutOff) giveUp(PATIENCE_US);
    else if (this.#process.isAlive) this.#world.scheduler.after(delayUs, run);
  }

  /** Settles what waits with the first answer that comes. */
  #firstAnswer() {
    let isAnswered = false;
    return (delayUs: number, settle: () => void) =>
      this.#process.after(delayUs, () => {
        if (isAnswered) return;
        isAnswered = true;
        settle();
      });
  }

  #drawFate(): keyof WriteFaults | 'goesWell' {
    if (this.#world.isQuiet) return 'goesWell';
    const { counts } = this.#world;
    if (this.#world.chance(this.#faults.fails)) {
      counts.failedWrites++;
      return 'fails';
    }
    if (this.#world.chance(this.#faults.losesAnswer)) {
      counts.lostAnswers++;
      return 'losesAnswer';
    }
    if (!this.#world.chance(this.#faults.isLate)) return 'goesWell';
    counts.lateWrites++;
    return 'isLate';
  }

  #latencyUs(): number {
    return this.#world.spread(LATENCY_US_MIN, LATENCY_US_MAX);
  }
}
