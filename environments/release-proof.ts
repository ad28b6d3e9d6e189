import { type Fault, type Place, rangeFaults } from './faults.ts';

/** What a release must show in an environment before it goes on to the next one. */
export interface ReleaseProof {
  /** How long no alarm may ring once it is deployed, in minutes, up to 60. 0: nobody looks. */
  readonly bakeMinutes: number;
  /** A short load, which must be answered well; left out, there is none. */
  readonly load?: Load;
}

/** Reads of the book and orders that nobody takes, at a fixed rate, within half of what one account may do. */
export interface Load {
  /** 1 to 600. */
  readonly seconds: number;
  /** Orders placed and cancelled in a second, 1 to 100. */
  readonly ordersPerSecond: number;
  /** Reads of the depth in a second, 1 to 100. */
  readonly readsPerSecond: number;
  /** Requests under way at once, 1 to 64. */
  readonly connections: number;
  /** Per cent of the requests that may fail, 0 to 100. */
  readonly errorPercentMax: number;
  /** Milliseconds that 99 of 100 requests stay below, 1 to 10,000. */
  readonly p99MsMax: number;
}

export function proofFaults(file: string, { bakeMinutes, load }: ReleaseProof): Fault[] {
  const at = (field: string): Place => ({ file, field: `proof.${field}` });
  return [
    ...rangeFaults(at('bakeMinutes'), bakeMinutes, 0, 60),
    ...(load
      ? [
          ...rangeFaults(at('load.seconds'), load.seconds, 1, 600),
          ...rangeFaults(at('load.ordersPerSecond'), load.ordersPerSecond, 1, 100),
          ...rangeFaults(at('load.readsPerSecond'), load.readsPerSecond, 1, 100),
          ...rangeFaults(at('load.connections'), load.connections, 1, 64),
          ...rangeFaults(at('load.errorPercentMax'), load.errorPercentMax, 0, 100),
          ...rangeFaults(at('load.p99MsMax'), load.p99MsMax, 1, 10_000),
        ]
      : []),
  ];
}
