/**
 * The journal: every command in order, a batch a row, and the head row that says where it ends and who leads. A batch
 * counts from the moment its transaction is committed, and only the leader of the current epoch can commit one.
 */
export interface Batch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly epoch: number;
  /** Time of the last command. */
  readonly timeUs: number;
  /** The commands, as one frame of the codec. */
  readonly commands: Uint8Array;
  /** Covers the batch's commands, their outcome, and the digest of the batch before; see `batch-outcome.ts`. */
  readonly digest: Uint8Array;
}

/** The head row as it was read. */
export interface Head {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly digest: Uint8Array;
  /** As `ws://host:port`; empty once the leader has let go. */
  readonly leader: string;
  readonly deployment: string;
  /** Whom the last leader let go for; empty for anyone. */
  readonly successor: string;
  readonly beat: number;
  /** Events up to here have been published. */
  readonly published: number;
}

export interface Leader {
  /** Where clients and other engines reach it, as `ws://host:port`. */
  readonly address: string;
  readonly deployment: string;
}

/** Another engine leads now; nothing that this one still holds was executed. */
export class LeadershipLost extends Error {
  override name = 'LeadershipLost';
}

/**
 * Where batches are kept. Each of its writes is one transaction that holds by compare-and-set on the head row: a
 * leader that was stopped at any point and wakes up later finds its epoch gone. A write that throws anything but
 * {@link LeadershipLost} may or may not have been committed.
 */
export interface Journal {
  head(): Promise<Head>;
  /** The committed batches after sequence `after`, in order, until the end. */
  read(after: number): AsyncIterable<Batch>;
  /**
   * Commits a batch that continues the journal, and notes how far events are published.
   * @throws {LeadershipLost} when it was not committed because another engine took over.
   */
  append(batch: Batch, published: number): Promise<void>;
  /** Begins the batch's epoch, one above the head's, with the batch; false when the head is no longer as seen. */
  takeOver(seen: Head, leader: Leader, batch: Batch): Promise<boolean>;
  /** Shows that the leader lives. @throws {LeadershipLost} */
  beat(epoch: number, published: number): Promise<void>;
  /** Lets go of the epoch, for `successor` or anyone. @throws {LeadershipLost} */
  release(epoch: number, published: number, successor: string): Promise<void>;
}

const DAY_US = 86_400_000_000;

/** The journal's day of a time, in whole days since 1970 (UTC). */
export function dayOf(timeUs: number): number {
  return Math.floor(timeUs / DAY_US);
}
