/**
 * The journal as it is on disk: the head row, the batches, and the statements that change them, each as
 * `postgres-journal.ts` has it and each at once. Watches that what is committed continues what was.
 */
import { openFrame, typeOfRecord } from '#domain/codec.ts';
import type { Batch, Head, Leader } from '#services/engine/journal.ts';
import type { World } from './world.ts';

/** Rows read at once; few, so that reading takes several. */
const ROWS_PER_PAGE = 32;

export class SimulatedDisk {
  readonly batches: Batch[] = [];
  isDown = false;
  readonly #world: World;
  #head: Head = {
    epoch: 0,
    lastSeq: 0,
    digest: new Uint8Array(32),
    leader: '',
    deployment: '',
    successor: '',
    beat: 0,
    published: 0,
  };

  constructor(world: World) {
    this.#world = world;
  }

  get head(): Head {
    return this.#head;
  }

  page(after: number): { readonly batches: readonly Batch[]; readonly isLast: boolean } {
    let from = this.batches.length;
    while (from > 0 && this.batches[from - 1]!.firstSeq > after) from--;
    const batches = this.batches.slice(from, from + ROWS_PER_PAGE);
    return { batches, isLast: batches.length < ROWS_PER_PAGE };
  }

  /** False when the head is not as the batch needs it. */
  append(batch: Batch, published: number): boolean {
    const { epoch, lastSeq } = this.#head;
    const continues = epoch === batch.epoch && lastSeq === batch.firstSeq - 1;
    if (!continues && this.#world.broken !== 'appendsUncompared') return false;
    this.#commit(batch);
    this.#head = { ...this.#head, lastSeq: batch.lastSeq, digest: batch.digest, published };
    return true;
  }

  takeOver(seen: Head, { address, deployment }: Leader, batch: Batch): boolean {
    const { epoch, lastSeq, beat, leader } = this.#head;
    const isAsSeen =
      epoch === seen.epoch && lastSeq === seen.lastSeq && beat === seen.beat && leader === seen.leader;
    if (!isAsSeen && this.#world.broken !== 'takeoversUncompared') return false;
    this.#commit(batch);
    this.#world.counts.takeovers++;
    this.#head = {
      epoch: batch.epoch,
      lastSeq: batch.lastSeq,
      digest: batch.digest,
      leader: address,
      deployment,
      successor: '',
      beat: 0,
      published: this.#head.published,
    };
    return true;
  }

  beat(epoch: number, published: number): boolean {
    if (this.#head.epoch !== epoch) return false;
    this.#head = { ...this.#head, beat: this.#head.beat + 1, published };
    return true;
  }

  release(epoch: number, published: number, successor: string): boolean {
    if (this.#head.epoch !== epoch) return false;
    this.#head = { ...this.#head, leader: '', successor, published };
    return true;
  }

  #commit(batch: Batch): void {
    const last = this.batches.at(-1);
    const { firstSeq, lastSeq, epoch, timeUs } = batch;
    const where = `sequences ${firstSeq} to ${lastSeq} of epoch ${epoch}`;
    this.#world.tell(`committed ${where}`);
    this.batches.push(batch);
    this.#world.committedSeq = lastSeq;
    if (firstSeq !== (last?.lastSeq ?? 0) + 1)
      this.#world.violate('sequences are contiguous', `${where} follow ${last?.lastSeq ?? 0}`);
    if (last !== undefined && timeUs <= last.timeUs)
      this.#world.violate('times rise', `${where} have time ${timeUs} after ${last.timeUs}`);
    const frame = openFrame(batch.commands);
    const begins = typeOfRecord(frame, frame.start) === 'beginEpoch';
    if (epoch !== (last?.epoch ?? 0) + (begins ? 1 : 0) || (begins && frame.count !== 1))
      this.#world.violate('epochs rise by one', `${where} follow epoch ${last?.epoch ?? 0}`);
  }
}
