import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Configuration, files, pathOf, present } from './configuration.ts';
import { ForkError } from './fork-error.ts';
import { rewritten } from './rewrite.ts';

/** One file, from the root of the repository, which npm runs scripts in. */
export interface Change {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What the files of `environments/` become; those that stay as they are, are left out. */
export function changesTo(wanted: Configuration): Change[] {
  return files
    .map((file) => {
      const path = pathOf(file);
      const before = readFileSync(path, 'utf8');
      return { path, before, after: rewritten(path, before, present[file], wanted[file]) };
    })
    .filter(({ before, after }) => before !== after);
}

/**
 * Writes the changes, and looks at them as the pipeline will: by importing the files anew.
 * @throws {ForkError} with what is wrong then; the files are as they were.
 */
export function writeChecked(changes: readonly Change[], wanted: Configuration): void {
  for (const { path, after } of changes) writeFileSync(path, after);
  const fault = faultOfFiles(wanted);
  if (fault === undefined) return;
  for (const { path, before } of changes) writeFileSync(path, before);
  throw new ForkError(`Nothing was changed: ${fault}`);
}

function faultOfFiles(wanted: Configuration): string | undefined {
  const program = `
    import { faultsOf, present } from ${JSON.stringify(import.meta.resolve('./configuration.ts'))};
    process.stdout.write(JSON.stringify({ faults: faultsOf(present), present }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  if (status !== 0) return `the changed files cannot be read: ${stderr}`;
  const read = JSON.parse(stdout) as { readonly faults: readonly string[]; readonly present: Configuration };
  if (read.faults.length > 0) return read.faults.join('\n');
  const meant = JSON.parse(JSON.stringify(wanted));
  return isDeepStrictEqual(read.present, meant)
    ? undefined
    : 'the changed files say something else than meant';
}

/** The changes as Git shows them. */
export function difference(changes: readonly Change[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossbook-fork-'));
  try {
    for (const { path, before, after } of changes)
      for (const [side, text] of [
        ['a', before],
        ['b', after],
      ] as const) {
        mkdirSync(dirname(join(folder, side, path)), { recursive: true });
        writeFileSync(join(folder, side, path), text);
      }
    const options = ['--no-pager', 'diff', '--no-index', '--no-prefix', '--no-color'];
    const { stdout, error } = spawnSync('git', [...options, 'a', 'b'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (error) throw new ForkError(`the difference cannot be shown: ${error.message}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
