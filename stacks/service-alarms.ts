import { type Alarm, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type Alarms, minute } from './alarms.ts';

/** Per cent, as scaling aims at 70: a service that stays above has run out of tasks, or scales too slowly. */
const cpuPercentMax = 80;
/** Per cent. A task is killed at 100, and Node gives memory back in steps of some per cent. */
const memoryPercentMax = 85;
/** Per cent of the requests. */
const errorPercentMax = 1;
/** Requests in a minute below which one error would be more than that. */
const requestsMin = 100;
/** Seconds that 99 of 100 requests stay below; reads of history wait for the projector, orders for a commit. */
const latencySecondsMax = 1;
/** Answers of the load balancer itself, in a minute, as while a release moves connections. */
const balancerErrorsMax = 10;

/** What requests reach a service by. */
export interface Targets {
  readonly blue: ApplicationTargetGroup;
  readonly green: ApplicationTargetGroup;
}

/** A service's own alarms: those that its tasks raise, and those that its answers do, if it has routes. */
export function watchService(
  alarms: Alarms,
  name: string,
  { service, tasks, requests }: { service: FargateService; tasks: number; requests?: ServiceRequests },
): Alarm[] {
  const own = [
    alarms.watch('HighCpu', {
      of: name,
      metric: service.metricCpuUtilization({ period: minute }),
      above: cpuPercentMax,
      periods: 5,
      silence: 'well',
      means: `${name} has used more than ${cpuPercentMax} % of its CPU for five minutes.`,
    }),
    alarms.watch('HighMemory', {
      of: name,
      metric: service.metricMemoryUtilization({ period: minute }),
      above: memoryPercentMax,
      periods: 5,
      silence: 'well',
      means: `${name} has used more than ${memoryPercentMax} % of its memory for five minutes.`,
    }),
  ];
  // A pilot light has none.
  if (tasks > 0) own.push(watchTasks(alarms, name, service, tasks));
  return requests === undefined ? own : [...own, ...watchRequests(alarms, name, requests)];
}

/** Container Insights count what runs, so that silence means nothing does. */
function watchTasks(alarms: Alarms, name: string, service: FargateService, tasks: number): Alarm {
  return alarms.watch('TooFewTasks', {
    of: name,
    metric: new Metric({
      namespace: 'ECS/ContainerInsights',
      metricName: 'RunningTaskCount',
      dimensionsMap: { ClusterName: service.cluster.clusterName, ServiceName: service.serviceName },
      statistic: Stats.MINIMUM,
      period: minute,
    }),
    below: tasks,
    periods: 5,
    silence: 'ill',
    means: `Fewer than ${tasks} task(s) of ${name} have run for five minutes.`,
  });
}

function watchRequests(alarms: Alarms, name: string, requests: ServiceRequests): Alarm[] {
  return [
    alarms.watch('ServerErrors', {
      of: name,
      metric: requests.errorPercent(),
      above: errorPercentMax,
      periods: 3,
      silence: 'well',
      means: `${name} has answered more than ${errorPercentMax} % of its requests with 5xx for three minutes.`,
    }),
    alarms.watch('SlowResponses', {
      of: name,
      metric: requests.latency(),
      above: latencySecondsMax,
      periods: 5,
      silence: 'well',
      means: `One request in 100 has taken ${name} longer than ${latencySecondsMax} s for five minutes.`,
    }),
  ];
}

/** Of the load balancer before the services. */
export function watchLoadBalancer(alarms: Alarms, loadBalancer: ApplicationLoadBalancer): void {
  alarms.watch('LoadBalancerErrors', {
    metric: loadBalancerMetric(loadBalancer, 'HTTPCode_ELB_5XX_Count', Stats.SUM),
    above: balancerErrorsMax,
    periods: 3,
    silence: 'well',
    means: `The load balancer itself has answered more than ${balancerErrorsMax} requests a minute with 5xx.`,
  });
}

export function loadBalancerMetric(
  { loadBalancerFullName }: ApplicationLoadBalancer,
  metricName: string,
  statistic: string,
): Metric {
  return new Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap: { LoadBalancer: loadBalancerFullName },
    statistic,
    period: minute,
  });
}

/** The requests of one service: those of blue and green together, since releases move them from one to the other. */
export class ServiceRequests {
  /** Metrics of several services share a graph, where each needs a name of its own. */
  readonly #id: string;
  readonly #loadBalancer: ApplicationLoadBalancer;
  readonly #targets: Targets;

  constructor(service: string, loadBalancer: ApplicationLoadBalancer, targets: Targets) {
    this.#id = service.replaceAll('-', '_');
    this.#loadBalancer = loadBalancer;
    this.#targets = targets;
  }

  /** 5xx among all requests; 0 while there are too few to tell. */
  errorPercent(): MathExpression {
    const [requests, errors] = [`${this.#id}_requests`, `${this.#id}_errors`];
    return new MathExpression({
      expression: `IF(${requests} >= ${requestsMin}, 100 * ${errors} / ${requests}, 0)`,
      label: '5xx, % of requests',
      period: minute,
      usingMetrics: {
        [requests]: this.#sum('RequestCount', requests),
        [errors]: this.#sum('HTTPCode_Target_5XX_Count', errors),
      },
    });
  }

  /** Seconds; the slower of blue and green. */
  latency(): MathExpression {
    const [blue, green] = [`${this.#id}_blue`, `${this.#id}_green`];
    return new MathExpression({
      expression: `MAX([FILL(${blue}, 0), FILL(${green}, 0)])`,
      label: 'p99 of the response time, s',
      period: minute,
      usingMetrics: {
        [blue]: this.#metric(this.#targets.blue, 'TargetResponseTime', Stats.percentile(99)),
        [green]: this.#metric(this.#targets.green, 'TargetResponseTime', Stats.percentile(99)),
      },
    });
  }

  #sum(metricName: string, id: string): MathExpression {
    const [blue, green] = [`${id}_blue`, `${id}_green`];
    return new MathExpression({
      expression: `FILL(${blue}, 0) + FILL(${green}, 0)`,
      period: minute,
      usingMetrics: {
        [blue]: this.#metric(this.#targets.blue, metricName, Stats.SUM),
        [green]: this.#metric(this.#targets.green, metricName, Stats.SUM),
      },
    });
  }

  #metric({ targetGroupFullName }: ApplicationTargetGroup, metricName: string, statistic: string): Metric {
    return new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap: {
        LoadBalancer: this.#loadBalancer.loadBalancerFullName,
        TargetGroup: targetGroupFullName,
      },
      statistic,
      period: minute,
    });
  }
}
