import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { Alarms, everywhere, minute } from './alarms.ts';

/** Per cent of the requests. */
const errorPercentMax = 1;
/** Milliseconds that 99 of 100 requests stay below; a login hashes a password, which takes some 100. */
const latencyMsMax = 2_000;
/** Errors of functions in five minutes: a failed attempt is tried again, and one alone has done no harm. */
const functionErrorsMax = 3;
/** Requests that firewalls block in five minutes: what scanners send at any time stays well below. */
const blockedMax = 5_000;
const fiveMinutes = Duration.minutes(5);

/** What stands between people and the load balancer in this region, and the functions beside it. */
export function watchRegionalEdge(alarms: Alarms, api: RestApi): void {
  alarms.watch('ApiErrors', {
    // A fraction: each request counts as 0 or 1.
    metric: api.metricServerError({ statistic: Stats.AVERAGE, period: minute }),
    above: errorPercentMax / 100,
    periods: 5,
    silence: 'well',
    means: `API Gateway has answered more than ${errorPercentMax} % of its requests with 5xx for five minutes.`,
  });
  alarms.watch('ApiLatency', {
    metric: api.metricLatency({ statistic: Stats.percentile(99), period: minute }),
    above: latencyMsMax,
    periods: 5,
    silence: 'well',
    means: `One request in 100 has taken API Gateway longer than ${latencyMsMax} ms for five minutes.`,
  });
  watchFirewall(alarms, 'SCHEMA("AWS/WAFV2", Region, Rule, WebACL)');
  watchFunctions(alarms);
  alarms.watch('NatPorts', {
    metric: everywhere('SELECT SUM(ErrorPortAllocation) FROM SCHEMA("AWS/NATGateway", NatGatewayId)'),
    above: 0,
    periods: 3,
    silence: 'well',
    means: 'A NAT gateway has had no port left for new connections for three minutes.',
  });
}

/** Those of this account and region together, so that a new one is watched from its first day. */
function watchFunctions(alarms: Alarms): void {
  for (const [kind, metricName, what] of [
    ['FunctionErrors', 'Errors', 'failed'],
    ['FunctionThrottles', 'Throttles', 'been refused for being too many'],
  ] as const)
    alarms.watch(kind, {
      metric: everywhere(`SELECT SUM(${metricName}) FROM SCHEMA("AWS/Lambda", FunctionName)`, fiveMinutes),
      above: functionErrorsMax,
      periods: 2,
      silence: 'well',
      means: `More than ${functionErrorsMax} runs of Lambda functions in five minutes have ${what}.`,
    });
}

function watchFirewall(alarms: Alarms, schema: string): void {
  alarms.watch('BlockedRequests', {
    metric: everywhere(`SELECT SUM(BlockedRequests) FROM ${schema} WHERE Rule = 'ALL'`, fiveMinutes),
    above: blockedMax,
    periods: 1,
    silence: 'well',
    means: `The firewall has blocked more than ${blockedMax} requests within five minutes.`,
  });
}

export interface EdgeAlarmsStackProps extends StackProps {
  readonly environment: Environment;
  readonly edge: { readonly distribution: IDistribution; readonly healthCheckId?: string };
}

/**
 * In us-east-1, where CloudFront, its firewall and Route 53 put their metrics: an alarm cannot look into another
 * region.
 */
export class EdgeAlarmsStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeAlarmsStackProps) {
    super(scope, id, props);
    const { environment, edge } = props;
    const alarms = new Alarms(this, 'Alarms', environment);
    alarms.watch('CloudFrontErrors', {
      metric: new Metric({
        namespace: 'AWS/CloudFront',
        metricName: '5xxErrorRate',
        dimensionsMap: { DistributionId: edge.distribution.distributionId, Region: 'Global' },
        statistic: Stats.AVERAGE,
        period: minute,
      }),
      above: errorPercentMax,
      periods: 5,
      silence: 'well',
      means: `CloudFront has answered more than ${errorPercentMax} % of its requests with 5xx for five minutes.`,
    });
    watchFirewall(alarms, 'SCHEMA("AWS/WAFV2", Rule, WebACL)');
    if (edge.healthCheckId !== undefined) watchHealth(alarms, edge.healthCheckId);
  }
}

function watchHealth(alarms: Alarms, healthCheckId: string): void {
  alarms.watch('Unreachable', {
    metric: new Metric({
      namespace: 'AWS/Route53',
      metricName: 'HealthCheckStatus',
      dimensionsMap: { HealthCheckId: healthCheckId },
      statistic: Stats.MINIMUM,
      period: minute,
    }),
    below: 1,
    periods: 2,
    silence: 'ill',
    means: 'Route 53 has not reached the exchange from outside for two minutes: a failover may be due.',
  });
}
