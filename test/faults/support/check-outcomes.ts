/** Whether each numbered command was executed as its sender was told, and none of them twice. */
import { rejectionName, rejections } from '#domain/rejections.ts';
import { REPEATED } from '#services/engine/matching/engine.ts';
import type { Acknowledgement, History } from './history.ts';

/** A command's place in the journal. */
export interface Occurrence {
  readonly seq: number;
  /** 0, `REPEATED`, or a rejection's code. */
  readonly code: number;
  /** Session and request number; empty without a session. */
  readonly request: string;
}

/** Adds a line to `faults` for each that is wrong. */
export function checkOutcomes(
  history: History,
  occurrences: ReadonlyMap<number, readonly Occurrence[]>,
  faults: string[],
): void {
  for (const [number, found] of occurrences) {
    const fault = number >= history.issued ? 'nobody sent it' : faultOfRepeats(found);
    if (fault !== undefined) faults.push(`n${number}: ${fault}: ${JSON.stringify(found)}`);
  }
  for (const [number, acknowledgement] of history.acknowledged) {
    const found = occurrences.get(number) ?? [];
    if (!isAsTold(acknowledgement, found))
      faults.push(
        `n${number} was told ${JSON.stringify(acknowledgement)}, the journal: ${JSON.stringify(found)}`,
      );
  }
  for (const [number, kind] of history.failed) {
    const executed = (occurrences.get(number) ?? []).filter(({ code }) => code !== rejections.unknownSession);
    if (kind === 'unsent' && executed.length > 0)
      faults.push(`n${number} was told to be unsent, the journal: ${JSON.stringify(executed)}`);
  }
  const silent = history.issued - history.acknowledged.size - history.failed.size;
  if (silent !== 0) faults.push(`${silent} commands were neither answered nor given up`);
}

/** A command is executed once; after that it is only told again what came of it. */
function faultOfRepeats(found: readonly Occurrence[]): string | undefined {
  if (found.filter(({ code }) => code === 0).length > 1) return 'executed twice';
  const ofSession = found.filter(({ request, code }) => request !== '' && code !== rejections.unknownSession);
  if (ofSession.length === 0) return undefined;
  const [first, ...again] = ofSession;
  if (first!.code === REPEATED) return 'repeated before it was executed';
  if (again.some(({ request }) => request !== first!.request)) return 'sent again as another request';
  const expected = first!.code === 0 ? REPEATED : first!.code;
  return again.some(({ code }) => code !== expected) ? 'has two outcomes' : undefined;
}

function isAsTold({ seq, rejection }: Acknowledgement, found: readonly Occurrence[]): boolean {
  const accepted = found.find(({ code }) => code === 0);
  if (rejection === null) return accepted?.seq === seq;
  const told = found.some((each) => each.seq === seq && rejectionName(each.code) === rejection);
  // A deposit that was asked for again: the first has been executed, which is what this answer says.
  return told && (accepted !== undefined) === (rejection === 'duplicateReference');
}
