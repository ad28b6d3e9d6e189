import assert from 'node:assert/strict';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type SecurityGroup, SubnetType, type Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { pathPatterns } from './path-patterns.ts';
import { containerPort, healthPath, services } from './services.ts';

export interface BalancingStackProps extends StackProps {
  readonly environment: Environment;
  readonly vpc: Vpc;
  readonly securityGroup: SecurityGroup;
}

/**
 * The private load balancer and its target groups, apart from the services behind them: these change with
 * every release, this stack only when a route or a service comes or goes.
 */
export class BalancingStack extends Stack {
  readonly #targetGroups = new Map<string, ApplicationTargetGroup>();
  /** Rules are tried in this order; no two services share a path, so the order decides nothing. */
  #priority = 1;

  constructor(scope: Construct, id: string, props: BalancingStackProps) {
    super(scope, id, props);
    const listener = this.#listener(props);
    for (const [name, { routes }] of Object.entries(services)) {
      if (!routes) continue;
      const targetGroup = this.#targetGroup(name, props);
      this.#targetGroups.set(name, targetGroup);
      for (const patterns of pathPatterns(routes)) this.#route(listener, patterns, targetGroup);
    }
  }

  /** The target group of a service that has routes. */
  targetGroup(service: string): ApplicationTargetGroup {
    const targetGroup = this.#targetGroups.get(service);
    assert(targetGroup, `${service} has no routes, so no target group`);
    return targetGroup;
  }

  /** Plain HTTP: TLS ends at the edge, and the way from there stays inside the VPC. */
  #listener(props: BalancingStackProps): ApplicationListener {
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      loadBalancerName: `${prefixOf(props.environment)}-api`,
      vpc: props.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing: false,
      securityGroup: props.securityGroup,
      dropInvalidHeaderFields: true,
    });
    return new ApplicationListener(this, 'Listener', {
      loadBalancer,
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false, // the network stack says who may connect
      defaultAction: ListenerAction.fixedResponse(404),
    });
  }

  #targetGroup(service: string, props: BalancingStackProps): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, `${service}-targets`, {
      vpc: props.vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: containerPort,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: healthPath,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
  }

  #route(listener: ApplicationListener, patterns: string[], targetGroup: ApplicationTargetGroup): void {
    const priority = this.#priority++;
    listener.addAction(`Rule${priority}`, {
      priority,
      conditions: [ListenerCondition.pathPatterns(patterns)],
      action: ListenerAction.forward([targetGroup]),
    });
  }
}
