/**
 * Runs a build specification as CodeBuild does: every command of every phase in one shell, until one fails. What it
 * calls is real but for `aws`, `docker` and what else an answer is given for, such as `cdk deploy`: these are stand-ins
 * that record how they are called and answer as told. Programs pause a twentieth of the time that they would.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a stand-in answers to a call that begins so, such as `aws ecr describe-images`; the first that fits. */
export interface Answer {
  readonly to: string;
  /** What the call contains besides, where its beginning does not tell it from others. */
  readonly has?: string;
  /** How many calls it answers; the next that fits answers those after them. All, when left out. */
  readonly times?: number;
  /** Printed as JSON, or as it is when it is text. */
  readonly output?: unknown;
  /** Printed as an error, and the call fails. */
  readonly error?: string;
  /** What it leaves in the file that the call names after its `--key`. */
  readonly object?: string;
}

export interface Build {
  readonly exitCode: number;
  readonly output: string;
  /** Every call of a stand-in, as one line. */
  readonly calls: readonly string[];
  /** A file that the build left, from the root of its checkout. */
  readonly file: (path: string) => string;
}

interface Buildspec {
  readonly phases: Readonly<
    Record<string, { readonly commands?: readonly string[]; readonly finally?: readonly string[] }>
  >;
}

/** Without `install`: its `npm ci` is what the checkout has already. */
const PHASES = ['pre_build', 'build', 'post_build'];
/** What no build looks at: large, or of this machine. */
const NOT_CHECKED_OUT = new Set(['node_modules', '.git', 'cdk.out', '.data']);

const SHORT_PAUSES = new URL('./short-pauses.ts', import.meta.url).href;

const checkouts: string[] = [];

/** To be called when a test file ends. */
export function removeCheckouts(): void {
  for (const checkout of checkouts.splice(0)) rmSync(checkout, { recursive: true, force: true });
}

/** `change` may alter the checkout before the build begins. */
export async function runBuildspec(
  file: string,
  variables: Readonly<Record<string, string>>,
  answers: readonly Answer[],
  change: (checkout: string) => void = () => {},
): Promise<Build> {
  const checkout = checkOut();
  change(checkout);
  const standIns = writeStandIns(checkout, answers);
  const { phases } = parse(readFileSync(join(checkout, 'buildspecs', file), 'utf8')) as Buildspec;
  const commands = PHASES.flatMap((phase) => phases[phase]?.commands ?? []);
  const afterwards = PHASES.flatMap((phase) => phases[phase]?.finally ?? []);
  const { exitCode, output } = await runShell(checkout, withFinally(commands, afterwards), {
    ...variables,
    PATH: `${standIns}:${join(process.cwd(), 'node_modules/.bin')}:${process.env.PATH}`,
    HOME: checkout,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
    NODE_OPTIONS: `--import ${SHORT_PAUSES}`,
  });
  const fileOf = (path: string) => readFileSync(join(checkout, path), 'utf8');
  const calls = fileOf('.stand-ins/calls').split('\n').filter(Boolean);
  return { exitCode, output, calls, file: fileOf };
}

/** What is said under `finally` runs whatever became of the commands, and fails the build when it fails. */
function withFinally(commands: readonly string[], afterwards: readonly string[]): string {
  if (afterwards.length === 0) return commands.join('\n');
  const blocks = [commands, afterwards].map((lines) => `(\n${lines.join('\n')}\n)`);
  return `${blocks[0]}\ncode=$?\n${blocks[1]} || exit $?\nexit $code`;
}

function checkOut(): string {
  const checkout = mkdtempSync(join(tmpdir(), 'crossbook-build-'));
  checkouts.push(checkout);
  cpSync(process.cwd(), checkout, {
    recursive: true,
    filter: (source) => !NOT_CHECKED_OUT.has(source.slice(process.cwd().length + 1)),
  });
  // As after `npm ci`.
  symlinkSync(join(process.cwd(), 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
}

function writeStandIns(checkout: string, answers: readonly Answer[]): string {
  const folder = join(checkout, '.stand-ins');
  mkdirSync(folder);
  writeFileSync(join(folder, 'calls'), '');
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
  for (const name of new Set(['aws', 'docker', ...answers.map(({ to }) => to.split(' ')[0]!)])) {
    const path = join(folder, name);
    writeFileSync(path, `#!/usr/bin/env node\n${standIn}`);
    chmodSync(path, 0o755);
  }
  return folder;
}

/** A program of its own; the checkout's package.json makes it an ES module. */
const standIn = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
const [, program, ...args] = process.argv;
const call = [basename(program), ...args].join(' ');
// Read first, so that the call that the password comes from is noted before this one.
if (call.includes('--password-stdin')) readFileSync(0);
const calls = join(dirname(program), 'calls');
const before = readFileSync(calls, 'utf8').split('\\n');
appendFileSync(calls, call.replaceAll('\\n', ' ') + '\\n');
const answers = JSON.parse(readFileSync(join(dirname(program), 'answers.json'), 'utf8'));
const spent = new Map();
const answer = answers.find(({ to, has = '', times = Infinity }) => {
  if (!call.startsWith(to) || !call.includes(has)) return false;
  const used = before.filter((one) => one.startsWith(to)).length - (spent.get(to) ?? 0);
  spent.set(to, (spent.get(to) ?? 0) + times);
  return used < times;
});
if (answer === undefined || answer.error !== undefined) {
  process.stderr.write((answer ? answer.error : 'nobody said what to answer to: ' + call) + '\\n');
  process.exit(254);
}
if (answer.object !== undefined) writeFileSync(args[args.indexOf('--key') + 2], answer.object);
const { output = '' } = answer;
process.stdout.write(typeof output === 'string' ? output : JSON.stringify(output));
`;

function runShell(
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; output: string }> {
  const shell = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    shell.once('error', reject).once('close', (code) => resolve({ exitCode: code ?? -1, output }));
  });
}
