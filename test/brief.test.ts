/** `docs/brief.md` tells where each step of the guide went; it must not name what is no longer there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

/** The guide's sections, and how many steps each has. */
const STEPS = { 1: 2, 2: 6, 3: 6, 4: 4, 5: 4, 6: 3, 7: 3, 8: 4, 9: 2 };

const rows = readFileSync('docs/brief.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('has a row for every step of the guide, in its order', () => {
  const steps = Object.entries(STEPS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, step) => `${section}.${step + 1}`),
  );
  expect(rows.map(([, step]) => step)).toEqual(steps);
});

it('names, for each, files and tests that exist', () => {
  for (const [, step, , files = '', tests = ''] of rows)
    for (const cell of [files, tests]) {
      const paths = [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
      expect([step, paths.length > 0]).toEqual([step, true]);
      for (const path of paths) expect([step, path, existsSync(path)]).toEqual([step, path, true]);
    }
});
