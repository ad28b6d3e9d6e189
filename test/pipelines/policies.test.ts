/** The gate itself, as the pipeline and CI run it: over every stack of every environment. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** At the resources of production. A new one needs a reason, and this number raised with it. */
const ACKNOWLEDGED_MAX = 210;
/** Rules that this project follows nowhere: `stacks/acknowledge.ts`. */
const DECISIONS_MAX = 5;

it('finds nothing that nobody explains, in any environment, and few things that somebody does', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['pipelines/check-policies.ts'], {
    maxBuffer: 2 ** 26,
  });
  const [, acknowledged, decisions] = /no unexplained finding; (\d+) acknowledged .* (\d+) rules/.exec(
    stdout,
  )!;
  process.stdout.write(`policies: ${stdout.trim().split('\n').at(-1)}\n`);
  expect(Number(acknowledged)).toBeLessThanOrEqual(ACKNOWLEDGED_MAX);
  expect(Number(decisions)).toBeLessThanOrEqual(DECISIONS_MAX);
}, 480_000);
