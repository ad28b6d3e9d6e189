import { type Fault, rangeFaults } from './faults.ts';

/** What may be lost, and how long it may take, when a standby takes over; drills compare what they measure with it. */
export interface Recovery {
  /** The recovery point objective: how far stores may be behind the primary's, in seconds, 1 to 3,600. */
  readonly rpoSeconds: number;
  /** The recovery time objective: from the decision until the standby serves, in minutes, 1 to 240. */
  readonly rtoMinutes: number;
}

export function recoveryFaults(file: string, { rpoSeconds, rtoMinutes }: Recovery): Fault[] {
  return [
    ...rangeFaults({ file, field: 'recovery.rpoSeconds' }, rpoSeconds, 1, 3_600),
    ...rangeFaults({ file, field: 'recovery.rtoMinutes' }, rtoMinutes, 1, 240),
  ];
}
