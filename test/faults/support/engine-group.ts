/** Engines under a supervisor that starts again whatever ends, as the platform does with tasks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineProcess, type EngineProcessOptions, type LogLine } from './engine-process.ts';

const RESTART_PAUSE_MS = 20;
/** After a start that failed: what it needs is not there yet. */
const FAILED_START_PAUSE_MS = 250;
const POLL_MS = 5;
const TIMEOUT_MS = 30_000;

export interface Ended {
  readonly pid: number;
  readonly how: number | NodeJS.Signals;
  readonly lines: readonly LogLine[];
}

export class EngineGroup {
  /** Every process that has ended, in order. */
  readonly ended: Ended[] = [];
  failedStarts = 0;
  readonly #running: (EngineProcess | undefined)[];
  readonly #slots: Promise<void>[];
  /** Why a process could not start, for whoever waits for it in vain. */
  #lastFailure: unknown;
  #closed = false;

  private constructor(slots: readonly (() => EngineProcessOptions)[]) {
    this.#running = slots.map(() => undefined);
    this.#slots = slots.map((options, slot) => this.#supervise(slot, options));
  }

  /** One process for each of `slots`, which are asked again at each start; resolves when all are ready. */
  static async start(slots: readonly (() => EngineProcessOptions)[]): Promise<EngineGroup> {
    const group = new EngineGroup(slots);
    await group.allReady();
    return group;
  }

  /** Those that run and are ready; the slots that have none are left out. */
  get running(): readonly EngineProcess[] {
    return this.#running.filter((process) => process !== undefined);
  }

  /** The process of a slot, unless it is being started. */
  at(slot: number): EngineProcess | undefined {
    return this.#running[slot];
  }

  async allReady(): Promise<void> {
    await this.#until(() => this.running.length === this.#running.length || undefined, 'all are ready');
  }

  /** The process that leads an epoch above `epoch`: the latest, when an earlier leader does not know yet. */
  leader(epoch = 0): Promise<EngineProcess> {
    return this.#until(() => {
      const leading = this.running.filter(({ leadingEpoch }) => (leadingEpoch ?? 0) > epoch);
      return leading.sort((a, b) => b.leadingEpoch! - a.leadingEpoch!)[0];
    }, `one leads after epoch ${epoch}`);
  }

  /** Starts none any more, and ends all: the leader lets go. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const engine of this.running) {
      engine.signal('SIGCONT');
      engine.signal('SIGTERM');
    }
    const gone = Promise.all(this.#slots);
    const inTime = await Promise.race([gone.then(() => true), sleep(TIMEOUT_MS / 3, false, { ref: false })]);
    if (!inTime) for (const engine of this.running) engine.signal('SIGKILL');
    await gone;
  }

  async #supervise(slot: number, options: () => EngineProcessOptions): Promise<void> {
    while (!this.#closed) {
      const engine = await EngineProcess.start(options()).catch((error: unknown) => {
        this.failedStarts++;
        this.#lastFailure = error;
        return undefined;
      });
      if (engine === undefined) {
        await sleep(FAILED_START_PAUSE_MS);
        continue;
      }
      this.#running[slot] = engine;
      if (this.#closed) engine.signal('SIGTERM');
      const how = await engine.exited;
      this.#running[slot] = undefined;
      this.ended.push({ pid: engine.pid, how, lines: engine.lines });
      await sleep(RESTART_PAUSE_MS);
    }
  }

  async #until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (performance.now() > deadline)
        throw new Error(`waited in vain until ${what}`, { cause: this.#lastFailure });
      await sleep(POLL_MS);
    }
  }
}
