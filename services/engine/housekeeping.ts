/** Moves old days of the journal to the blob store. The leader alone does it; it never touches what is still needed. */
import type { Kysely } from 'kysely';
import type { BlobStore } from '#platform/blob-store.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { archivableDays, archiveDay } from './archive.ts';
import { dayOf } from './journal.ts';

const INTERVAL_MS = 3_600_000;

export interface HousekeepingOptions {
  readonly db: Kysely<Database>;
  readonly blobs: BlobStore;
  /** Days that stay in the database. */
  readonly journalDays: number;
  /** The newest snapshot: a start does not need what comes before it. */
  readonly coveredSeq: () => number;
  readonly isLeading: () => boolean;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly log: Log;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#working = this.#working.then(() => this.run());
    }, INTERVAL_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  /** One round. What fails is logged, and tried again in the next. */
  async run(): Promise<void> {
    const { db, blobs, journalDays, coveredSeq, isLeading, clock, log } = this.#options;
    if (!isLeading()) return;
    try {
      const days = await archivableDays(db, coveredSeq(), dayOf(clock.nowUs()) - journalDays);
      for (const day of days) {
        await archiveDay(db, blobs, day);
        log.info({ day }, 'archived a day of the journal');
      }
    } catch (error) {
      log.error({ err: error }, 'could not archive the journal');
    }
  }
}
