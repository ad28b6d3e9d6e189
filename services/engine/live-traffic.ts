/** Whether clients reach this task: the load balancer sends them to one deployment, and to another after a release. */

/** So many greetings within the window: clients say hello once a second each, so one that strayed does not count. */
const GREETINGS_MIN = 3;
const WINDOW_MS = 3_000;

export class LiveTraffic {
  readonly #livePort: number;
  /** When the last greetings came, the oldest first. */
  #greetings: number[] = [];

  /** Only who dialled `livePort` counts: a load balancer's test listener leads here too. 0 counts everyone. */
  constructor(livePort: number) {
    this.#livePort = livePort;
  }

  greet(port: number, nowMs: number): void {
    if (this.#livePort !== 0 && port !== this.#livePort) return;
    this.#greetings = [...this.#greetings.slice(1 - GREETINGS_MIN), nowMs];
  }

  isLive(nowMs: number): boolean {
    const [first] = this.#greetings;
    return this.#greetings.length === GREETINGS_MIN && nowMs - first! <= WINDOW_MS;
  }
}
