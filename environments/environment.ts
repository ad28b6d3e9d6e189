import { isPrivate, overlap, parseCidr } from './cidr.ts';
import { accountFaults, type Fault, quoted, refuse, regionFaults } from './faults.ts';
import type { Guards } from './guards.ts';
import type { CacheSize, DatabaseSize } from './store-size.ts';
import { sizeFaults, type TaskSize } from './task-size.ts';

/** What differs between two deployments of the exchange; everything else is the same in all of them. */
export type Environment = Deployment & Role;

interface Deployment {
  /** Lower-case, the same as its file's: `environments/<name>.ts`. Every physical name begins with `crossbook-<name>`. */
  readonly name: string;
  /** The 12-digit AWS account it deploys to, bootstrapped to trust the account in `delivery.ts`. */
  readonly account: string;
  /** The AWS region it deploys to, such as `eu-central-1`. */
  readonly region: string;
  /** Three availability zones of the region. Changing one later replaces its subnets. */
  readonly availabilityZones: readonly [string, string, string];
  /** The VPC's addresses, a private /16. A standby's must not overlap with its primary's. */
  readonly vpcCidr: string;
  /** NAT gateways: with 3 a lost zone takes no other zone's way out with it; 1 costs a third. */
  readonly natGateways: 1 | 2 | 3;
  /** The public host name, without scheme; access tokens name it as their issuer. */
  readonly domain: string;
  /** The Route 53 zone that the domain's records go into; it exists before the first deployment. */
  readonly hostedZone: HostedZone;
  /** Whether a person must approve every release to it. */
  readonly approval: boolean;
  /** Whether stores refuse deletion and stay when their stack goes. Otherwise they go with it, data and all. */
  readonly keepsData: boolean;
  /** How long the logs of services and network are kept, in days. CloudWatch allows certain numbers only. */
  readonly logRetentionDays: number;
  /** What a service gets when {@link taskSizes} does not name it. */
  readonly taskSize: TaskSize;
  /** Sizes of single services, by the service's name. */
  readonly taskSizes?: Readonly<Record<string, TaskSize>>;
  readonly database: DatabaseSize;
  /** Left out, there is no cache: that is for a pilot light, whose services do not run. */
  readonly cache?: CacheSize;
  /** Requests that one address may send within five minutes before the firewall blocks it, 10 to 2,000,000,000. */
  readonly requestsPer5MinutesMax: number;
  /** Who is told of alarms. Each address must confirm once, by the mail that AWS sends to it. */
  readonly alarmEmails: readonly string[];
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
type Role = { readonly role: 'primary' } | { readonly role: 'standby'; readonly standbyFor: string };

/** What every name that something outside the environment's stacks needs begins with. */
export function prefixOf(environment: Environment): string {
  return `crossbook-${environment.name}`;
}

/**
 * Refuses environments that cannot be deployed, before CloudFormation finds out half-way.
 * @throws {ConfigurationError} with file, field, fault and mend of everything that is wrong.
 */
export function checkEnvironments(environments: readonly Environment[]): void {
  refuse([
    ...environments.flatMap(ownFaults),
    ...environments.flatMap((environment) => nameFaults(environment, environments)),
    ...environments.flatMap((environment) => standbyFaults(environment, environments)),
  ]);
}

function ownFaults(environment: Environment): Fault[] {
  const file = fileOf(environment);
  return [
    ...accountFaults(
      { file, field: 'account' },
      environment.account,
      `put the account that ${environment.name} deploys to`,
    ),
    ...regionFaults({ file, field: 'region' }, environment.region),
    ...zoneFaults(environment),
    ...cidrFaults(environment),
    ...domainFaults(environment),
    ...retentionFaults(environment),
    ...redundancyFaults(environment),
    ...sizesFaults(environment),
  ];
}

function zoneFaults(environment: Environment): Fault[] {
  const { region, availabilityZones } = environment;
  const place = { file: fileOf(environment), field: 'availabilityZones' };
  const foreign = availabilityZones.filter(
    (zone) => !(zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length))),
  );
  const faults = foreign.map((zone) => ({
    ...place,
    fault: `${quoted(zone)} is not in ${region}`,
    mend: `put a zone of the region, such as ${region}a`,
  }));
  if (new Set(availabilityZones).size === 3 && availabilityZones.length === 3) return faults;
  const fault = `${quoted(availabilityZones)} are not three different zones`;
  return [
    ...faults,
    {
      ...place,
      fault,
      mend: `put three, such as ${region}a, ${region}b and ${region}c`,
    },
  ];
}

function cidrFaults(environment: Environment): Fault[] {
  const cidr = parseCidr(environment.vpcCidr);
  if (cidr?.prefix === 16 && isPrivate(cidr)) return [];
  return [
    {
      file: fileOf(environment),
      field: 'vpcCidr',
      fault: `${quoted(environment.vpcCidr)} is not a private IPv4 /16`,
      mend: 'put one such as 10.40.0.0/16',
    },
  ];
}

function domainFaults(environment: Environment): Fault[] {
  if (/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(environment.domain)) return [];
  return [
    {
      file: fileOf(environment),
      field: 'domain',
      fault: `${quoted(environment.domain)} is not a host name`,
      mend: 'put the bare name, such as exchange.example.com',
    },
  ];
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

function retentionFaults(environment: Environment): Fault[] {
  if (retentionDays.includes(environment.logRetentionDays)) return [];
  return [
    {
      file: fileOf(environment),
      field: 'logRetentionDays',
      fault: `CloudWatch cannot keep logs for ${environment.logRetentionDays} days`,
      mend: `put one of ${retentionDays.join(', ')}`,
    },
  ];
}

/** Production, and what stands in for it, must outlive a zone. */
function redundancyFaults(environment: Environment): Fault[] {
  const { name, role, natGateways, taskSize } = environment;
  const file = fileOf(environment);
  const faults: Fault[] = [];
  if (name === 'prod' && taskSize.tasksMin === 1)
    faults.push({
      file,
      field: 'taskSize.tasksMin',
      fault: '1 task would be gone with its zone',
      mend: 'put 2 or more',
    });
  if ((name === 'prod' || role === 'standby') && natGateways !== 3)
    faults.push({
      file,
      field: 'natGateways',
      fault: `${natGateways} for three zones: losing one zone would cut off another`,
      mend: 'put 3',
    });
  return faults;
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

function nameFaults(environment: Environment, all: readonly Environment[]): Fault[] {
  const { name } = environment;
  const place = { file: fileOf(environment), field: 'name' };
  const mend = 'put the name of its file';
  // Load balancers allow 32 characters: "crossbook-", ten here, and room for a service.
  if (!/^[a-z][a-z0-9]{1,9}$/.test(name))
    return [
      {
        ...place,
        fault: `${quoted(name)} is not 2 to 10 lower-case letters and digits`,
        mend,
      },
    ];
  if (all.find((other) => other.name === name) !== environment)
    return [{ ...place, fault: `${quoted(name)} is another environment's too`, mend }];
  return [];
}

/** A standby in its primary's region falls with it; one with overlapping addresses cannot be peered with it. */
function standbyFaults(environment: Environment, all: readonly Environment[]): Fault[] {
  if (environment.role !== 'standby') return [];
  const file = fileOf(environment);
  const primary = all.find(({ name, role }) => name === environment.standbyFor && role === 'primary');
  if (!primary)
    return [
      {
        file,
        field: 'standbyFor',
        fault: `${quoted(environment.standbyFor)} is not a primary environment`,
        mend: 'put the name of the one it takes over from',
      },
    ];
  const faults: Fault[] = [];
  if (environment.region === primary.region)
    faults.push({
      file,
      field: 'region',
      fault: `${quoted(environment.region)} is the region of ${primary.name} too`,
      mend: 'put another region, which does not fail with it',
    });
  const [own, its] = [parseCidr(environment.vpcCidr), parseCidr(primary.vpcCidr)];
  if (own && its && overlap(own, its))
    faults.push({
      file,
      field: 'vpcCidr',
      fault: `${quoted(environment.vpcCidr)} overlaps with ${primary.vpcCidr} of ${primary.name}`,
      mend: 'put a /16 that no peer uses',
    });
  return faults;
}

function fileOf(environment: Environment): string {
  return `environments/${environment.name}.ts`;
}
