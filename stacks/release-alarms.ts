import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import type { BalancingStack } from './balancing-stack.ts';
import { exchangeMetric, exchangeMetrics } from './engine-alarms.ts';
import { ServiceRequests } from './service-alarms.ts';
import type { Service } from './services.ts';

/** Per cent of the requests. */
const errorPercentMax = 1;
/** Seconds that 99 of 100 requests stay below. */
const latencySecondsMax = 1;

/**
 * The alarms that roll a release of a service back. They look at a minute or two, not at five as those that wake people:
 * taking back a sound release costs an hour, leaving a bad one costs orders.
 */
export function releaseAlarms(
  scope: Construct,
  name: string,
  service: Service,
  { environment, balancing }: { readonly environment: Environment; readonly balancing: BalancingStack },
): Alarm[] {
  const alarm = (kind: string, metric: IMetric, threshold: number, periods: number, description: string) => {
    const made = new Alarm(scope, `${name}-release-${kind}`, {
      alarmName: `${prefixOf(environment)}-${name}-release-${kind}`,
      alarmDescription: `${description} A release of ${name} under way is rolled back. docs/runbook.md#${kind.toLowerCase()}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // Nobody asks a service that nobody uses.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    acknowledge(
      made,
      'CodeDeploy acts on it; people are told by the alarms of the same names that look longer.',
      'NIST.800.53.R5-CloudWatchAlarmAction',
      'cdk-validator-cfnguard::cloudwatch_alarm_action_check',
    );
    return made;
  };
  const { divergence, fencedWrites } = exchangeMetrics.engine;
  if (service.engine)
    return [
      alarm(
        'Divergence',
        exchangeMetric('engine', divergence, Stats.SUM),
        0,
        1,
        'A task of the engine decided otherwise than the leader.',
      ),
      alarm(
        'FencedWrites',
        exchangeMetric('engine', fencedWrites, Stats.SUM),
        0,
        1,
        'Two engines believed to lead.',
      ),
    ];
  if (!service.routes) return [];
  const requests = new ServiceRequests(name, balancing.loadBalancer, balancing.service(name));
  return [
    alarm(
      'ServerErrors',
      requests.errorPercent(),
      errorPercentMax,
      1,
      `More than ${errorPercentMax} % of the requests failed with 5xx for a minute.`,
    ),
    alarm(
      'SlowResponses',
      requests.latency(),
      latencySecondsMax,
      2,
      `One request in 100 took longer than ${latencySecondsMax} s for two minutes.`,
    ),
  ];
}
