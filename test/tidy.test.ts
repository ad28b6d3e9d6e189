/** House rules that no linter knows. Each failure names the file and the mend. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const read = (file: string) => readFileSync(file, 'utf8');
const sources = files.filter((file) => file.endsWith('.ts'));
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;

/** The lines of `among` that match, as `file:line: text`, so that a failure points at the place. */
function linesMatching(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

it('keeps the top level to what the project is made of', () => {
  const given = ['pipelines', 'stacks', 'services', 'buildspecs', 'environments', 'test', 'docs'];
  const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!));
  expect([...folders].filter((folder) => !folder.startsWith('.') && !given.includes(folder))).toEqual([]);
});

it('reads the environment only in services/platform/env.ts, so that every variable is declared', () => {
  const readers = sources.filter((file) => !file.startsWith('test/') && file !== 'services/platform/env.ts');
  expect(linesMatching(readers, /process\.env\b/)).toEqual([]);
});

it('has no folder or file named for nothing in particular', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|lib)(\/|\.ts$)|-(manager|helper|utils)\.ts$/;
  expect(files.filter((file) => vague.test(file))).toEqual([]);
});

it('leaves nothing unfinished or focused behind', () => {
  const unfinished = /\b(TODO|FIXME|XXX)\b|\b(it|describe|test)\.only\(|@ts-ignore|\bas any\b/;
  expect(
    linesMatching(
      sources.filter((file) => file !== 'test/tidy.test.ts'),
      unfinished,
    ),
  ).toEqual([]);
});

it('keeps every registry host and home folder out of the repository', () => {
  const local = /"resolved": "http|\/home\/[a-z]+\/|\/root\//;
  expect(
    linesMatching(
      files.filter((file) => file !== 'test/tidy.test.ts'),
      local,
    ),
  ).toEqual([]);
});

it('calls only npm scripts that exist, in buildspecs, documents and CI', () => {
  const callers = files.filter((file) =>
    /^(buildspecs\/|docs\/|\.ci\/|README|CONTRIBUTING|ARCHITECTURE)/.test(file),
  );
  const missing = callers.flatMap((file) =>
    [...read(file).matchAll(/npm run ([\w:-]+)/g)]
      .map((match) => match[1]!)
      .filter((script) => !scripts[script]),
  );
  expect(missing).toEqual([]);
});

it('has CI run the test command that the README promises', () => {
  expect(read('README.md')).toContain('npm ci && npm test');
  expect(read('README.md')).toContain('npm ci && npm start');
  expect(read('.ci/run')).toMatch(/^npm ci && npm test$/m);
});

it('pins every dependency to an exact version', () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
  const versions = Object.entries({
    ...dependencies,
    ...optionalDependencies,
    ...devDependencies,
  });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
});

it('decides on the install script of every package that has one', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const { allowScripts } = JSON.parse(read('package.json'));
  const names = Object.entries<{ hasInstallScript?: boolean }>(packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(names.filter((name) => typeof allowScripts[name] !== 'boolean')).toEqual([]);
});
