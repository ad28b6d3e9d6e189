/** Parts of a leader that do too early what must wait for the commit: one of both, so that each is seen alone. */
import type { Batch, Journal } from '#services/engine/journal.ts';
import { Replica } from '#services/engine/replica.ts';
import type { Term } from '#services/engine/term.ts';
import type { Guard } from './guards.ts';

/** What stands in for the leader's replica towards its publisher, and for its term towards its sequencer. */
export interface EarlyParts {
  readonly replica: Replica;
  readonly append: (batch: Batch) => Promise<void>;
}

/** Undefined unless one of these guards is the broken one. `seq` is where the leader's replica stands. */
export async function earlyParts(
  broken: Guard | undefined,
  journal: Journal,
  seq: number,
  term: Term,
  onFailure: (error: unknown) => void,
): Promise<EarlyParts | undefined> {
  if (broken !== 'acknowledgesEarly' && broken !== 'publishesEarly') return undefined;
  const replica = new Replica();
  for await (const batch of journal.read(0)) if (batch.lastSeq <= seq) replica.follow(batch);
  const acknowledge = async (batch: Batch) => {
    const committed = term.append(batch);
    committed.then(() => replica.follow(batch)).catch(onFailure);
  };
  const publish = (batch: Batch) => {
    replica.follow(batch);
    return term.append(batch);
  };
  return { replica, append: broken === 'acknowledgesEarly' ? acknowledge : publish };
}
