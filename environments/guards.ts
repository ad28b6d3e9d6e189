import { type Fault, fileOf } from './faults.ts';

/**
 * The guards of an AWS account that an environment sets up. Put false for each that the organization runs already, or
 * that another environment in the same account and region has set up: most exist once for each account and region.
 */
export interface Guards {
  /** The groups Developers, DevOps and Admins, who must use MFA, and the password policy. */
  readonly people: boolean;
  /** CloudTrail in all regions, validated, to a bucket of its own. */
  readonly cloudTrail: boolean;
  /** IAM Access Analyzer: what is reachable from outside the account. */
  readonly accessAnalyzer: boolean;
  /** GuardDuty, with its features for S3, RDS, Lambda and containers. */
  readonly guardDuty: boolean;
  /** Security Hub with AWS Foundational Security Best Practices and CIS. */
  readonly securityHub: boolean;
  /** The AWS Config recorder, which Security Hub's controls need. */
  readonly config: boolean;
}

/** For an account that nobody else guards. */
export const allGuards: Guards = {
  people: true,
  cloudTrail: true,
  accessAnalyzer: true,
  guardDuty: true,
  securityHub: true,
  config: true,
};

/** Those that exist once for an account; the others exist once for each of its regions. */
const ofAccount: ReadonlySet<string> = new Set<keyof Guards>(['people', 'cloudTrail']);

interface Guarded {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly guards: Guards;
}

/** Guards that need another, and those that an earlier environment has set up already. */
export function guardFaults(environment: Guarded, all: readonly Guarded[]): Fault[] {
  const file = fileOf(environment);
  const faults: Fault[] = [];
  if (environment.guards.securityHub && !environment.guards.config)
    faults.push({
      file,
      field: 'guards.securityHub',
      fault: 'its controls need the recorder of AWS Config, which is off',
      mend: 'put config: true, or securityHub: false',
    });
  const earlier = all.slice(0, all.indexOf(environment));
  for (const guard of Object.keys(environment.guards) as (keyof Guards)[]) {
    const other = earlier.find((other) => shares(environment, other, guard));
    if (!other) continue;
    const where = ofAccount.has(guard)
      ? environment.account
      : `${environment.account} in ${environment.region}`;
    faults.push({
      file,
      field: `guards.${guard}`,
      fault: `${other.name} sets it up for account ${where} already`,
      mend: 'put false in one of the two',
    });
  }
  return faults;
}

function shares(one: Guarded, other: Guarded, guard: keyof Guards): boolean {
  if (!one.guards[guard] || !other.guards[guard] || one.account !== other.account) return false;
  return ofAccount.has(guard) || one.region === other.region;
}
