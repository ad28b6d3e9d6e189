/** What must hold once all has come to rest. */
import { checkOutcomes } from '../support/check-outcomes.ts';
import type { History } from '../support/history.ts';
import type { Cluster } from './cluster.ts';
import type { Follower } from './follower.ts';
import { JournalWalk } from './journal-walk.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { Ear } from './trader.ts';
import type { World } from './world.ts';

export interface Rest {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly cluster: Cluster;
  readonly follower: Follower;
  readonly history: History;
  readonly ear: Ear;
}

/** Everyone has been answered, one task leads, and all others, and who follows the feed, are where the journal ends. */
export function isAtRest({ disk, cluster, follower, ear }: Rest): boolean {
  const { tasks, leaders, places } = cluster;
  const { lastSeq, leader } = disk.head;
  return (
    ear.pending === 0 &&
    follower.position === lastSeq &&
    tasks.length === places &&
    leaders.length === 1 &&
    leaders[0]!.options.address === leader &&
    tasks.every(({ replica }) => replica?.position.seq === lastSeq && replica.engine.lastSeq === lastSeq)
  );
}

/** Returns how many commands came again and were not executed again. */
export function checkWorld({ world, disk, cluster, follower, history, ear }: Rest): number {
  const walk = new JournalWalk(world, ear);
  try {
    for (const batch of disk.batches) walk.follow(batch);
    walk.engine.checkInvariants();
  } catch (error) {
    world.violate('the journal can be replayed, and balances, holds and books are right', `${error}`);
    return walk.repeats;
  }
  const faults: string[] = [];
  checkOutcomes(history, walk.occurrences, faults);
  for (const fault of faults)
    world.violate('each command was executed as its sender was told, and once', fault);
  const digest = walk.engine.digest();
  for (const { options, replica } of cluster.tasks)
    if (replica?.engine.digest() !== digest)
      world.violate(
        'all tasks have the state of a replay from zero',
        `${options.process.name} at ${replica?.position.seq}`,
      );
  for (const { firstSeq, lastSeq, checksum } of follower.published) {
    const committed = walk.frames.get(firstSeq);
    if (committed?.lastSeq !== lastSeq || committed.checksum !== checksum)
      world.violate('what is published is committed', `${firstSeq} to ${lastSeq} is something else`);
  }
  return walk.repeats;
}

/** Where it hangs. */
export function describe({ disk, cluster, follower, ear }: Rest): string {
  const tasks = cluster.tasks.map(
    ({ options, replica, isLeading }) =>
      `${options.process.name}${isLeading ? ' leads' : ''} at ${replica?.position.seq ?? 'boot'}`,
  );
  const { lastSeq, leader, epoch } = disk.head;
  return (
    `${ear.pending} requests have no end, the journal ends at ${lastSeq} in epoch ${epoch} of '${leader}', ` +
    `the follower is at ${follower.position}; ${tasks.join(', ')}`
  );
}
