/** Simulated time: what is to happen, in order. */

interface Entry {
  readonly atUs: number;
  /** Of the same instant, what was asked for first comes first. */
  readonly order: number;
  readonly run: () => void;
}

/** The snapshots' code yields to the event loop itself: it gets its turn after so many steps. */
const STEPS_PER_TURN = 64;

/** A tick comes after the last microtask, and costs a third of a turn of the event loop. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));
const turned = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Scheduler {
  /** Microseconds since the simulation began. */
  nowUs = 0;
  steps = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Runs `run` in `delayUs` from now. */
  after(delayUs: number, run: () => void): void {
    const entry = { atUs: this.nowUs + Math.max(0, Math.round(delayUs)), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** One thing after another, each with all that follows from it at once, until `isOver` or nothing is left to do. */
  async run(isOver: () => boolean): Promise<void> {
    await settled();
    while (!isOver()) {
      const next = this.#take();
      if (next === undefined) return;
      this.nowUs = next.atUs;
      next.run();
      await (++this.steps % STEPS_PER_TURN === 0 ? turned() : settled());
    }
  }

  #take(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (child >= heap.length || !isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atUs < other.atUs || (one.atUs === other.atUs && one.order < other.order);
}
