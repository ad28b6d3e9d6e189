import { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EcsApplication,
  EcsDeploymentConfig,
  EcsDeploymentGroup,
  type IEcsDeploymentConfig,
} from 'aws-cdk-lib/aws-codedeploy';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { IListener, ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';

export interface BlueGreenProps {
  readonly environment: Environment;
  readonly name: string;
  readonly service: FargateService;
  readonly ports: {
    readonly listener: IListener;
    readonly testListener: IListener;
    readonly blue: ITargetGroup;
    readonly green: ITargetGroup;
  };
  /** Behind a network load balancer all connections go over at once. */
  readonly isAtOnce: boolean;
  readonly alarms: readonly IAlarm[];
}

/** How long the old tasks wait, after all traffic has left them, in case an alarm calls it back. */
const bakeTime = Duration.minutes(60);
/** Before production nobody is harmed meanwhile. */
const bakeTimeBefore = Duration.minutes(5);

/** What CodeDeploy needs to shift a service from blue to green, and back when an alarm rings. */
export class BlueGreen extends Construct {
  constructor(scope: Construct, id: string, props: BlueGreenProps) {
    super(scope, id);
    const { environment, name, service, ports, alarms } = props;
    const physicalName = `${prefixOf(environment)}-${name}`;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    acknowledge(
      role,
      'AWS keeps what CodeDeploy needs for ECS in this policy.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSCodeDeployRoleForECS]',
    );
    const application = new EcsApplication(this, 'Application', { applicationName: physicalName });
    new EcsDeploymentGroup(this, 'Group', {
      application,
      deploymentGroupName: physicalName,
      service,
      role,
      blueGreenDeploymentConfig: {
        listener: ports.listener as never,
        testListener: ports.testListener as never,
        blueTargetGroup: ports.blue,
        greenTargetGroup: ports.green,
        terminationWaitTime: environment.keepsData ? bakeTime : bakeTimeBefore,
      },
      deploymentConfig: deploymentConfig(props),
      alarms: [...alarms],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: alarms.length > 0 },
    });
  }
}

function deploymentConfig({ environment, isAtOnce }: BlueGreenProps): IEcsDeploymentConfig {
  if (isAtOnce) return EcsDeploymentConfig.ALL_AT_ONCE;
  // A tenth of people's requests first, where there are people.
  return environment.keepsData
    ? EcsDeploymentConfig.CANARY_10PERCENT_5MINUTES
    : EcsDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTES;
}
