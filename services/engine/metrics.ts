/** What the engine tells of itself; docs/runbook.md says what it means. */
import type { Log } from '#platform/log.ts';
import { SAMPLES_MAX, writeMetrics } from '#platform/metrics.ts';

export const engineMetrics = {
  /** A task decided otherwise than the leader. */
  divergence: 'Divergence',
  /** Writes that were refused since the writer's epoch had ended. */
  fencedWrites: 'FencedWrites',
  /** 1 from the task that leads, 0 from the others. */
  leading: 'Leading',
  epoch: 'Epoch',
  /** Committed since the last report. */
  commands: 'Commands',
  /** How long commits of the journal took, in milliseconds: up to a hundred of them, drawn at random. */
  commitMs: 'CommitMs',
  /** Sequences that are committed and not yet published. */
  publisherLag: 'PublisherLag',
  /** How long ago the oldest event was committed that is not yet published, in milliseconds. */
  publisherAgeMs: 'PublisherAgeMs',
  /** Commands since the newest snapshot that is known here. */
  snapshotLag: 'SnapshotLag',
} as const;

export interface EngineState {
  readonly isLeading: boolean;
  readonly epoch: number;
  readonly seq: number;
  /** Undefined for a task that does not lead: it does not publish. */
  readonly published: number | undefined;
  /** Undefined where there is no stream, and for a task that does not lead. */
  readonly publisherAgeMs: number | undefined;
  readonly newestSnapshotSeq: number;
}

export class EngineMetrics {
  readonly #log: Log;
  #commands = 0;
  #commits = 0;
  #commitsMs: number[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Reservoir sampling: each commit since the last report is among the samples with the same chance. */
  committed(commands: number, ms: number): void {
    this.#commands += commands;
    const at = Math.floor(Math.random() * ++this.#commits);
    if (this.#commitsMs.length < SAMPLES_MAX) this.#commitsMs.push(ms);
    else if (at < SAMPLES_MAX) this.#commitsMs[at] = ms;
  }

  report({ isLeading, epoch, seq, published, publisherAgeMs, newestSnapshotSeq }: EngineState): void {
    const { leading, epoch: epochName, commands, commitMs, publisherLag, snapshotLag } = engineMetrics;
    writeMetrics(this.#log, {
      [leading]: { unit: 'None', value: isLeading ? 1 : 0 },
      [epochName]: { unit: 'None', value: epoch },
      [commands]: { unit: 'Count', value: this.#commands },
      [snapshotLag]: { unit: 'Count', value: Math.max(0, seq - newestSnapshotSeq) },
      ...(published === undefined
        ? {}
        : { [publisherLag]: { unit: 'Count' as const, value: seq - published } }),
      ...(publisherAgeMs === undefined
        ? {}
        : { [engineMetrics.publisherAgeMs]: { unit: 'Milliseconds' as const, value: publisherAgeMs } }),
      ...(this.#commitsMs.length === 0
        ? {}
        : { [commitMs]: { unit: 'Milliseconds' as const, value: this.#commitsMs } }),
    });
    this.#commands = 0;
    this.#commits = 0;
    this.#commitsMs = [];
  }
}
