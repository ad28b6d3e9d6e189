/** The tasks of all deployments, which a supervisor starts again, and the ways on which others reach them. */
import type { View } from '#services/engine/leadership.ts';
import type { Follower } from './follower.ts';
import { type ClientEnd, Link } from './link.ts';
import { type Blobs, simulatedBlobs } from './simulated-blobs.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedJournal, type WriteFaults } from './simulated-journal.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedTask } from './simulated-task.ts';
import type { World } from './world.ts';

const LATENCY_US_MIN = 100;
const LATENCY_US_MAX = 5_000;
/** How long the supervisor takes to start a task again. */
const RESTART_US_MIN = 20_000;
const RESTART_US_MAX = 3_000_000;
/** Whoever asks for the lead waits so long for the answer. */
const HANDOFF_TIMEOUT_US = 5_000_000;

export interface ClusterOptions {
  /** The deployment of each task. */
  readonly deployments: readonly string[];
  readonly leaseMs: number;
  readonly batchCommandsMax: number;
  readonly snapshotCommands: number;
  readonly writeFaults: WriteFaults;
  /** Whether a task that is started again has the address of the one before. */
  readonly keepsAddresses: boolean;
}

export class Cluster {
  readonly #world: World;
  readonly #disk: SimulatedDisk;
  readonly #follower: Follower;
  readonly #options: ClusterOptions;
  readonly #blobs: Blobs = new Map();
  /** By place; undefined while it is away. */
  readonly #tasks: (SimulatedTask | undefined)[] = [];
  #starts = 0;
  /** Where the load balancer sends clients. */
  #liveDeployment: string;

  constructor(world: World, disk: SimulatedDisk, follower: Follower, options: ClusterOptions) {
    this.#world = world;
    this.#disk = disk;
    this.#follower = follower;
    this.#options = options;
    this.#liveDeployment = options.deployments[0]!;
    for (const place of options.deployments.keys()) this.#start(place);
  }

  /** Those that run now. */
  get tasks(): readonly SimulatedTask[] {
    return this.#tasks.filter((task) => task !== undefined);
  }

  get places(): number {
    return this.#options.deployments.length;
  }

  get leaders(): readonly SimulatedTask[] {
    return this.tasks.filter(({ isLeading }) => isLeading);
  }

  /** Sends clients to another deployment from now on. */
  switchDeployment(): void {
    this.#liveDeployment = this.#world.pick(this.#options.deployments);
    this.#world.tell(`clients are sent to ${this.#liveDeployment}`);
  }

  /** Ends the task's process, or its machine: then nobody's connection hears of it. */
  crash(task: SimulatedTask, isMachine: boolean): void {
    const { process } = task.options;
    if (!process.isAlive) return;
    process.end();
    for (const link of task.links) link.orphan(this.#world, isMachine);
    const place = this.#tasks.indexOf(task);
    this.#tasks[place] = undefined;
    const us = this.#world.spread(RESTART_US_MIN, RESTART_US_MAX);
    this.#world.scheduler.after(us, () => this.#start(place));
  }

  /** Lets go of everything. */
  close(): void {
    for (const { options, links } of this.tasks) {
      options.process.end();
      for (const { socket } of links) socket.forget();
    }
  }

  /** Opens a WebSocket to the task at `address`; closes it at once when nobody is there. */
  connect(address: string, client: ClientEnd, onLink: (link: Link) => void): void {
    this.#world.scheduler.after(client.latencyUs(), () => {
      const task = this.#at(address);
      if (task === undefined || task.options.process.isCutOffFrom(client.name)) {
        this.#world.scheduler.after(client.latencyUs(), () => client.onClose());
        return;
      }
      task.options.process.after(0, () => {
        const link = new Link(this.#world, task.options.process, client);
        onLink(link);
        task.serve(link);
      });
    });
  }

  /** Asks some task of the live deployment who leads. No answer comes while nobody is there. */
  greet(client: string, port: number, latencyUs: () => number, onAnswer: (view: View) => void): void {
    this.#world.scheduler.after(latencyUs(), () => {
      const reachable = this.tasks.filter(({ options }) => !options.process.isCutOffFrom(client));
      const live = reachable.filter(({ options }) => options.deployment === this.#liveDeployment);
      // A balancer without a healthy target tries them all.
      const targets = live.length > 0 ? live : reachable;
      if (targets.length === 0) return;
      const task = this.#world.pick(targets);
      task.options.process.after(0, () => {
        const view = task.greet(port);
        this.#world.scheduler.after(latencyUs(), () => onAnswer(view));
      });
    });
  }

  #at(address: string): SimulatedTask | undefined {
    return this.tasks.find(({ options }) => options.address === address);
  }

  #start(place: number): void {
    const { deployments, keepsAddresses, leaseMs, batchCommandsMax, snapshotCommands, writeFaults } =
      this.#options;
    const world = this.#world;
    const name = `task${place}.${this.#starts++}`;
    const process = new SimulatedProcess(world, name);
    const address = `ws://${keepsAddresses ? `task${place}` : name}:8080`;
    const isHasty = world.broken === 'takesOverEarly' && place === 1;
    const task: SimulatedTask = new SimulatedTask({
      world,
      process,
      journal: new SimulatedJournal(world, this.#disk, process, writeFaults),
      blobs: simulatedBlobs(world, process, this.#blobs),
      address,
      deployment: deployments[place]!,
      leaseMs: isHasty ? leaseMs / 10 : leaseMs,
      batchCommandsMax,
      snapshotCommands,
      publish: this.#follower.publisher(process),
      askForLead: (leader, seq) => this.#askForLead(process, leader, address, seq),
      onExit: () => this.crash(task, false),
    });
    this.#tasks[place] = task;
    process.after(0, () => void task.begin());
  }

  #askForLead(process: SimulatedProcess, leader: string, address: string, seq: number): Promise<boolean> {
    const world = this.#world;
    const latencyUs = () => world.spread(LATENCY_US_MIN, LATENCY_US_MAX);
    world.tell(`${process.name}: asks ${leader} for the lead`);
    return new Promise((resolve) => {
      process.after(HANDOFF_TIMEOUT_US, () => resolve(false));
      if (!process.isAlive) return;
      world.scheduler.after(latencyUs(), () => {
        const task = this.#at(leader);
        if (task === undefined) {
          process.after(latencyUs(), () => resolve(false));
          return;
        }
        task.options.process.after(0, async () => {
          const granted = await task.handOff(address, seq);
          world.tell(`${task.options.process.name}: ${granted ? 'hands off' : 'keeps the lead'}`);
          if (granted) world.counts.handoffs++;
          if (task.options.process.isAlive) process.after(latencyUs(), () => resolve(granted));
        });
      });
    });
  }
}
