import assert from 'node:assert/strict';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { routes } from '#services/accounts/routes.ts';
import { services } from './services.ts';

/** Where accounts publishes the keys of access tokens, inside the VPC. */
export function keySetUrl({ loadBalancerDnsName }: IApplicationLoadBalancer): string {
  const port = services.accounts?.port;
  assert(port, 'accounts has no port of the load balancer in stacks/services.ts');
  return `http://${loadBalancerDnsName}:${port}${routes.jwks.path}`;
}
