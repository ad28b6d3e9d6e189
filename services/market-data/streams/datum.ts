/** One message of a stream: made into JSON once, however many get it. */

/** A time in whole milliseconds or microseconds, as a connection wants it. */
export type TimeView = (timeUs: number) => number;

const inMilliseconds: TimeView = (timeUs) => Math.floor(timeUs / 1_000);
const inMicroseconds: TimeView = (timeUs) => timeUs;

export class Datum {
  readonly #message: (time: TimeView) => object;
  #milliseconds: string | undefined;
  #microseconds: string | undefined;

  constructor(message: (time: TimeView) => object) {
    this.#message = message;
  }

  /** Its JSON, with times in microseconds or else in milliseconds. */
  json(micros: boolean): string {
    if (micros) {
      this.#microseconds ??= JSON.stringify(this.#message(inMicroseconds));
      return this.#microseconds;
    }
    this.#milliseconds ??= JSON.stringify(this.#message(inMilliseconds));
    return this.#milliseconds;
  }

  /**
   * What a client that has not read `earlier` yet gets in place of both; undefined when each has to be told, as a
   * trade has.
   */
  after(_earlier: Datum): Datum | undefined {
    return undefined;
  }
}

/** Makes all earlier ones of its stream needless: the state of something, and not a change. */
export class StateDatum extends Datum {
  override after(): Datum {
    return this;
  }
}
