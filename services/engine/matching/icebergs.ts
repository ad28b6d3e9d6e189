/** Orders that show a slice at a time: how much a slice shows, and how much is hidden. */
import { kinds } from './order-kinds.ts';

const { NONE } = kinds;

export class Icebergs {
  /** By row: lots of a slice, then hidden lots; of a free row, the row freed before it. */
  floats = new Float64Array(64);
  used = 0;
  free = NONE;

  take(sliceLots: number): number {
    let row = this.free;
    if (row === NONE) {
      row = this.used++;
      if (this.used * 2 > this.floats.length) {
        const grown = new Float64Array(this.floats.length * 2);
        grown.set(this.floats);
        this.floats = grown;
      }
    } else {
      this.free = this.floats[row * 2]!;
    }
    this.floats[row * 2] = sliceLots;
    this.floats[row * 2 + 1] = 0;
    return row;
  }

  give(row: number): void {
    this.floats[row * 2] = this.free;
    this.free = row;
  }

  sliceLots(row: number): number {
    return this.floats[row * 2]!;
  }

  hiddenLots(row: number): number {
    return this.floats[row * 2 + 1]!;
  }

  setHiddenLots(row: number, lots: number): void {
    this.floats[row * 2 + 1] = lots;
  }
}
