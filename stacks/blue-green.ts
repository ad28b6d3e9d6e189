import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EcsApplication,
  EcsDeploymentConfig,
  EcsDeploymentGroup,
  type IEcsDeploymentConfig,
} from 'aws-cdk-lib/aws-codedeploy';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type {
  IApplicationListener,
  INetworkListener,
  ITargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';

export interface BlueGreenProps {
  readonly environment: Environment;
  readonly name: string;
  readonly service: FargateService;
  readonly ports: {
    readonly listener: IApplicationListener | INetworkListener;
    readonly testListener: IApplicationListener | INetworkListener;
    readonly blue: ITargetGroup;
    readonly green: ITargetGroup;
  };
  /** Behind a network load balancer all connections go over at once. */
  readonly isAtOnce: boolean;
  readonly alarms: readonly IAlarm[];
  /** What looks at the new tasks before anybody else reaches them; undefined where there are none. */
  readonly check: IFunction | undefined;
}

/** How long the old tasks wait, after all traffic has left them, in case an alarm calls it back. */
export function bakeTimeIn({ keepsData }: Environment): Duration {
  // Before production nobody is harmed meanwhile.
  return Duration.minutes(keepsData ? 60 : 5);
}

/** The name of a service's CodeDeploy application, and of its only deployment group. */
export const releaseName = (environment: Environment, service: string) =>
  `${prefixOf(environment)}-${service}`;

/** The ARN of that group, in the stack of `scope`. */
export function deploymentGroupArn(scope: Construct, environment: Environment, service: string): string {
  const name = releaseName(environment, service);
  return Stack.of(scope).formatArn({
    service: 'codedeploy',
    resource: 'deploymentgroup',
    resourceName: `${name}/${name}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** What CodeDeploy needs to shift a service from blue to green, and back when an alarm rings. */
export class BlueGreen extends Construct {
  readonly #props: BlueGreenProps;

  constructor(scope: Construct, id: string, props: BlueGreenProps) {
    super(scope, id);
    this.#props = props;
    const { environment, name, service, ports, alarms } = props;
    const physicalName = releaseName(environment, name);
    new EcsDeploymentGroup(this, 'Group', {
      application: new EcsApplication(this, 'Application', { applicationName: physicalName }),
      deploymentGroupName: physicalName,
      service,
      role: this.#role(),
      blueGreenDeploymentConfig: {
        listener: ports.listener,
        testListener: ports.testListener,
        blueTargetGroup: ports.blue,
        greenTargetGroup: ports.green,
        terminationWaitTime: bakeTimeIn(environment),
      },
      deploymentConfig: deploymentConfig(props),
      alarms: [...alarms],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
  }

  /**
   * CodeDeploy's, for this one service. AWS's own policy for it would let it start any function and pass any role on.
   * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForECS.html
   */
  #role(): IRole {
    const { environment, name } = this.#props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': environment.account },
          ArnEquals: { 'aws:SourceArn': deploymentGroupArn(this, environment, name) },
        },
      }),
      inlinePolicies: { release: new PolicyDocument({ statements: this.#statements() }) },
    });
    acknowledge(
      role,
      'Load balancers and alarms are described all or not at all; a task set has no name before it is there.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    return role.withoutPolicyUpdates();
  }

  #statements(): PolicyStatement[] {
    const { service, ports, check } = this.#props;
    const { taskRole, executionRole } = service.taskDefinition;
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      new PolicyStatement({ actions, resources, conditions });
    return [
      allow(['ecs:DescribeServices', 'ecs:UpdateServicePrimaryTaskSet'], [service.serviceArn]),
      allow(['ecs:CreateTaskSet', 'ecs:DeleteTaskSet'], ['*'], {
        ArnEquals: { 'ecs:cluster': service.cluster.clusterArn },
      }),
      allow(
        ['elasticloadbalancing:ModifyListener'],
        [ports.listener.listenerArn, ports.testListener.listenerArn],
      ),
      allow(
        [
          'elasticloadbalancing:DescribeTargetGroups',
          'elasticloadbalancing:DescribeListeners',
          'elasticloadbalancing:DescribeRules',
          'cloudwatch:DescribeAlarms',
        ],
        ['*'],
      ),
      // A deployment's appspec names it.
      ...(check ? [allow(['lambda:InvokeFunction'], [check.functionArn])] : []),
      allow(
        ['iam:PassRole'],
        [taskRole, executionRole!].map(({ roleArn }) => roleArn),
        {
          StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
        },
      ),
    ];
  }
}

function deploymentConfig({ environment, isAtOnce }: BlueGreenProps): IEcsDeploymentConfig {
  if (isAtOnce) return EcsDeploymentConfig.ALL_AT_ONCE;
  // A tenth of people's requests first, where there are people.
  return environment.keepsData
    ? EcsDeploymentConfig.CANARY_10PERCENT_5MINUTES
    : EcsDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTES;
}
