/** The engine's tests, run on a copy of the repository: which test file fails, if one does. */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** All but those that take random paths: they know the rules one by one, and take seconds. */
const SCENARIOS = [
  ...['--testPathIgnorePatterns', '/(properties|structures|snapshot|hostile-input).test.ts$'],
  ...['--testPathPatterns', 'test/(engine/matching/|domain/money.test.ts)'],
];
const PROPERTIES = ['--testPathPatterns', 'test/engine/matching/properties.test.ts$'];
/** Not the hostile input, which is about what no caller sends, and takes the longest. */
const PARTS = ['--testPathPatterns', 'test/engine/matching/(structures|snapshot).test.ts$'];
/** The quick ones first. */
const STAGES = [SCENARIOS, PROPERTIES, PARTS];
/** So many times what it takes without a mutation, and some more: what takes longer, loops for ever. */
const PATIENCE = 5;
const PATIENCE_MS_MIN = 10_000;
/** What takes more memory is in a loop that leaves something behind. */
const RESIDENT_BYTES_MAX = 2 * 1024 ** 3;
const LOOK_EVERY_MS = 250;

const LEFT_OUT = ['node_modules', '.git', 'cdk.out', 'coverage', '.data'];

/** A copy of the repository in a folder of its own; its dependencies are those of the repository. */
export class Copy {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async of(repository: string): Promise<Copy> {
    const root = await mkdtemp(join(tmpdir(), 'crossbook-mutations-'));
    await cp(repository, root, {
      recursive: true,
      filter: (path) => !LEFT_OUT.includes(relative(repository, path)) && !path.endsWith('.log'),
    });
    await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
    const { jest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    // Without the database, which the engine does not need, and the line that closes a run.
    const { globalSetup: _, globalTeardown: __, reporters: ___, ...config } = jest;
    await writeFile(join(root, 'jest.mutations.json'), JSON.stringify({ ...config, rootDir: root }));
    return new Copy(root);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.root, file), 'utf8');
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.root, file), text);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** How long each stage may take, by what it takes as the copy is. @throws {Error} when a test fails already. */
  async patienceMs(seeds: number): Promise<number[]> {
    const limits: number[] = [];
    for (const stage of STAGES) {
      const begun = performance.now();
      const failing = await this.#failing(stage, seeds, Infinity);
      if (failing !== undefined) throw new Error(`the tests fail as they are: ${failing}`);
      limits.push(PATIENCE_MS_MIN + PATIENCE * (performance.now() - begun));
    }
    return limits;
  }

  /** Who notices that something is wrong: the test file, or `time` or `memory`; undefined when nobody does. */
  async caughtBy(seeds: number, patienceMs: readonly number[]): Promise<string | undefined> {
    for (const [index, stage] of STAGES.entries()) {
      const caught = await this.#failing(stage, seeds, patienceMs[index]!);
      if (caught !== undefined) return caught;
    }
    return undefined;
  }

  async #failing(stage: readonly string[], seeds: number, msMax: number): Promise<string | undefined> {
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(this.root, 'node_modules/jest/bin/jest.js'),
        ...['--config', 'jest.mutations.json', '--runInBand', '--bail', '--silent'],
        ...stage,
      ],
      {
        cwd: this.root,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, CROSSBOOK_SEEDS: String(seeds), CROSSBOOK_BAIL: '1' },
      },
    );
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.on('error', reject);
    child.on('close', resolve);
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
    });
    let excess: string | undefined;
    const stopWhen = (reason: string) => {
      excess = reason;
      child.kill('SIGKILL');
    };
    const clock = msMax === Infinity ? undefined : setTimeout(() => stopWhen('time'), msMax);
    const watch = setInterval(async () => {
      if ((await residentBytes(child.pid)) > RESIDENT_BYTES_MAX) stopWhen('memory');
    }, LOOK_EVERY_MS);
    try {
      if ((await promise) === 0) return undefined;
    } finally {
      clearTimeout(clock);
      clearInterval(watch);
    }
    return excess ?? failedFile(told);
  }
}

/** 0 when the process is gone, or nobody can tell. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) * 1024;
  } catch {
    return 0;
  }
}

/** What Jest says first of a file that fails. */
function failedFile(told: string): string {
  const path = /^FAIL (\S+)/m.exec(told)?.[1];
  return path === undefined ? 'a crash' : basename(path);
}
