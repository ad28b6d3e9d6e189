/** The list of planted bugs fits the sources as they are, so that `npm run mutations` can plant each. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { plantingFault } from './locate.ts';
import { PLANTED } from './planted.ts';

describe('the planted bugs', () => {
  it('each change one place of the engine', () => {
    const faults = PLANTED.flatMap((bug) => plantingFault(readFileSync(bug.file, 'utf8'), bug) ?? []);
    expect(faults).toEqual([]);
  });

  it('each break something of their own', () => {
    const broken = PLANTED.map(({ file, breaks }) => `${file}: ${breaks}`);
    expect(broken).toEqual([...new Set(broken)]);
  });
});
