/** A process on a simulated machine: with clocks of its own, it may be frozen, and ends without any warning. */
import type { Clock } from '#platform/clock.ts';
import type { World } from './world.ts';

const BEGAN_US = 1_700_000_000_000_000;
/** Clocks of different machines run differently fast by up to this. */
const DRIFT_MAX = 0.02;
/** A turn of the event loop. */
const TURN_US_MAX = 40;

export class SimulatedProcess implements Clock {
  readonly name: string;
  readonly #world: World;
  readonly #rate: number;
  readonly #bootedUs: number;
  #wallShiftUs = 0;
  #frozenUntilUs = 0;
  #cutOffUntilUs = 0;
  /** Clients on the other side. */
  #cutOffFrom: ReadonlySet<string> = new Set();
  #isAlive = true;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    this.#rate = 1 + DRIFT_MAX * (world.int(-1_000, 1_000) / 1_000);
    this.#bootedUs = world.int(0, 1e9);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether the journal is out of its reach. */
  get isCutOff(): boolean {
    return this.#world.scheduler.nowUs < this.#cutOffUntilUs;
  }

  /** Whether the client of this name is on the other side. */
  isCutOffFrom(client: string): boolean {
    return this.isCutOff && this.#cutOffFrom.has(client);
  }

  get isFrozen(): boolean {
    return this.#world.scheduler.nowUs < this.#frozenUntilUs;
  }

  /** Runs `run` in this process in `delayUs`: late when it is frozen then, and never when it has ended. */
  after(delayUs: number, run: () => void): void {
    this.#world.scheduler.after(delayUs, () => this.#run(run));
  }

  /** Nothing that it would have done is done any more. */
  end(): void {
    this.#isAlive = false;
  }

  freeze(us: number): void {
    this.#frozenUntilUs = this.#world.scheduler.nowUs + us;
  }

  /** It can reach neither the journal nor those clients. */
  cutOff(us: number, clients: readonly string[]): void {
    this.#cutOffFrom = new Set(clients);
    this.#cutOffUntilUs = this.#world.scheduler.nowUs + us;
  }

  shiftWallClock(us: number): void {
    this.#wallShiftUs += us;
  }

  nowUs(): number {
    return BEGAN_US + this.#world.scheduler.nowUs + this.#wallShiftUs;
  }

  monotonicMs(): number {
    return ((this.#bootedUs + this.#world.scheduler.nowUs) * this.#rate) / 1_000;
  }

  sleep(ms: number): Promise<void> {
    return this.#wait((ms * 1_000) / this.#rate);
  }

  turn(): Promise<void> {
    return this.#wait(this.#world.int(0, TURN_US_MAX));
  }

  #wait(us: number): Promise<void> {
    return new Promise((resolve) => this.after(us, resolve));
  }

  #run(run: () => void): void {
    if (!this.#isAlive) return;
    // What has come meanwhile is seen in about its order: timers, sockets and the database each have a queue.
    if (this.isFrozen) {
      const leftUs = this.#frozenUntilUs - this.#world.scheduler.nowUs;
      this.#world.scheduler.after(leftUs + this.#world.int(0, TURN_US_MAX), () => this.#run(run));
    } else run();
  }
}
