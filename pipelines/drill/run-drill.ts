/**
 * Finds out whether a standby could take over now: `node run-drill.ts dr prod primary.json <rpoSeconds> <rtoMinutes>
 * <topic>`. It starts a task of each service that has none, for `scale-down.ts` to take away again; it promotes nothing,
 * and refuses to touch a standby that is in use. Ends with 1 when anything is not as it must be, after telling what.
 */
import { readFileSync } from 'node:fs';
import { namePrefix } from '#environments/delivery.ts';
import { digestsApart, runningDigests } from './digests.ts';
import type { Primary } from './look-at-primary.ts';
import { largest } from './metric.ts';
import { noteRaised } from './raised.ts';
import { isWell, type Result, record, table, tell } from './report.ts';
import { Standby } from './standby.ts';

const [name = '', primaryName = '', file = '', rpoSeconds = '', rtoMinutes = '', topic = ''] =
  process.argv.slice(2);
const prefix = `${namePrefix}-${name}`;
const standby = new Standby(prefix);
const primary = JSON.parse(readFileSync(file, 'utf8')) as Primary;

/** What a failure of CloudWatch, ECS and so on says is a fault of the step, and the others are still taken. */
async function step(
  named: Pick<Result, 'step' | 'most' | 'unit'>,
  take: () => Promise<Pick<Result, 'value' | 'faults'>> | Pick<Result, 'value' | 'faults'>,
): Promise<Result> {
  try {
    return { ...named, ...(await take()) };
  } catch (error) {
    return { ...named, value: undefined, faults: [(error as Error).message] };
  }
}

const count = (faults: readonly string[]) => ({ value: faults.length, faults });
const none = { most: 0, unit: 'Count' } as const;
const inRpo = { most: Number(rpoSeconds), unit: 'Seconds' } as const;

const lookedAt = [
  await step({ step: 'digests apart', ...none }, () =>
    count(digestsApart(primary.digests, runningDigests(prefix))),
  ),
  await step({ step: 'database lag', ...inRpo }, () => {
    const lagMs = largest('SELECT MAX(AuroraGlobalDBReplicationLag) FROM "AWS/RDS"');
    // It tells once a minute, for as long as it follows.
    if (lagMs === undefined) return { value: undefined, faults: ['it does not follow the primary’s'] };
    return { value: lagMs / 1_000, faults: [] };
  }),
  await step({ step: 'table lag', ...inRpo }, () => ({ value: primary.tableLagMs / 1_000, faults: [] })),
  await step({ step: 'balancers astray', ...none }, () => count(standby.balancerFaults())),
];

const start = await step({ step: 'start', most: Number(rtoMinutes) * 60, unit: 'Seconds' }, async () => {
  if (!standby.isStandby(`${namePrefix}-${primaryName}`))
    return {
      value: undefined,
      faults: ['its database takes writes: it is a standby no longer, and is left alone'],
    };
  const counts = standby.desiredCounts();
  const resting = [...counts].filter(([, tasks]) => tasks === 0).map(([service]) => service);
  if (resting.length > 0 && resting.length < counts.size)
    return { value: undefined, faults: ['some services have tasks and others none: somebody works on it'] };
  noteRaised(resting);
  const startMs = performance.now();
  for (const service of resting) standby.scale(service, 1);
  const faults = await standby.started([...counts.keys()], Number(rtoMinutes) * 60_000);
  return { value: (performance.now() - startMs) / 1_000, faults };
});

const results = [...lookedAt, start];
process.stdout.write(`${table(results)}\n`);
if (!results.every(isWell)) process.exitCode = 1;
record(name, results);
tell(topic, name, results);
