import { cidrFaults, overlapFaults } from './checks/addresses.ts';
import { domainFaults, sharedDomainFaults } from './checks/domains.ts';
import { checkListings } from './checks/listings.ts';
import { retentionFaults } from './checks/log-retention.ts';
import { nameFaults } from './checks/names.ts';
import { productionFaults } from './checks/production.ts';
import { standbyFaults } from './checks/standby.ts';
import { zoneFaults } from './checks/zones.ts';
import { namePrefix } from './delivery.ts';
import {
  accountFaults,
  type Fault,
  fileOf,
  mailFaults,
  rangeFaults,
  refuse,
  regionFaults,
} from './faults.ts';
import { type Guards, guardFaults } from './guards.ts';
import { listings } from './markets.ts';
import { type Recovery, recoveryFaults } from './recovery.ts';
import { proofFaults, type ReleaseProof } from './release-proof.ts';
import { type CacheSize, cacheFaults, type DatabaseSize, databaseFaults } from './store-size.ts';
import { sizeFaults, type TaskSize } from './task-size.ts';

/** What differs between two deployments of the exchange; everything else is the same in all of them. */
export type Environment = Deployment & Role;

interface Deployment {
  /** Lower-case, the same as its file's: `environments/<name>.ts`. Every physical name begins with `<prefix>-<name>`. */
  readonly name: string;
  /**
   * The 12-digit AWS account it deploys to, bootstrapped to trust the account in `delivery.ts`. A standby's is its
   * primary's: Aurora and DynamoDB copy to other regions, but not to other accounts.
   */
  readonly account: string;
  /** The AWS region it deploys to, such as `eu-central-1`. */
  readonly region: string;
  /** Three availability zones of the region. Changing one later replaces its subnets. */
  readonly availabilityZones: readonly [string, string, string];
  /** The VPC's addresses, a private /16, such as 10.0.0.0/16. Those of one account must not overlap, to be peered. */
  readonly vpcCidr: string;
  /** NAT gateways: with 3 a lost zone takes no other zone's way out with it; 1 costs a third. */
  readonly natGateways: 1 | 2 | 3;
  /** The public host name, without scheme; access tokens name it as their issuer. A standby has its primary's. */
  readonly domain: string;
  /** The Route 53 zone that the domain is in, and its records go into; it exists before the first deployment. */
  readonly hostedZone: HostedZone;
  /** Whether a person must approve every release to it; production and its standby must. */
  readonly approval: boolean;
  /** What a release must show here before it goes on. */
  readonly proof: ReleaseProof;
  /**
   * Whether stores refuse deletion and stay when their stack goes. Otherwise they go with it, data and all. A primary
   * that keeps its data is production, and must be as dependable: approval, three NAT gateways, readers.
   */
  readonly keepsData: boolean;
  /** How long the logs of services and network are kept, in days. CloudWatch allows certain numbers only. */
  readonly logRetentionDays: number;
  /** What a service gets when {@link taskSizes} does not name it. */
  readonly taskSize: TaskSize;
  /** Sizes of single services, by the service's name. */
  readonly taskSizes?: Readonly<Record<string, TaskSize>>;
  /** PostgreSQL, which holds all that must not be lost. */
  readonly database: DatabaseSize;
  /** Left out, there is no cache: that is for a pilot light, whose services do not run. */
  readonly cache?: CacheSize;
  /** Requests that one address may send within five minutes before the firewall blocks it, 10 to 2,000,000,000. */
  readonly requestsPer5MinutesMax: number;
  /** Who is told of alarms. Each address must confirm once, by the mail that AWS sends to it. */
  readonly alarmEmails: readonly string[];
  /** What it sets up for its whole account. */
  readonly guards: Guards;
}

/** A public hosted zone of Route 53. */
interface HostedZone {
  /** As Route 53 gave it, such as `Z0123456789ABCDEFGHIJ`. */
  readonly id: string;
  /** The domain that the zone is for, such as `example.com`. */
  readonly name: string;
}

/** A primary serves traffic; a standby waits in another region to take over from the primary it names. */
type Role =
  | { readonly role: 'primary' }
  | {
      readonly role: 'standby';
      readonly standbyFor: string;
      /** What taking over may cost. */
      readonly recovery: Recovery;
    };

/** What every name that something outside the environment's stacks needs begins with. */
export function prefixOf(environment: Environment): string {
  return `${namePrefix}-${environment.name}`;
}

/**
 * Refuses environments that cannot be deployed, before CloudFormation finds out half-way; and the markets that all of
 * them list.
 * @throws {ConfigurationError} with file, field, fault and mend of everything that is wrong.
 */
export function checkEnvironments(environments: readonly Environment[]): void {
  refuse([
    ...environments.flatMap(ownFaults),
    ...environments.flatMap((environment) => [
      ...nameFaults(environment, environments),
      ...sharedDomainFaults(environment, environments),
      ...standbyFaults(environment, environments),
      ...overlapFaults(environment, environments),
      ...guardFaults(environment, environments),
    ]),
  ]);
  checkListings(listings);
}

function ownFaults(environment: Environment): Fault[] {
  const { name, account, region, database, cache, requestsPer5MinutesMax, alarmEmails } = environment;
  const file = fileOf(environment);
  return [
    ...accountFaults({ file, field: 'account' }, account, `put the account that ${name} deploys to`),
    ...regionFaults({ file, field: 'region' }, region),
    ...zoneFaults(environment),
    ...cidrFaults(environment),
    ...domainFaults(environment),
    ...retentionFaults(environment),
    ...productionFaults(environment),
    ...sizesFaults(environment),
    ...proofFaults(file, environment.proof),
    ...(environment.role === 'standby' ? recoveryFaults(file, environment.recovery) : []),
    ...databaseFaults(file, database),
    ...cacheFaults(file, cache, runs(environment)),
    // https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
    ...rangeFaults({ file, field: 'requestsPer5MinutesMax' }, requestsPer5MinutesMax, 10, 2_000_000_000),
    ...mailFaults({ file, field: 'alarmEmails' }, alarmEmails),
  ];
}

/** All but a pilot light. */
function runs({ role, taskSize, taskSizes = {} }: Environment): boolean {
  return role === 'primary' || [taskSize, ...Object.values(taskSizes)].some(({ tasksMin }) => tasksMin > 0);
}

function sizesFaults(environment: Environment): Fault[] {
  const sizes = {
    taskSize: environment.taskSize,
    ...Object.fromEntries(
      Object.entries(environment.taskSizes ?? {}).map(([service, size]) => [`taskSizes.${service}`, size]),
    ),
  };
  const tasksLeast = environment.role === 'standby' ? 0 : 1;
  return Object.entries(sizes).flatMap(([field, size]) =>
    sizeFaults({ file: fileOf(environment), field }, size, tasksLeast),
  );
}

/** The environment in the other region: a primary's standby, or a standby's primary. */
export function peerOf(environment: Environment, all: readonly Environment[]): Environment | undefined {
  return environment.role === 'standby'
    ? all.find(({ name }) => name === environment.standbyFor)
    : all.find((other) => other.role === 'standby' && other.standbyFor === environment.name);
}
