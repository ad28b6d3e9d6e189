/**
 * Looks at an environment's alarms for some minutes after a release: `node watch-alarms.ts crossbook-staging 5`. Ends with
 * 1 as soon as one begins to ring, and when one that rang before still does after twice the time: a release may be the
 * mend of what rings, and an alarm needs minutes to see that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentCli } from '../aws-cli.ts';

/** Alarms look at whole minutes. */
const PAUSE_MS = 5_000;

/** What a release can bring about: a service that is not well, trade that fails, an edge that answers with errors. */
const kinds = ['ServiceImpaired', 'CanaryFailed', 'ApiErrors', 'LoadBalancerErrors'];

interface Alarm {
  readonly AlarmName: string;
  readonly StateReason?: string;
}

interface Alarms {
  readonly MetricAlarms?: readonly Alarm[];
  readonly CompositeAlarms?: readonly Alarm[];
}

const [prefix = '', minutes = ''] = process.argv.slice(2);
const bakeMs = Number(minutes) * 60_000;
if (!(bakeMs > 0)) throw new Error(`"${minutes}" is no number of minutes`);

/** Why each alarm rings that does so now, by its name. */
function ringing(): ReadonlyMap<string, string> {
  const { MetricAlarms = [], CompositeAlarms = [] } = environmentCli<Alarms>(
    'cloudwatch',
    'describe-alarms',
    ...['--alarm-name-prefix', `${prefix}-`],
    ...['--alarm-types', 'CompositeAlarm', 'MetricAlarm'],
    ...['--state-value', 'ALARM'],
  );
  const alarms = [...CompositeAlarms, ...MetricAlarms].filter(({ AlarmName }) =>
    kinds.some((kind) => AlarmName.endsWith(`-${kind}`)),
  );
  return new Map(alarms.map(({ AlarmName, StateReason = 'no reason given' }) => [AlarmName, StateReason]));
}

async function alarmsOfRelease(): Promise<ReadonlyMap<string, string>> {
  const start = performance.now();
  const atStart = new Set(ringing().keys());
  for (const name of atStart) process.stdout.write(`${name} rings already\n`);
  for (;;) {
    await sleep(PAUSE_MS);
    const now = ringing();
    const begun = new Map([...now].filter(([name]) => !atStart.has(name)));
    // Should it ring again, it has begun anew.
    for (const name of atStart) if (!now.has(name)) atStart.delete(name);
    const pastMs = performance.now() - start;
    if (begun.size > 0) return begun;
    if (pastMs >= bakeMs && (now.size === 0 || pastMs >= 2 * bakeMs)) return now;
  }
}

const alarms = await alarmsOfRelease();
for (const [name, reason] of alarms) process.stderr.write(`${name}: ${reason}\n`);
if (alarms.size === 0) process.stdout.write(`${prefix}: no alarm for ${minutes} minutes\n`);
else process.exitCode = 1;
