import type { Environment } from '../environment.ts';
import { type Bill, count } from './bill.ts';
import { assumptions, gb } from './use.ts';

/** On CloudFront and on the API stage, each with five groups of AWS's rules, one for the rate, and one of its own. */
const webAcls = 2;
const rulesPerWebAcl = 7;

/** What stands between the world and the load balancer. `orders`: those it lets in. */
export function addEdge(bill: Bill, { role }: Environment, hasPeer: boolean, orders: number): void {
  const requests = orders * assumptions.requests;
  const gatewayRequests = Math.ceil((requests * assumptions.gatewayRequestsPerThousand) / 1_000);
  bill.fixed(
    'firewalls',
    `${webAcls} of ${rulesPerWebAcl} rules`,
    ['webAclMonth', webAcls],
    ['webAclRuleMonth', webAcls * rulesPerWebAcl],
  );
  // A standby's records are in its primary's zone.
  if (role === 'primary') bill.fixed('hosted zone', '1', ['hostedZoneMonth', 1]);
  if (hasPeer) bill.fixed('health check', '1', ['healthCheckMonth', 1]);
  bill.byUse('firewalled requests', `${count(requests)} requests`, [
    'webAclRequest',
    requests + gatewayRequests,
  ]);
  const sentGb = gb(orders * assumptions.sentKb);
  bill.byUse('CloudFront', `${count(sentGb)} GB`, ['cloudFrontGb', sentGb], ['cloudFrontRequest', requests]);
  bill.byUse('API Gateway', `${count(gatewayRequests)} requests`, ['gatewayRequest', gatewayRequests]);
}
