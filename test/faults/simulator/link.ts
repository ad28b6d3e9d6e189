/**
 * A WebSocket between a client and a task. The task's end looks like one of `ws`, so that the engine's own code serves
 * it; the client's is told what happens to it.
 */
import { EventEmitter } from 'node:events';
import { Channel } from './channel.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

export interface ClientEnd {
  readonly name: string;
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  onClose(): void;
  /** How long what is sent now to or from the client takes. */
  latencyUs(): number;
}

type Message = 'open' | 'close' | Uint8Array;

/** A machine that lost power says nothing; its clients' pings go unanswered. */
const SILENT_US_MIN = 5_000_000;
const SILENT_US_MAX = 10_000_000;

export class Link {
  readonly process: SimulatedProcess;
  readonly socket: TaskSocket;
  readonly #client: ClientEnd;
  readonly #toTask: Channel<Message>;
  readonly #toClient: Channel<Message>;
  /** Of the client's end. */
  #isClosed = false;

  constructor(world: World, process: SimulatedProcess, client: ClientEnd) {
    this.process = process;
    this.#client = client;
    this.socket = new TaskSocket((message) => {
      if (process.isAlive) this.#toClient.push(message, client.latencyUs());
    });
    this.#toTask = new Channel(
      world,
      (us, run) => process.after(us, run),
      (message) => this.socket.receive(message),
    );
    this.#toClient = new Channel(
      world,
      (us, run) => world.scheduler.after(us, run),
      (message) => this.#receive(message),
    );
    this.#toClient.push('open', client.latencyUs());
  }

  /** Of the client. */
  send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#toTask.push(bytes, this.#client.latencyUs());
  }

  /** The client leaves; the task hears of it later, and perhaps gets what was sent before. */
  terminate(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#toTask.loseSome();
    this.#toTask.push('close', this.#client.latencyUs());
  }

  /** The connection is lost: each side hears of it at a time of its own. */
  lose(): void {
    if (this.#isClosed) return;
    for (const channel of [this.#toTask, this.#toClient]) {
      channel.loseSome();
      channel.push('close', this.#client.latencyUs());
    }
  }

  /** The task's process has ended, or its machine has. */
  orphan(world: World, isSilent: boolean): void {
    this.socket.forget();
    this.#toClient.loseSome();
    const us = isSilent ? world.int(SILENT_US_MIN, SILENT_US_MAX) : this.#client.latencyUs();
    this.#toClient.push('close', us);
  }

  #receive(message: Message): void {
    if (this.#isClosed) return;
    if (message === 'open') this.#client.onOpen();
    else if (message === 'close') {
      this.#isClosed = true;
      this.#toTask.push('close', this.#client.latencyUs());
      this.#client.onClose();
    } else this.#client.onMessage(message);
  }
}

/** As much of a WebSocket of `ws` as the engine uses. */
class TaskSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly bufferedAmount = 0;
  readonly isPaused = false;
  readonly #push: (message: Message) => void;

  constructor(push: (message: Message) => void) {
    super();
    this.#push = push;
  }

  send(bytes: Uint8Array): void {
    if (this.readyState === this.OPEN) this.#push(bytes);
  }

  close(): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 2;
    this.#push('close');
  }

  ping(): void {}

  terminate(): void {
    this.close();
    this.forget();
  }

  receive(message: Message): void {
    if (message === 'close') this.forget();
    else if (this.readyState !== 3) this.emit('message', message);
  }

  /** Lets go of what serves it, its timer among it. */
  forget(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit('close');
  }
}
