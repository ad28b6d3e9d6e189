import { describe, expect, it } from '@jest/globals';
import { type DeliveryRecord, metricsOf, type StageEvent } from '#pipelines/delivery-metrics/delivery.ts';
import { metricLine } from '#pipelines/delivery-metrics/metric-line.ts';

const environments = ['dev', 'prod'];

const event = (stage: string, state: string, time: string): StageEvent => ({
  time,
  detail: { 'execution-id': 'e-1', stage, state },
});

/** What AWS would remember, with one commit, of 10:00. */
function recordOf(): DeliveryRecord {
  const failing = new Map<string, number>();
  return {
    committedAt: async () => Date.parse('2026-11-01T10:00:00Z'),
    failingSince: async (environment) => failing.get(environment),
    setFailingSince: async (environment, at) => {
      if (at === undefined) failing.delete(environment);
      else failing.set(environment, at);
    },
  };
}

const MINUTE_MS = 60_000;

describe('the metrics of delivery', () => {
  it('count a deployment, and how long its commit took to get there', async () => {
    const metrics = await metricsOf(
      event('dev', 'SUCCEEDED', '2026-11-01T10:20:00Z'),
      environments,
      recordOf(),
    );
    expect(metrics).toEqual({ Deployments: 1, LeadTime: 20 * MINUTE_MS });
  });

  it('tell how long it took to mend an environment, from its first failure', async () => {
    const record = recordOf();
    const at = (stage: string, state: string, time: string) =>
      metricsOf(event(stage, state, `2026-11-01T${time}:00Z`), environments, record);
    expect(await at('prod', 'FAILED', '11:00')).toEqual({ FailedDeployments: 1 });
    expect(await at('prod', 'FAILED', '11:30')).toEqual({ FailedDeployments: 1 });
    // Another environment is not mended by it, nor broken.
    expect(await at('dev', 'SUCCEEDED', '11:40')).not.toHaveProperty('TimeToRestore');
    expect(await at('prod', 'SUCCEEDED', '12:00')).toMatchObject({ TimeToRestore: 60 * MINUTE_MS });
    expect(await at('prod', 'SUCCEEDED', '12:30')).not.toHaveProperty('TimeToRestore');
  });

  it.each([
    ['a stage that is no environment', event('Build', 'FAILED', '2026-11-01T10:20:00Z')],
    ['a release that only begins', event('prod', 'STARTED', '2026-11-01T10:20:00Z')],
  ])('say nothing of %s', async (_, ignored) => {
    expect(await metricsOf(ignored, environments, recordOf())).toBeUndefined();
  });

  it('are lines from which CloudWatch makes metrics, each by its environment', () => {
    const line = JSON.parse(
      metricLine(event('prod', 'SUCCEEDED', '2026-11-01T10:20:00Z'), { Deployments: 1, LeadTime: 5 }),
    );
    expect(line).toEqual({
      _aws: {
        Timestamp: Date.parse('2026-11-01T10:20:00Z'),
        CloudWatchMetrics: [
          {
            Namespace: 'Crossbook/Delivery',
            Dimensions: [['environment']],
            Metrics: [
              { Name: 'Deployments', Unit: 'Count' },
              { Name: 'LeadTime', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      environment: 'prod',
      Deployments: 1,
      LeadTime: 5,
    });
  });
});
