import { parseCidr } from './cidr.ts';
import type { Delivery } from './delivery.ts';
import { dev } from './dev.ts';
import type { Environment } from './environment.ts';
import { type Fault, quoted, rangeFaults, refuse } from './faults.ts';

/**
 * What a push to a branch `preview/<name>` becomes: the whole exchange in one task, as on a laptop, at
 * `<name>.preview.<domain>`, for some hours. Whoever may push such a branch may deploy to the environment's account, so it is
 * never production's.
 */
export interface Previews {
  /** Whose account, region and hosted zone they live in; they touch nothing else of it. */
  readonly within: Environment;
  /** How long one lives after the last push to its branch, in hours, 1 to 168. It deletes itself. */
  readonly hours: number;
  /** How many there may be at once, 1 to 20; a further push is refused until one has gone. */
  readonly countMax: number;
  /** What each may cost in a month, in dollars; the environment's `alarmEmails` are told before it does. */
  readonly budgetDollars: number;
  /** Who reaches them, as networks such as 203.0.113.0/24: there is no other door. */
  readonly reachableFrom: readonly string[];
}

/**
 * None, until somebody wants them. For three at a time, a day each:
 * `{ within: dev, hours: 24, countMax: 3, budgetDollars: 20, reachableFrom: ['203.0.113.0/24'] }`.
 */
export const previews: Previews | undefined = undefined;

/** What a preview costs in an hour: a load balancer, a NAT gateway, their addresses, a task; see `cost/prices.ts`. */
const dollarsPerHour = 0.16;

/** What is wider than this is nobody's own. */
const networkPrefixMin = 12;

/** @throws {ConfigurationError} with field, fault and mend of everything that is wrong. */
export function checkPreviews(checked: Previews | undefined, { provider }: Pick<Delivery, 'provider'>): void {
  if (checked === undefined) return;
  const file = 'environments/previews.ts';
  const { within, hours, countMax, budgetDollars } = checked;
  refuse([
    ...providerFaults(file, provider),
    ...withinFaults(file, within),
    ...rangeFaults({ file, field: 'hours' }, hours, 1, 168),
    ...rangeFaults({ file, field: 'countMax' }, countMax, 1, 20),
    ...rangeFaults({ file, field: 'budgetDollars' }, budgetDollars, 1, 1_000),
    ...budgetFaults(file, checked),
    ...reachFaults(file, checked),
  ]);
}

function providerFaults(file: string, provider: Delivery['provider']): Fault[] {
  if (provider !== 'CodeCommit') return [];
  const fault = 'CodeCommit cannot start a pipeline by the pattern of a branch’s name';
  return [{ file, field: 'previews', fault, mend: 'put undefined, or another provider in delivery.ts' }];
}

function withinFaults(file: string, { name, approval, keepsData }: Environment): Fault[] {
  if (!approval && !keepsData) return [];
  const fault = `${name} asks for approvals or keeps its data, and a preview may do what it likes to the account`;
  return [{ file, field: 'within', fault, mend: `put one that does neither, such as ${dev.name}` }];
}

function budgetFaults(file: string, { hours, budgetDollars }: Previews): Fault[] {
  const cost = hours * dollarsPerHour;
  if (cost <= budgetDollars) return [];
  const fault = `${budgetDollars} is less than a preview of ${hours} hours costs, some ${Math.ceil(cost)} dollars`;
  return [{ file, field: 'budgetDollars', fault, mend: 'raise it, or put fewer hours' }];
}

function reachFaults(file: string, { reachableFrom }: Previews): Fault[] {
  const field = 'reachableFrom';
  if (reachableFrom.length === 0)
    return [{ file, field, fault: 'names nobody', mend: 'put the networks of those who look at previews' }];
  return reachableFrom
    .filter((network) => (parseCidr(network)?.prefix ?? 0) < networkPrefixMin)
    .map((network) => ({
      file,
      field,
      fault: `${quoted(network)} is no network, or one of more than 2^${32 - networkPrefixMin} addresses`,
      mend: 'put one such as 203.0.113.0/24',
    }));
}
