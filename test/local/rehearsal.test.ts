/** `npm run rehearse`, as a user runs it: a sound build is promoted, each planted fault is noticed and rolled back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const TIMEOUT_MS = 120_000;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const rehearse = (...options: string[]): Promise<Run> =>
  promisify(execFile)(process.execPath, ['services/local/rehearsal/main.ts', '--bake', '2', ...options]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Run) => error,
  );

/** What became of the bots' orders, by the last line. */
const tollOf = ({ stdout }: Run) => {
  const [, sent, taken, lost, doubled] = /(\d+) orders: (\d+) taken.* (\d+) lost, (\d+) doubled/
    .exec(stdout)!
    .map(Number);
  process.stdout.write(`rehearsal: ${stdout.trim().split('\n').at(-1)!.trim()}\n`);
  return { sent, taken, lost, doubled };
};

it(
  'promotes a sound build under load, and loses no order',
  async () => {
    const run = await rehearse();
    expect([run.code, run.stdout, run.stderr]).toEqual([0, expect.stringContaining('PROMOTED'), '']);
    expect(run.stdout).toMatch(/the lead.*\n.*10 %.*\n.*\n.*100 %/);
    expect(tollOf(run)).toMatchObject({ lost: 0, doubled: 0 });
  },
  TIMEOUT_MS,
);

it.each([
  ['5xx', /requests to green failed with 5xx/, '10 %'],
  ['slow', /p99 of green is \d+ ms/, '10 %'],
  ['diverge', /green's engine is not healthy/, undefined],
])(
  'rolls a build back that is %s, before most clients meet it, and loses no order',
  async (fault, because, reached) => {
    const run = await rehearse('--plant', fault);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(because);
    expect(run.stdout).toContain('ROLLED BACK');
    expect(run.stdout).not.toContain('100 %');
    if (reached === undefined) expect(run.stdout).not.toContain('to green, and so does the lead');
    else expect(run.stdout).toContain(reached);
    expect(tollOf(run)).toMatchObject({ lost: 0, doubled: 0 });
  },
  TIMEOUT_MS,
);

it.each([
  [['--plant', 'nothing'], 'there is no fault "nothing"'],
  [['--bake', 'soon'], '"soon" is not 1 to 3,600 seconds'],
  [['--color'], 'color'],
])('says what is wrong with %p, and how it is used', async (options, fault) => {
  const { code, stderr } = await rehearse(...options);
  expect(code).toBe(2);
  expect(stderr).toContain(fault);
  expect(stderr).toContain('npm run rehearse -- [options]');
});
