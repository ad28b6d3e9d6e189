import assert from 'node:assert/strict';
import { CfnService, DeploymentLifecycleStage, DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type BlueGreenProps, bakeTimeIn } from './blue-green.ts';
import type { DefaultRules } from './default-rules.ts';

/** The rules that lead to the two sides of a release, as ECS names them: behind a network load balancer, the listeners. */
interface Routes {
  readonly live: string;
  readonly test: string;
}

/**
 * What ECS needs to shift a service from blue to green by itself, and back when an alarm rings: the same target groups,
 * ports, check, alarms and times as {@link BlueGreen} gives to CodeDeploy. `pipelines/release/` begins its deployments.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
 */
export class NativeBlueGreen extends Construct {
  readonly #props: BlueGreenProps;

  constructor(scope: Construct, id: string, props: BlueGreenProps, defaultRules: DefaultRules) {
    super(scope, id);
    this.#props = props;
    const routes = this.#routes(defaultRules);
    const role = this.#role(routes);
    const service = props.service.node.defaultChild;
    assert(service instanceof CfnService);
    acknowledge(
      props.service,
      'ECS knows it for deployments task by task alone: here the check and the alarms see a bad release.',
      'Annotation::@aws-cdk/aws-ecs:shouldUseCircuitBreaker',
    );
    service.addPropertyOverride('LoadBalancers.0.AdvancedConfiguration', {
      AlternateTargetGroupArn: props.ports.green.targetGroupArn,
      ProductionListenerRule: routes.live,
      TestListenerRule: routes.test,
      RoleArn: role.roleArn,
    });
    service.addPropertyOverride('DeploymentConfiguration', {
      ...strategy(props),
      BakeTimeInMinutes: bakeTimeIn(props.environment).toMinutes(),
      Alarms: { AlarmNames: props.alarms.map(({ alarmName }) => alarmName), Enable: true, Rollback: true },
      LifecycleHooks: props.check && [
        {
          HookTargetArn: props.check.functionArn,
          RoleArn: role.roleArn,
          LifecycleStages: [DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT],
        },
      ],
    });
  }

  #routes(defaultRules: DefaultRules): Routes {
    const { name, ports } = this.#props;
    const { listener, testListener } = ports;
    if (!(listener instanceof ApplicationListener && testListener instanceof ApplicationListener))
      return { live: listener.listenerArn, test: testListener.listenerArn };
    return {
      live: defaultRules.arnOf(`${name}-live`, listener),
      test: defaultRules.arnOf(`${name}-test`, testListener),
    };
  }

  /**
   * ECS's, for the two sides of this one service and the function that looks at them. AWS's own policy for it may change
   * every load balancer: AmazonECSInfrastructureRolePolicyForLoadBalancers.
   */
  #role(routes: Routes): IRole {
    const { environment } = this.#props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ecs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': environment.account } },
      }),
      inlinePolicies: { release: new PolicyDocument({ statements: this.#statements(routes) }) },
    });
    acknowledge(role, 'Load balancers are described all or not at all.', 'AwsSolutions-IAM5[Resource::*]');
    return role.withoutPolicyUpdates();
  }

  #statements({ live, test }: Routes): PolicyStatement[] {
    const { ports, check } = this.#props;
    const { listener, testListener, blue, green } = ports;
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources });
    const listeners = [listener.listenerArn, testListener.listenerArn];
    return [
      // A default rule is changed by changing its listener.
      allow(['elasticloadbalancing:ModifyListener'], listeners),
      ...(listeners.includes(live) ? [] : [allow(['elasticloadbalancing:ModifyRule'], [live, test])]),
      allow(
        ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
        [blue.targetGroupArn, green.targetGroupArn],
      ),
      allow(
        [
          'elasticloadbalancing:DescribeListeners',
          'elasticloadbalancing:DescribeRules',
          'elasticloadbalancing:DescribeTargetGroups',
          'elasticloadbalancing:DescribeTargetHealth',
        ],
        ['*'],
      ),
      ...(check ? [allow(['lambda:InvokeFunction'], [check.functionArn])] : []),
    ];
  }
}

/** As CodeDeploy does it, see `blue-green.ts`. */
function strategy({ environment, isAtOnce }: BlueGreenProps): Readonly<Record<string, unknown>> {
  if (isAtOnce) return { Strategy: DeploymentStrategy.BLUE_GREEN };
  if (environment.keepsData)
    return {
      Strategy: DeploymentStrategy.CANARY,
      CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
    };
  return {
    Strategy: DeploymentStrategy.LINEAR,
    LinearConfiguration: { StepPercent: 10, StepBakeTimeInMinutes: 1 },
  };
}
