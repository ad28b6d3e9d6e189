/**
 * When to write a snapshot. A standby does it, so that trading does not wait; the leader only when no standby has for
 * twice as long, and then it stops for as long as copying the state takes (a million orders: some 30 ms).
 */
import type { Log } from '#platform/log.ts';
import type { Replica } from './replica.ts';
import type { Snapshots } from './snapshots.ts';

/** Fewer commands than these are sooner replayed than a snapshot is loaded. */
const LAST_COMMANDS_MIN = 10_000;

export interface SnapshotScheduleOptions {
  readonly snapshots: Pick<Snapshots, 'save' | 'newest'>;
  readonly replica: Replica;
  /** After so many commands there is a new one. */
  readonly everyCommands: number;
  readonly isLeading: () => boolean;
  readonly log: Log;
}

export class SnapshotSchedule {
  readonly #options: SnapshotScheduleOptions;
  readonly #forget: () => void;
  #newestSeq: number;
  #working: Promise<void> | undefined;
  /** That no other task has written one was just seen. */
  #isDue = false;

  /** `newestSeq` is that of the newest there is. */
  constructor(newestSeq: number, options: SnapshotScheduleOptions) {
    this.#options = options;
    this.#newestSeq = newestSeq;
    this.#forget = options.replica.onAdvance(() => this.#consider());
  }

  /** The newest that is known here. */
  get newestSeq(): number {
    return this.#newestSeq;
  }

  /** Writes a last one when there is much that it saves the next start. */
  async close(): Promise<void> {
    this.#forget();
    await this.#working;
    if (this.#options.replica.position.seq - this.#newestSeq >= LAST_COMMANDS_MIN) await this.#write();
  }

  /** Runs after each batch. */
  #consider(): void {
    const { replica, everyCommands, isLeading } = this.#options;
    if (this.#working !== undefined) return;
    const due = isLeading() ? 2 * everyCommands : everyCommands;
    if (replica.position.seq - this.#newestSeq < due) return;
    // A leader's engine is mostly ahead of the journal: it has to rest for one commit.
    if (this.#isDue && replica.engine.lastSeq !== replica.position.seq) return;
    replica.needsRest = false;
    this.#working = (this.#isDue ? this.#write() : this.#lookAround()).finally(() => {
      this.#working = undefined;
    });
  }

  /** Another task may have written one meanwhile. */
  async #lookAround(): Promise<void> {
    const { snapshots, replica, log } = this.#options;
    try {
      const newest = await snapshots.newest();
      this.#isDue = newest <= this.#newestSeq;
      this.#newestSeq = Math.max(newest, this.#newestSeq);
      replica.needsRest = this.#isDue;
    } catch (error) {
      log.error({ err: error }, 'could not look for snapshots');
    }
  }

  /** The state is copied before anything is awaited. */
  async #write(): Promise<void> {
    const { replica, snapshots, log } = this.#options;
    const { position } = replica;
    const started = performance.now();
    const bytes = replica.engine.snapshot();
    const pausedMs = Math.round(performance.now() - started);
    this.#isDue = false;
    try {
      await snapshots.save(position, bytes);
      this.#newestSeq = Math.max(position.seq, this.#newestSeq);
      log.info({ seq: position.seq, bytes: bytes.length, pausedMs }, 'wrote a snapshot');
    } catch (error) {
      log.error({ err: error, seq: position.seq }, 'could not write a snapshot');
    }
  }
}
