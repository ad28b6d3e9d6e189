/**
 * One seed's story: engine tasks, their journal, clients and a follower of events, in one process and in simulated time.
 * The engine's code is the real one; what it knows of time, network and disk is drawn from the seed.
 */
import { History } from '../support/history.ts';
import { checkWorld, describe, isAtRest, type Rest } from './check-world.ts';
import { Cluster } from './cluster.ts';
import { beginFaults } from './faults.ts';
import { Follower } from './follower.ts';
import { SimulatedClient } from './simulated-client.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { Ear, Trader } from './trader.ts';
import { type Violation, World, type WorldOptions } from './world.ts';

export interface SimulationOptions extends WorldOptions {
  /** How long things go wrong. */
  readonly busyMs?: number;
}

export interface Report {
  readonly seed: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Of all that happened: the same for the same seed. */
  readonly digest: string;
  readonly violation?: Violation;
}

const BUSY_MS = 8_000;
/** Within this all must be at rest once nothing goes wrong any more: longer than any timeout there is. */
const QUIET_US = 60_000_000;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Report> {
  const world = new World(seed, options);
  const rest = setUp(world);
  const { scheduler } = world;
  const busyUs = (options.busyMs ?? BUSY_MS) * 1_000;
  scheduler.after(busyUs, () => {
    world.isQuiet = true;
    world.tell('nothing goes wrong any more');
  });
  let isLate = false;
  scheduler.after(busyUs + QUIET_US, () => {
    isLate = true;
  });
  const isOver = () =>
    world.violation !== undefined ||
    isLate ||
    (world.isQuiet && scheduler.steps % 16 === 0 && isAtRest(rest));
  await scheduler.run(isOver);
  if (isLate) world.violate('all comes to rest', describe(rest));
  const repeats = world.violation === undefined ? checkWorld(rest) : 0;
  rest.cluster.close();
  return reportOf(seed, rest, repeats);
}

function setUp(world: World): Rest {
  const disk = new SimulatedDisk(world);
  const follower = new Follower(world);
  // The longer the lease, the longer a leader that was relieved too early goes on.
  const leaseMs = world.pick(world.broken === 'takesOverEarly' ? [3_000] : [200, 500, 1_500]);
  // Some seeds lose nothing, some much.
  const faulty = () => world.pick([0, 0.002, 0.02]);
  const cluster = new Cluster(world, disk, follower, {
    deployments: world.pick([
      ['blue', 'green'],
      ['blue', 'blue'],
      ['blue', 'blue', 'green'],
      ['blue', 'green', 'green'],
    ]),
    leaseMs,
    batchCommandsMax: world.pick([1, 4, 1_024]),
    snapshotCommands: world.pick([40, 150, 1e9]),
    writeFaults: { fails: faulty(), losesAnswer: faulty(), isLate: faulty() },
    keepsAddresses: world.chance(0.5),
  });
  const history = new History();
  const ear = new Ear();
  const clients: SimulatedClient[] = [];
  const clientsCount = world.int(2, 5);
  for (let account = 1; account <= clientsCount; account++) {
    const client = new SimulatedClient(world, cluster, {
      name: `client${account}`,
      nonce: account,
      pendingRequestsMax: world.pick([24, 1_024]),
      waitTimeoutMs: world.pick([500, 5_000]),
      requestTimeoutMs: world.pick([2_000, 10_000]),
    });
    clients.push(client);
    new Trader(world, client, history, ear, {
      account,
      burstMax: world.pick([1, 4, 12]),
      pauseUsMax: world.spread(15_000, 1_000_000),
      // Who only reads meets a leader that has nothing to write, and may not notice that it leads no more.
      queries: world.pick([0.1, 0.5, 1]),
    });
  }
  beginFaults({ world, cluster, disk, clients, leaseMs, pauseUsMax: world.spread(300_000, 6_000_000) });
  return { world, disk, cluster, follower, history, ear };
}

function reportOf(seed: number, { world, disk, history }: Rest, repeats: number): Report {
  const failed = [...history.failed.values()];
  return {
    seed,
    steps: world.scheduler.steps,
    simulatedMs: Math.round(world.scheduler.nowUs / 1_000),
    counts: {
      ...world.counts,
      acknowledged: history.acknowledged.size,
      unsent: failed.filter((kind) => kind === 'unsent').length,
      unknown: failed.filter((kind) => kind === 'sent').length,
      repeats,
      journalled: disk.head.lastSeq,
    },
    digest: world.digest(),
    ...(world.violation === undefined ? {} : { violation: world.violation }),
  };
}
