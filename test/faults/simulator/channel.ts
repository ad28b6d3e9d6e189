/** What is on its way in one direction of a connection: late, but in order. */
import type { World } from './world.ts';

export class Channel<T> {
  readonly #world: World;
  /** Runs something where the messages arrive, after so many microseconds. */
  readonly #later: (delayUs: number, run: () => void) => void;
  readonly #receive: (message: T) => void;
  readonly #inFlight: T[] = [];
  #lastUs = 0;

  constructor(
    world: World,
    later: (delayUs: number, run: () => void) => void,
    receive: (message: T) => void,
  ) {
    this.#world = world;
    this.#later = later;
    this.#receive = receive;
  }

  push(message: T, delayUs: number): void {
    const { nowUs } = this.#world.scheduler;
    this.#inFlight.push(message);
    this.#lastUs = Math.max(this.#lastUs, nowUs + delayUs);
    this.#later(this.#lastUs - nowUs, () => {
      const next = this.#inFlight.shift();
      if (next !== undefined) this.#receive(next);
    });
  }

  /** Loses some of what is on its way, the latest: perhaps none, perhaps all. */
  loseSome(): void {
    this.#inFlight.length = this.#world.int(0, this.#inFlight.length);
  }
}
