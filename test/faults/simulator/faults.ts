/** What goes wrong, and when: drawn for each seed, some kinds of it in each. */
import type { Cluster } from './cluster.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedTask } from './simulated-task.ts';
import type { World } from './world.ts';

const HOUR_US = 3_600_000_000;
/** A kind of fault is in a seed with this probability. */
const KIND = 0.6;
/** Dear: all that so many sessions remember is megabytes. */
const CROWD = 0.03;
const PARTITION_US_MIN = 50_000;
const PARTITION_US_MAX = 8_000_000;

export interface FaultsOptions {
  readonly world: World;
  readonly cluster: Cluster;
  readonly disk: SimulatedDisk;
  readonly clients: readonly SimulatedClient[];
  readonly leaseMs: number;
  /** Between two faults lies up to this. */
  readonly pauseUsMax: number;
}

type Fault = (options: FaultsOptions) => void;

const kinds: Readonly<Record<string, Fault>> = {
  crash: (options) => onTask(options, crash),
  freeze: (options) => onTask(options, freeze),
  stop: (options) => onTask(options, stop),
  cutOff: (options) => onTask(options, cutOff),
  clockJump: (options) => onTask(options, jump),
  outage,
  partition,
  loseConnection: ({ world, clients }) => {
    world.counts.lostConnections++;
    world.pick(clients).loseConnection();
  },
  crowd: ({ world, clients }) => {
    world.counts.crowds++;
    world.pick(clients).crowd();
  },
  switchDeployment: ({ cluster }) => cluster.switchDeployment(),
};

/** Goes on until the world is quiet. */
export function beginFaults(options: FaultsOptions): void {
  const { world, pauseUsMax } = options;
  const drawn = Object.keys(kinds).filter((kind) => world.chance(kind === 'crowd' ? CROWD : KIND));
  world.tell(`faults: ${drawn.join(', ')}`);
  if (drawn.length === 0) return;
  const next = () =>
    world.scheduler.after(world.int(0, pauseUsMax), () => {
      if (world.isQuiet) return;
      kinds[world.pick(drawn)]!(options);
      next();
    });
  next();
}

/** Mostly on one that leads. */
function onTask(options: FaultsOptions, fault: (task: SimulatedTask, options: FaultsOptions) => void): void {
  const { tasks, leaders } = options.cluster;
  const among = leaders.length > 0 && options.world.chance(0.7) ? leaders : tasks;
  if (among.length > 0) fault(options.world.pick(among), options);
}

function crash(task: SimulatedTask, { world, cluster }: FaultsOptions): void {
  const isMachine = world.chance(0.3);
  world.counts.crashes++;
  world.tell(`${task.options.process.name}: ${isMachine ? 'its machine is lost' : 'is killed'}`);
  cluster.crash(task, isMachine);
}

function freeze({ options: { process } }: SimulatedTask, { world, leaseMs }: FaultsOptions): void {
  const us = world.spread(leaseMs * 100, leaseMs * 5_000);
  world.counts.freezes++;
  world.tell(`${process.name}: is frozen for ${us} µs`);
  process.freeze(us);
}

function stop(task: SimulatedTask, { world }: FaultsOptions): void {
  world.counts.stops++;
  world.tell(`${task.options.process.name}: is told to stop`);
  task.options.process.after(0, () => void task.stop());
}

/** The network falls in two: the task and some clients on one side; the journal, the other tasks and clients beyond. */
function cutOff({ options: { process } }: SimulatedTask, { world, leaseMs, clients }: FaultsOptions): void {
  const us = world.spread(leaseMs * 50, leaseMs * 5_000);
  const beyond = clients.filter(() => world.chance(0.5));
  world.counts.partitions++;
  const names = beyond.map(({ name }) => name);
  world.tell(`${process.name}: cannot reach the journal for ${us} µs, ${names.join(', ')} not it`);
  process.cutOff(us, names);
  for (const client of beyond) client.loseConnection(process);
}

function jump({ options: { process } }: SimulatedTask, { world }: FaultsOptions): void {
  const us = world.pick([-HOUR_US, HOUR_US]);
  world.counts.clockJumps++;
  world.tell(`${process.name}: its clock jumps by ${us} µs`);
  process.shiftWallClock(us);
}

function outage({ world, disk }: FaultsOptions): void {
  const us = world.spread(20_000, 2_000_000);
  world.counts.outages++;
  world.tell(`the journal is down for ${us} µs`);
  disk.isDown = true;
  world.scheduler.after(us, () => {
    disk.isDown = false;
  });
}

function partition({ world, clients }: FaultsOptions): void {
  const client = world.pick(clients);
  const us = world.spread(PARTITION_US_MIN, PARTITION_US_MAX);
  world.counts.partitions++;
  world.tell(`${client.name}: reaches nobody for ${us} µs`);
  client.partition(us);
}
