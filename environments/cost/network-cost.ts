import type { Environment } from '../environment.ts';
import { type Bill, count } from './bill.ts';
import { assumptions, gb, hoursPerMonth, idle } from './use.ts';

/** Interface endpoints of `stacks/vpc-endpoints.ts`, each in three zones. */
export const interfaceEndpoints = 6;

/** Ways in, ways out and the load balancers. */
export function addNetwork(bill: Bill, { natGateways }: Environment, orders: number): void {
  const hours = natGateways * hoursPerMonth;
  bill.fixed(
    'NAT gateways',
    `${natGateways} with an address each`,
    ['natGatewayHour', hours],
    ['publicAddressHour', hours],
  );
  bill.fixed('interface endpoints', `${interfaceEndpoints} in 3 zones`, [
    'interfaceEndpointHour',
    interfaceEndpoints * 3 * hoursPerMonth,
  ]);
  bill.byUse(
    'data through them',
    `${idle.natGb} GB and ${idle.endpointGb} GB`,
    ['natGatewayGb', idle.natGb],
    ['interfaceEndpointGb', idle.endpointGb],
  );
  bill.fixed('load balancers', 'ALB and NLB', ['albHour', hoursPerMonth], ['nlbHour', hoursPerMonth]);
  // A capacity unit is a GB in an hour.
  const [sentGb, commandGb] = [gb(orders * assumptions.sentKb), gb(orders * assumptions.commandKb)];
  bill.byUse(
    'load balancers’ capacity',
    `${count(sentGb)} GB and ${count(commandGb)} GB`,
    ['albUnitHour', sentGb],
    ['nlbUnitHour', commandGb],
  );
}
