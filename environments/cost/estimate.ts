import { checkEnvironments, type Environment } from '../environment.ts';
import { Bill, type Line } from './bill.ts';
import { addCompute } from './compute-cost.ts';
import { addEdge } from './edge-cost.ts';
import { sum } from './money.ts';
import { addNetwork } from './network-cost.ts';
import { pricesDate, pricesIn } from './prices.ts';
import { addStores } from './store-cost.ts';
import { type Services, tasksAtLeast } from './tasks.ts';
import { ordersPerMonth } from './use.ts';
import { addGuards, addWatching } from './watching-cost.ts';

export interface EnvironmentCost {
  readonly environment: string;
  readonly region: string;
  readonly lines: readonly Line[];
  /** Millionths of a dollar a month: the sum of the lines, exactly. */
  readonly microDollars: number;
}

export interface Estimate {
  readonly pricesDate: string;
  readonly ordersPerSecond: number;
  readonly environments: readonly EnvironmentCost[];
  /** Millionths of a dollar a month: the sum of the environments, exactly. */
  readonly microDollars: number;
}

/**
 * What the environments cost a month, from their configuration, list prices and the assumptions in `use.ts`.
 * @throws {ConfigurationError} when an environment cannot be deployed, or something it names has no price.
 */
export function estimate(
  environments: readonly Environment[],
  services: Services,
  ordersPerSecond: number,
): Estimate {
  checkEnvironments(environments);
  const costs = environments.map((environment) => {
    const hasPeer = environments.some((other) => arePaired(environment, other));
    const bill = billOf(environment, hasPeer, services, ordersPerMonth(environment, ordersPerSecond));
    const { name, region } = environment;
    return { environment: name, region, lines: bill.lines, microDollars: bill.total };
  });
  const microDollars = sum(costs.map((cost) => cost.microDollars));
  return { pricesDate, ordersPerSecond, environments: costs, microDollars };
}

function billOf(environment: Environment, hasPeer: boolean, services: Services, orders: number): Bill {
  const bill = new Bill(pricesIn(environment.region));
  const tasks = tasksAtLeast(environment, services);
  // What a standby's primary writes is copied to it, but nobody calls it.
  const taken = environment.role === 'primary' ? orders : 0;
  addNetwork(bill, environment, taken);
  addCompute(bill, tasks, taken);
  addStores(bill, environment, hasPeer, orders);
  addEdge(bill, environment, hasPeer, taken);
  addWatching(bill, environment, tasks, taken);
  addGuards(bill, environment, tasks);
  return bill;
}

function arePaired(one: Environment, other: Environment): boolean {
  if (one.role === 'standby') return one.standbyFor === other.name;
  return other.role === 'standby' && other.standbyFor === one.name;
}
