/** The gate itself, as the pipeline runs it when it synthesizes: there over all environments, here over production. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const checkPolicies = (...environments: readonly string[]) =>
  promisify(execFile)(process.execPath, ['pipelines/check-policies.ts', ...environments], {
    maxBuffer: 2 ** 26,
  });

/** At the resources of production. A new one needs a reason, and this number raised with it. */
const ACKNOWLEDGED_MAX = 210;
/** Rules that this project follows nowhere: `stacks/acknowledge.ts`. */
const DECISIONS_MAX = 5;

it('finds nothing that nobody explains in production, and few things that somebody does', async () => {
  const { stdout } = await checkPolicies('prod');
  const [, acknowledged, decisions] = /no unexplained finding; .*: (\d+) of prod; (\d+) rules/.exec(stdout)!;
  process.stdout.write(`policies: ${stdout.trim().split('\n').at(-1)}\n`);
  expect(Number(acknowledged)).toBeLessThanOrEqual(ACKNOWLEDGED_MAX);
  expect(Number(decisions)).toBeLessThanOrEqual(DECISIONS_MAX);
}, 240_000);

it('refuses a name that no environment has', async () => {
  await expect(checkPolicies('production')).rejects.toMatchObject({
    code: 2,
    stderr: 'production is no environment: name some of dev, staging, prod, dr, or none for all\n',
  });
}, 60_000);
