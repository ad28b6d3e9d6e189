/** An engine as a process of its own, which a test may kill, freeze and hear. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listings } from '#environments/markets.ts';
import type { FaultPoint } from './engine-with-faults.ts';

const MAIN = fileURLToPath(new URL('../../../services/engine/main.ts', import.meta.url));
const WITH_FAULTS = fileURLToPath(new URL('./engine-with-faults.ts', import.meta.url));
const READY = 'the engine is ready';
const LEADS = 'this engine leads';
const LET_GO = 'this engine has let go of the lead';
const LINE_TIMEOUT_MS = 30_000;
/** Lines kept to tell of when something fails. */
const LINES_MAX = 2_000;

export interface EngineProcessOptions {
  readonly databaseUrl: string;
  /** Where snapshots go. */
  readonly blobsDirectory: string;
  /** 0 for any. */
  readonly port?: number;
  readonly deployment?: string;
  readonly leaseMs?: number;
  /** 0 counts clients that come by any port. */
  readonly livePort?: number;
  /** Commands from one snapshot to the next. */
  readonly snapshotCommands?: number;
  /** Carries what it publishes; without it, nothing does. */
  readonly redisUrl?: string;
  /** Names its connections to PostgreSQL. */
  readonly applicationName?: string;
  /** Given, the process can be armed with fault points, and appends to this file all that it publishes. */
  readonly publishedFile?: string;
  /** Loaded before the program. */
  readonly imports?: readonly string[];
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export class EngineProcess {
  readonly options: EngineProcessOptions;
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly lines: LogLine[] = [];
  /** What became of it, once it has exited. */
  ended: number | NodeJS.Signals | undefined;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #port = 0;

  private constructor(options: EngineProcessOptions, child: ChildProcess) {
    this.options = options;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      // By then all that it said has come.
      child.once('close', (code, signal) => {
        this.ended = signal ?? code ?? 0;
        resolve(this.ended);
        this.#tell();
      });
    });
    createInterface({ input: child.stdout! }).on('line', (text) => {
      this.lines.push(JSON.parse(text) as LogLine);
      if (this.lines.length > LINES_MAX) this.lines.shift();
      this.#tell();
    });
  }

  /** Resolves when it is ready to follow and to lead. @throws when it ends instead. */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    const url = new URL(options.databaseUrl);
    if (options.applicationName !== undefined)
      url.searchParams.set('application_name', options.applicationName);
    const { imports = [], publishedFile } = options;
    const program = publishedFile === undefined ? [MAIN] : [WITH_FAULTS, publishedFile];
    const child = spawn(process.execPath, [...imports.flatMap((path) => ['--import', path]), ...program], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        PORT: String(options.port ?? 0),
        DATABASE_URL: url.href,
        MARKETS: JSON.stringify(listings),
        BLOB_STORE_URL: pathToFileURL(options.blobsDirectory).href,
        DEPLOYMENT: options.deployment ?? 'blue',
        LEASE: String(options.leaseMs ?? 500),
        LIVE_PORT: String(options.livePort ?? 0),
        REDIS_URL: options.redisUrl ?? '',
        // Few, so that restarts meet snapshots of every age.
        SNAPSHOT_COMMANDS: String(options.snapshotCommands ?? 500),
      },
      stdio: ['ignore', 'pipe', 'inherit', ...(publishedFile === undefined ? [] : (['ipc'] as const))],
    });
    const engine = new EngineProcess(options, child);
    try {
      engine.#port = Number((await engine.line(READY)).port);
      return engine;
    } catch (error) {
      engine.signal('SIGKILL');
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get port(): number {
    return this.#port;
  }

  /** As `ws://host:port`. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** The epoch that it leads, as far as it has told. */
  get leadingEpoch(): number | undefined {
    if (this.ended !== undefined) return undefined;
    const last = this.lines.findLast(({ msg }) => msg === LEADS || msg === LET_GO);
    return last?.msg === LEADS ? Number(last.epoch) : undefined;
  }

  /** Resolves with a line that says `msg`. @throws when the process ends without, or says nothing of it in time. */
  line(msg: string): Promise<LogLine> {
    return this.until(() => this.lines.find((line) => line.msg === msg), `says '${msg}'`);
  }

  /** Resolves with what `look` finds once it finds anything; it looks after every line. */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = performance.now() + LINE_TIMEOUT_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.ended !== undefined || performance.now() > deadline)
        throw new Error(
          `no engine that ${what}; ended: ${this.ended}; its last lines:\n${this.#lastLines()}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => wake(), 1_000);
        const wake = () => {
          clearTimeout(timer);
          this.#listeners.delete(wake);
          resolve();
        };
        this.#listeners.add(wake);
      });
    }
  }

  /** From now on it kills itself when it comes to `point` for the `countdown`th time. */
  arm(point: FaultPoint, countdown: number): void {
    if (this.ended === undefined) this.#child.send({ point, countdown }, () => {});
  }

  signal(signal: NodeJS.Signals): void {
    if (this.ended === undefined) this.#child.kill(signal);
  }

  /** Resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.signal(signal);
    await this.exited;
  }

  #lastLines(): string {
    return this.lines
      .slice(-12)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
