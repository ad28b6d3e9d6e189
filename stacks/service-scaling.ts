import { Duration } from 'aws-cdk-lib';
import { CfnScalingPolicy, type ScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { FargateService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { TaskSize } from '#environments/task-size.ts';

/** Per cent: with three zones, what is left after losing one can take the rest until new tasks run. */
const cpuPercent = 70;
const memoryPercent = 75;
/** A task of one core answers some thousands a second; at this it still has room for a burst. */
const requestsPerTaskAndMinute = 60_000;

/** More tasks at once, fewer only when the burst is over. */
const cooldowns = { scaleOutCooldown: Duration.seconds(30), scaleInCooldown: Duration.minutes(5) };

/** What a service with routes is asked through. */
export interface Requested {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly blue: ApplicationTargetGroup;
  readonly green: ApplicationTargetGroup;
}

/** Keeps the number of a service's tasks between its limits, by what they use and by what they are asked. */
export function scale(service: FargateService, size: TaskSize, ports: Requested | undefined): void {
  const tasks = service.autoScaleTaskCount({ minCapacity: size.tasksMin, maxCapacity: size.tasksMax });
  tasks.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpuPercent, ...cooldowns });
  tasks.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: memoryPercent, ...cooldowns });
  if (ports === undefined) return;
  scaleOnRequests(service, tasks, ports);
}

/**
 * The metric that AWS has ready is of one target group, and a release moves to the other: this is of both together.
 * The construct library has no target tracking of an expression, CloudFormation does.
 */
function scaleOnRequests(
  service: FargateService,
  tasks: ScalableTaskCount,
  { loadBalancer, blue, green }: Requested,
): void {
  const target = tasks.node.findChild('Target') as ScalableTarget;
  const requestsOf = (id: string, { targetGroupFullName }: ApplicationTargetGroup) => ({
    id,
    returnData: false,
    metricStat: {
      metric: {
        namespace: 'AWS/ApplicationELB',
        metricName: 'RequestCountPerTarget',
        dimensions: [
          { name: 'LoadBalancer', value: loadBalancer.loadBalancerFullName },
          { name: 'TargetGroup', value: targetGroupFullName },
        ],
      },
      stat: 'Sum',
    },
  });
  new CfnScalingPolicy(service, 'Requests', {
    policyName: 'Requests',
    policyType: 'TargetTrackingScaling',
    scalingTargetId: target.scalableTargetId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: requestsPerTaskAndMinute,
      scaleOutCooldown: cooldowns.scaleOutCooldown.toSeconds(),
      scaleInCooldown: cooldowns.scaleInCooldown.toSeconds(),
      customizedMetricSpecification: {
        metrics: [
          requestsOf('blue', blue),
          requestsOf('green', green),
          { id: 'both', expression: 'FILL(blue, 0) + FILL(green, 0)', returnData: true },
        ],
      },
    },
  });
}
