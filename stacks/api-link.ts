import assert from 'node:assert/strict';
import { Duration } from 'aws-cdk-lib';
import {
  type CfnMethod,
  ConnectionType,
  Integration,
  IntegrationType,
  type IVpcLink,
  type Method,
  VpcLink as VpcLinkV1,
} from 'aws-cdk-lib/aws-apigateway';
import { VpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import { type ISecurityGroup, type IVpc, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { Routes } from '#platform/routes.ts';
import { services } from './services.ts';

export interface ApiLinkProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly loadBalancerGroup: ISecurityGroup;
}

/** A route's path as API Gateway writes it, and the names of its parameters. */
export function pathParameters(route: string): { readonly path: string; readonly names: readonly string[] } {
  assert(!route.includes('*'), `${route}: API Gateway takes no wildcard; name the parameter`);
  const path = route.replaceAll(/:(\w+)/g, '{$1}');
  return { path, names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!) };
}

/**
 * The way from API Gateway into the VPC: a link of the second kind, which reaches an application load balancer without
 * another one before it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-private-integration.html
 */
export class ApiLink extends Construct {
  readonly #loadBalancer: IApplicationLoadBalancer;
  readonly #link: IVpcLink;

  constructor(scope: Construct, id: string, props: ApiLinkProps) {
    super(scope, id);
    const { environment, vpc, loadBalancer } = props;
    this.#loadBalancer = loadBalancer;
    const { vpcLinkId } = new VpcLink(this, 'Vpc', {
      vpcLinkName: `${prefixOf(environment)}-link`,
      vpc,
      subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [this.#group(props)],
    });
    // The library's integration knows links of the first kind alone, of which it uses no more than the id.
    this.#link = VpcLinkV1.fromVpcLinkId(this, 'Link', vpcLinkId);
  }

  #group({ vpc, loadBalancerGroup }: ApiLinkProps): SecurityGroup {
    const group = new SecurityGroup(this, 'Group', {
      vpc,
      description: 'API Gateway',
      allowAllOutbound: false,
    });
    for (const { port } of Object.values(services))
      if (port) group.addEgressRule(loadBalancerGroup, Port.tcp(port), 'To the services');
    return group;
  }

  /** The URI says port, path and the header Host; which load balancer is meant, {@link target} says. */
  integration(service: string, { method, path: route }: Routes[string]): Integration {
    const port = services[service]?.port;
    assert(port, `${service} has no port of the load balancer in stacks/services.ts`);
    const { path, names } = pathParameters(route);
    return new Integration({
      type: IntegrationType.HTTP_PROXY,
      integrationHttpMethod: method,
      uri: `http://${this.#loadBalancer.loadBalancerDnsName}:${port}${path}`,
      options: {
        connectionType: ConnectionType.VPC_LINK,
        vpcLink: this.#link,
        requestParameters: Object.fromEntries(
          names.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]),
        ),
        timeout: Duration.seconds(10),
      },
    });
  }

  target(method: Method): void {
    const resource = method.node.defaultChild as CfnMethod;
    resource.addPropertyOverride('Integration.IntegrationTarget', this.#loadBalancer.loadBalancerArn);
  }
}
