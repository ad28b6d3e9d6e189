/**
 * An engine task on a simulated machine: the engine's own parts, put together as `engine-task.ts` and `service.ts` put
 * them together, but for HTTP.
 */
import type { WebSocket } from 'ws';
import type { BlobStore } from '#platform/blob-store.ts';
import { createLog } from '#platform/log.ts';
import { bootReplica } from '#services/engine/boot.ts';
import { CommandSockets } from '#services/engine/command-sockets.ts';
import { CommittedEvents } from '#services/engine/committed-events.ts';
import { type Journal, LeadershipLost } from '#services/engine/journal.ts';
import { Leadership, type View } from '#services/engine/leadership.ts';
import { dueListings, executeListings } from '#services/engine/listings.ts';
import { LiveTraffic } from '#services/engine/live-traffic.ts';
import { Publisher } from '#services/engine/publisher.ts';
import type { Replica } from '#services/engine/replica.ts';
import { Sequencer } from '#services/engine/sequencer.ts';
import { SnapshotSchedule } from '#services/engine/snapshot-schedule.ts';
import { Snapshots } from '#services/engine/snapshots.ts';
import type { Term } from '#services/engine/term.ts';
import { earlyParts } from './broken-parts.ts';
import type { Link } from './link.ts';
import { listings } from './listings.ts';
import { JournalUnavailable } from './simulated-journal.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const LIVE_PORT = 443;
const NOBODY: View = { leader: null, epoch: 0, deployment: '' };
const log = createLog('engine', 'silent');

export interface SimulatedTaskOptions {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly journal: Journal;
  readonly blobs: BlobStore;
  readonly address: string;
  readonly deployment: string;
  readonly leaseMs: number;
  readonly batchCommandsMax: number;
  readonly snapshotCommands: number;
  /** Resolves once the frame is with whoever passes it on. */
  readonly publish: (frame: Uint8Array) => Promise<void>;
  readonly askForLead: (leader: string, seq: number) => Promise<boolean>;
  /** The process ends. */
  readonly onExit: () => void;
}

export class SimulatedTask {
  readonly options: SimulatedTaskOptions;
  readonly links = new Set<Link>();
  readonly #sockets = new CommandSockets();
  readonly #traffic = new LiveTraffic(LIVE_PORT);
  #replica: Replica | undefined;
  #leadership: Leadership | undefined;
  #schedule: SnapshotSchedule | undefined;

  constructor(options: SimulatedTaskOptions) {
    this.options = options;
  }

  get view(): View {
    return this.#leadership?.view ?? NOBODY;
  }

  get isLeading(): boolean {
    return this.#leadership?.isLeading ?? false;
  }

  /** Undefined while it boots. */
  get replica(): Replica | undefined {
    return this.#replica;
  }

  async begin(): Promise<void> {
    const { process, world } = this.options;
    world.tell(`${process.name}: boots`);
    try {
      await this.#boot();
      world.tell(`${process.name}: stands by at ${this.#replica!.position.seq}`);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As when the process is told to end. */
  async stop(): Promise<void> {
    await this.#leadership?.stop();
    await this.#schedule?.close();
    this.options.world.tell(`${this.options.process.name}: has stopped`);
    this.options.onExit();
  }

  serve(link: Link): void {
    this.links.add(link);
    this.#sockets.serve(link.socket as unknown as WebSocket);
  }

  greet(port: number): View {
    this.#traffic.greet(port, this.options.process.monotonicMs());
    return this.view;
  }

  async handOff(successor: string, seq: number): Promise<boolean> {
    return (await this.#leadership?.handOff(successor, seq)) ?? false;
  }

  async #boot(): Promise<void> {
    const { journal, process, blobs, world, snapshotCommands } = this.options;
    const snapshots = new Snapshots(blobs, log);
    const replica = await bootReplica(journal, snapshots, log);
    dueListings(listings, replica.engine);
    const newestSeq = await snapshots.newest();
    if (!process.isAlive) return;
    this.#replica = replica;
    this.#schedule = new SnapshotSchedule(newestSeq, {
      snapshots: {
        newest: () => snapshots.newest(),
        save: async (position, bytes) => {
          await snapshots.save(position, bytes);
          world.counts.snapshots++;
        },
      },
      replica,
      everyCommands: snapshotCommands,
      isLeading: () => this.isLeading,
      log,
    });
    this.#leadership = this.#follow(replica, snapshots);
    this.#leadership.begin();
  }

  #follow(replica: Replica, snapshots: Snapshots): Leadership {
    const { journal, process, address, deployment, leaseMs, askForLead } = this.options;
    const fail = (error: unknown) => this.#fail(error);
    return new Leadership({
      journal,
      replica,
      clock: process,
      log,
      me: { address, deployment },
      leaseMs,
      lead: (term) => this.#lead(term, replica, snapshots),
      isLive: () => this.#traffic.isLive(process.monotonicMs()),
      askForLead: (leader) => askForLead(leader, replica.position.seq),
      onDivergence: fail,
      onFailure: fail,
    });
  }

  async #lead(term: Term, replica: Replica, snapshots: Snapshots) {
    const { world, process, journal, publish, batchCommandsMax } = this.options;
    world.tell(`${process.name}: leads epoch ${term.epoch} after ${replica.position.seq}`);
    const { broken } = world;
    const onFailure = (error: unknown) => this.#fail(error);
    const { seq } = replica.position;
    const early = await earlyParts(broken, journal, seq, term, onFailure);
    const publisher = new Publisher({
      events: new CommittedEvents({ journal, snapshots, replica: early?.replica ?? replica }),
      after: broken === 'forgetsPublished' ? seq : term.published(),
      publish,
      onFailure,
    });
    term.published = () => publisher.published;
    const sequencer = new Sequencer({
      replica,
      epoch: term.epoch,
      append: early?.append ?? ((batch) => term.append(batch)),
      confirm: broken === 'answersUnconfirmed' ? async () => {} : () => term.confirm(),
      batchCommandsMax,
      clock: process,
      onFailure,
    });
    await executeListings(dueListings(listings, replica.engine), sequencer);
    this.#sockets.open(sequencer);
    return {
      close: async () => {
        this.#sockets.shut();
        await sequencer.close();
        this.#sockets.leave();
        await publisher.close();
      },
    };
  }

  /** The journal alone may make a task end: anything else it found out about itself. */
  #fail(error: unknown): void {
    const { world, process, onExit } = this.options;
    if (!process.isAlive) return;
    world.tell(`${process.name}: ends: ${error}`);
    if (!(error instanceof LeadershipLost || error instanceof JournalUnavailable))
      world.violate(
        'a task ends for the journal alone',
        `${process.name}: ${(error as Error)?.stack ?? error}`,
      );
    onExit();
  }
}
