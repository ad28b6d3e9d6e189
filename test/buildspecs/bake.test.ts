import { afterAll, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const rings = (...names: string[]): Answer => ({
  to: 'aws cloudwatch describe-alarms --alarm-name-prefix crossbook-staging- --alarm-types CompositeAlarm MetricAlarm --state-value ALARM --profile environment',
  output: {
    CompositeAlarms: names.map((AlarmName) => ({ AlarmName, StateReason: 'orders-ServerErrors is on' })),
    MetricAlarms: [],
  },
});
const impaired = 'crossbook-staging-orders-ServiceImpaired';

/** Half a second, in which it looks twice. */
const bake = (...answers: Answer[]) =>
  runBuildspec(
    'bake.yml',
    {
      PREFIX: 'crossbook-staging',
      BAKE_MINUTES: '0.008',
      ENVIRONMENT_ROLE: 'arn:aws:iam::222222222222:role/crossbook-staging-release',
      ENVIRONMENT_REGION: 'eu-central-1',
    },
    [{ to: 'aws configure' }, ...answers],
  );

it('lets a release go on when no alarm rings for as long as it is to be looked at', async () => {
  const { exitCode, output, calls } = await bake(rings());
  expect([exitCode, output]).toEqual([0, expect.stringContaining('no alarm for 0.008 minutes')]);
  expect(calls.filter((call) => call.startsWith('aws cloudwatch')).length).toBeGreaterThanOrEqual(3);
}, 60_000);

it('ends the stage as soon as an alarm begins to ring, and says why it does', async () => {
  const { exitCode, output } = await bake({ ...rings(), times: 1 }, rings(impaired));
  expect([exitCode, output]).toEqual([1, expect.stringContaining(`${impaired}: orders-ServerErrors is on`)]);
}, 60_000);

it('lets a release go on that mends what rang before', async () => {
  const { exitCode, output } = await bake({ ...rings(impaired), times: 2 }, rings());
  expect([exitCode, output]).toEqual([0, expect.stringContaining(`${impaired} rings already`)]);
}, 60_000);

it('ends the stage when what rang before still does after twice the time', async () => {
  const { exitCode } = await bake(rings(impaired));
  expect(exitCode).toBe(1);
}, 60_000);

it('passes over alarms that no release brings about, and those of releases themselves', async () => {
  const others = rings('crossbook-staging-DeadLetters', 'crossbook-staging-orders-release-ServerErrors');
  expect((await bake({ ...rings(), times: 1 }, others)).exitCode).toBe(0);
}, 60_000);

it('does not take an environment that it cannot look at for a quiet one', async () => {
  const { exitCode, output } = await bake({ to: 'aws cloudwatch', error: 'AccessDenied' });
  expect([exitCode, output]).toEqual([1, expect.stringContaining('AccessDenied')]);
}, 60_000);
