/** What a running engine writes for those who watch it. */
import { describe, expect, it } from '@jest/globals';
import { connectEngine } from '#platform/engine-client.ts';
import type { Log } from '#platform/log.ts';
import { SAMPLES_MAX } from '#platform/metrics.ts';
import { EngineMetrics, engineMetrics } from '#services/engine/metrics.ts';
import { deposit } from '#test/support/engine.ts';
import { startEngineService } from '#test/support/engine-service.ts';
import { testDatabase } from '#test/support/postgres.ts';

interface Line extends Record<string, unknown> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

function recording() {
  const lines: Line[] = [];
  const info = (line: Line) => {
    if ('_aws' in line) lines.push(line);
  };
  const log = { info, warn: () => {}, error: () => {}, fatal: () => {} } as unknown as Log;
  return { metrics: new EngineMetrics(log), lines, log };
}

const leading = {
  isLeading: true,
  epoch: 3,
  seq: 1_000,
  published: 990,
  publisherAgeMs: 70,
  newestSnapshotSeq: 400,
};

describe('the engine', () => {
  it('reports under the names that alarms know, in the form that CloudWatch reads', () => {
    const { metrics, lines } = recording();
    metrics.committed(10, 4);
    metrics.committed(5, 6);
    metrics.report(leading);
    expect(lines[0]).toMatchObject({
      Leading: 1,
      Epoch: 3,
      Commands: 15,
      PublisherLag: 10,
      PublisherAgeMs: 70,
      SnapshotLag: 600,
      CommitMs: [4, 6],
    });
    const [{ Namespace, Dimensions, Metrics }] = lines[0]!._aws.CloudWatchMetrics as [
      Line['_aws']['CloudWatchMetrics'][0],
    ];
    expect({ Namespace, Dimensions }).toEqual({ Namespace: 'Crossbook', Dimensions: [['service']] });
    const counted: string[] = [engineMetrics.divergence, engineMetrics.fencedWrites];
    const reported = Object.values(engineMetrics).filter((name) => !counted.includes(name));
    expect(Metrics.map(({ Name }) => Name).sort()).toEqual(reported.sort());
  });

  it('reports what it committed as it runs, and that it leads', async () => {
    const { lines, log } = recording();
    const database = await testDatabase();
    const engine = await startEngineService(database.url, {}, { log });
    const client = connectEngine(engine.url);
    for (let account = 1; account <= 3; account++) await client.execute(deposit(account, 1, 'opening'));
    const { seq } = await client.ask({ type: 'position' });
    await client.close();
    await engine.close();
    await database.drop();
    expect(lines.at(-1)).toMatchObject({ Leading: 1, Epoch: 1, PublisherLag: 0, SnapshotLag: seq });
    const total = lines.reduce((sum, { Commands }) => sum + (Commands as number), 0);
    // All but the command that its epoch began with, which is no batch of its own.
    expect(total).toBe(seq - 1);
    expect((lines.at(-1)!.CommitMs as number[]).length).toBeGreaterThanOrEqual(3);
    for (const ms of lines.at(-1)!.CommitMs as number[]) expect(ms).toBeGreaterThan(0);
  });

  it('counts from nothing after each report', () => {
    const { metrics, lines } = recording();
    metrics.committed(10, 4);
    metrics.report(leading);
    metrics.report(leading);
    expect(lines[1]).toMatchObject({ Commands: 0 });
    expect(lines[1]).not.toHaveProperty('CommitMs');
  });

  it('tells nothing of publishing while it does not lead', () => {
    const { metrics, lines } = recording();
    metrics.report({ ...leading, isLeading: false, published: undefined, publisherAgeMs: undefined });
    expect(lines[0]).toMatchObject({ Leading: 0 });
    expect(lines[0]).not.toHaveProperty('PublisherLag');
    expect(lines[0]).not.toHaveProperty('PublisherAgeMs');
  });

  it('gives as many commits as a line may have, from the last to the first with the same chance', () => {
    const { metrics, lines } = recording();
    for (let commit = 0; commit < 10_000; commit++) metrics.committed(1, commit);
    metrics.report(leading);
    const samples = lines[0]!.CommitMs as number[];
    expect(samples).toHaveLength(SAMPLES_MAX);
    expect(new Set(samples).size).toBe(SAMPLES_MAX);
    // Of a hundred, fifty come from the later half; fewer than 15 or more than 85 do once in 10^12 runs.
    const later = samples.filter((commit) => commit >= 5_000).length;
    expect(later).toBeGreaterThan(15);
    expect(later).toBeLessThan(85);
  });
});
