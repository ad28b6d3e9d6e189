/**
 * Which engine leads. Every task follows the journal and stands ready; one at a time leads, and only what the journal
 * says counts: the head row holds the epoch, and a leader whose epoch is gone can write nothing any more.
 *
 * The lead changes hands when the leader lets go (it stops, or hands off to a deployment that clients have moved to)
 * or when its lease ends.
 */
import assert from 'node:assert/strict';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import { firstBatch } from './first-batch.ts';
import { type Head, type Journal, type Leader, LeadershipLost } from './journal.ts';
import { LeaseWatch } from './lease-watch.ts';
import { DivergenceError, JournalError, type Replica } from './replica.ts';
import { Term } from './term.ts';

/** How often a standby looks at the head row: what a handoff takes beyond the work itself. */
const LOOK_MS = 20;
/** How often clients that arrive here make it ask for the lead. */
const ASK_MS = 1_000;
/** A standby that is further behind than this does not get the lead: clients would wait for it. */
const HANDOFF_LAG_MAX = 10_000;

export interface LeadershipOptions {
  readonly journal: Journal;
  readonly replica: Replica;
  readonly clock: Clock;
  readonly me: Leader;
  /** How long a leader may be silent. */
  readonly leaseMs: number;
  /** Opens for requests; `close` takes no more of them, and resolves once those taken are answered. */
  readonly lead: (term: Term) => Promise<{ close(): Promise<void> }>;
  /** Whether clients reach this task. */
  readonly isLive: () => boolean;
  /** Asks the leader to hand off to this task; false when it does not. */
  readonly askForLead: (leader: string) => Promise<boolean>;
  /** This program decides otherwise than the leader's: it stands aside for good. */
  readonly onDivergence: (error: DivergenceError) => void;
  /** What this process holds may differ from the journal, or another leads: it must end. */
  readonly onFailure: (error: unknown) => void;
  readonly log: Log;
}

/** As far as this task knows. */
export interface View {
  /** Null while nobody leads. */
  readonly leader: string | null;
  readonly epoch: number;
  readonly deployment: string;
}

export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #watch: LeaseWatch;
  #view: View = { leader: null, epoch: 0, deployment: '' };
  #term: Term | undefined;
  #handoff: { readonly successor: string; readonly done: PromiseWithResolvers<boolean> } | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  #isUnreachable = false;
  #stopping = false;
  #wake = () => {};
  #running: Promise<void> | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#watch = new LeaseWatch(options.me.address, options.leaseMs);
  }

  get view(): View {
    return this.#view;
  }

  get isLeading(): boolean {
    return this.#term !== undefined;
  }

  /** Follows the journal from now on, and leads when it is this task's turn. */
  begin(): void {
    this.#running = this.#run();
  }

  /** Lets go of the lead, if this task has it, once what was taken is answered; then follows no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
  }

  /**
   * Hands the lead to the engine at `successor`, which has applied the journal up to `seq`. False when this task does
   * not lead, has led for less than a lease, or the other is too far behind.
   */
  async handOff(successor: string, seq: number): Promise<boolean> {
    const term = this.#term;
    const { leaseMs, replica } = this.#options;
    if (term === undefined || this.#handoff !== undefined || term.ageMs < leaseMs) return false;
    if (replica.position.seq - seq > HANDOFF_LAG_MAX) return false;
    this.#handoff = { successor, done: Promise.withResolvers() };
    this.#wake();
    return this.#handoff.done.promise;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopping) {
        const term = await this.#standBy();
        if (term !== undefined) await this.#lead(term);
      }
    } catch (error) {
      this.#term = undefined;
      this.#view = { ...this.#view, leader: null };
      this.#handoff?.done.resolve(false);
      if (error instanceof DivergenceError) this.#options.onDivergence(error);
      else this.#options.onFailure(error);
    }
  }

  /** Follows the journal until this task leads, or stops. */
  async #standBy(): Promise<Term | undefined> {
    const { clock } = this.#options;
    while (!this.#stopping) {
      const head = await this.#look();
      if (head !== undefined) {
        if (this.#watch.isFree(head, clock.monotonicMs())) {
          const term = await this.#take(head);
          if (term !== undefined) return term;
        } else if (await this.#asksForLead(head)) continue;
      }
      await this.#pause(LOOK_MS);
    }
    return undefined;
  }

  /** Follows the journal to its head; undefined while the database cannot be reached: then nobody can lead. */
  async #look(): Promise<Head | undefined> {
    const { journal, log } = this.#options;
    try {
      const head = await journal.head();
      await this.#follow(head);
      if (this.#isUnreachable) log.info('the journal can be reached again');
      this.#isUnreachable = false;
      const { leader, epoch, deployment } = head;
      this.#view = { leader: leader === '' ? null : leader, epoch, deployment };
      return head;
    } catch (error) {
      if (error instanceof JournalError || error instanceof DivergenceError) throw error;
      if (!this.#isUnreachable) log.warn({ err: error }, 'the journal cannot be reached');
      this.#isUnreachable = true;
      return undefined;
    }
  }

  /** @throws {JournalError} when the journal does not lead to where its head says. */
  async #follow(head: Head): Promise<void> {
    const { journal, replica } = this.#options;
    if (head.lastSeq > replica.position.seq)
      for await (const batch of journal.read(replica.position.seq)) replica.follow(batch);
    const { seq, digest } = replica.position;
    if (seq < head.lastSeq || (seq === head.lastSeq && Buffer.compare(digest, head.digest) !== 0))
      throw new JournalError(
        `the journal ends at sequence ${seq} and does not lead to its head at ${head.lastSeq}`,
      );
  }

  /** Begins an epoch, if the head is still as it was seen. */
  async #take(seen: Head): Promise<Term | undefined> {
    const { journal, replica, clock, me, leaseMs, log } = this.#options;
    if (seen.lastSeq !== replica.position.seq) return undefined;
    assert.equal(replica.position.epoch, seen.epoch, 'an epoch begins with a batch');
    const batch = firstBatch(replica.position, clock.nowUs());
    const begunMs = clock.monotonicMs();
    try {
      if (!(await journal.takeOver(seen, me, batch))) return undefined;
    } catch (error) {
      // Perhaps it has the lead now; not knowing that, it waits for the lease to end like everyone.
      log.warn({ err: error }, 'it is unknown whether this engine has taken over');
      await this.#pause(leaseMs / 4);
      return undefined;
    }
    replica.follow(batch);
    const { epoch } = batch;
    return new Term({ journal, clock, leaseMs, epoch, begunMs, published: seen.published });
  }

  async #asksForLead({ leader, deployment }: Head): Promise<boolean> {
    const { clock, me, isLive, askForLead, log } = this.#options;
    const nowMs = clock.monotonicMs();
    if (leader === '' || deployment === me.deployment || !isLive() || nowMs - this.#askedMs < ASK_MS)
      return false;
    this.#askedMs = nowMs;
    log.info({ leader, deployment }, 'clients come here: asking the leader to hand off');
    return askForLead(leader);
  }

  /** Leads until it is to let go. */
  async #lead(term: Term): Promise<void> {
    const { me, lead, leaseMs, log } = this.#options;
    log.info({ epoch: term.epoch, seq: this.#options.replica.position.seq }, 'this engine leads');
    const work = await lead(term);
    this.#term = term;
    this.#view = { leader: me.address, epoch: term.epoch, deployment: me.deployment };
    while (!this.#stopping && this.#handoff === undefined) {
      await this.#pause(leaseMs / 4);
      await this.#keep(term);
    }
    this.#view = { ...this.#view, leader: null };
    await work.close();
    const successor = this.#handoff?.successor ?? '';
    await term.release(successor);
    this.#term = undefined;
    log.info({ epoch: term.epoch, successor }, 'this engine has let go of the lead');
    this.#handoff?.done.resolve(true);
    this.#handoff = undefined;
  }

  async #keep(term: Term): Promise<void> {
    try {
      await term.keep();
    } catch (error) {
      if (error instanceof LeadershipLost) throw error;
      this.#options.log.warn({ err: error }, 'could not show that the leader lives');
    }
  }

  /** Waits, but not when there is something to do. */
  async #pause(ms: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    if (this.#stopping || this.#handoff !== undefined) return;
    await Promise.race([this.#options.clock.sleep(ms), woken.promise]);
  }
}
