/** What bootstrapping consists of: the commands, in the order in which they are run. */
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import { type Environment, peerOf } from '#environments/environment.ts';
import { permissionBoundaryOf } from '#stacks/permission-boundary.ts';
import manifest from '../../package.json' with { type: 'json' };

/** CloudFront takes certificates and firewalls from this region only, so each environment has a stack there. */
const edgeRegion = 'us-east-1';
/** What `execution-policy.yml` makes. */
const executionPolicies = ['identities', 'named', 'unnamed'].map((name) => `${namePrefix}-execution-${name}`);
const templates = 'pipelines/bootstrap';
/** What `tools-boundary.yml` makes. An environment's boundary is made by its account stack. */
const toolsBoundary = `${namePrefix}-tools-boundary`;

/** The account of the pipeline is named like an environment where one is asked for. */
export const tools = 'tools';

export interface Step {
  readonly title: string;
  readonly account: string;
  /** The environments that need it; {@link tools} for the pipeline's own. */
  readonly neededBy: readonly string[];
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** What to do when it fails. */
  readonly mend: string;
}

/** An account, what is in it, and the regions that something is deployed to, the first of them its home. */
interface Account {
  readonly id: string;
  readonly names: string[];
  /** Permission boundaries of its roles, by name. */
  readonly boundaries: Set<string>;
  /** With the names of what is deployed there. */
  readonly regions: Map<string, string[]>;
}

export interface PlanOptions {
  /** Lets releases change permission boundaries, until the plan is run again without. */
  readonly unlocked?: boolean;
}

/**
 * Per account, first the rights of who will deploy, then the CDK's own resources in each region; at last the role of each
 * environment. Every step may be run again: it then changes nothing, or what has been changed here.
 */
export function planFor(
  delivery: Delivery,
  environments: readonly Environment[],
  { unlocked = false }: PlanOptions = {},
): Step[] {
  const accounts = accountsOf(delivery, environments);
  return [
    ...accounts.flatMap((account) => [
      ...(account.names.includes(tools) ? [boundaryStep(account)] : []),
      policyStep(account, unlocked),
      ...[...account.regions].map(([region, names]) => cdkStep(account, region, names, delivery)),
    ]),
    ...environments.map((environment) => releaseRoleStep(environment, delivery)),
    ...environments.flatMap((environment) => drillRoleSteps(environment, environments, delivery)),
  ];
}

/** The steps that any of these environments, or {@link tools}, needs. */
export function restricted(steps: readonly Step[], names: readonly string[]): Step[] {
  return steps.filter(({ neededBy }) => neededBy.some((name) => names.includes(name)));
}

function accountsOf(delivery: Delivery, environments: readonly Environment[]): Account[] {
  const accounts = new Map<string, Account>();
  const note = (id: string, region: string, name: string) => {
    const account: Account = accounts.get(id) ?? {
      id,
      names: [],
      boundaries: new Set(),
      regions: new Map(),
    };
    accounts.set(id, account);
    if (!account.names.includes(name)) account.names.push(name);
    const names = account.regions.get(region) ?? [];
    account.regions.set(region, names.includes(name) ? names : [...names, name]);
    return account;
  };
  note(delivery.account, delivery.region, tools).boundaries.add(toolsBoundary);
  for (const environment of environments) {
    const account = note(environment.account, environment.region, environment.name);
    account.boundaries.add(permissionBoundaryOf(environment));
  }
  for (const { name, account } of environments) note(account, edgeRegion, name);
  // An action in another region takes what it deploys from a bucket there, which is the pipeline's.
  for (const { region } of environments) note(delivery.account, region, tools);
  note(delivery.account, edgeRegion, tools);
  return [...accounts.values()];
}

function boundaryStep(account: Account): Step {
  return stackStep({
    title: `the permission boundary of the pipeline's roles in ${account.id}`,
    account: account.id,
    region: homeOf(account),
    neededBy: [tools],
    stack: toolsBoundary,
    template: 'tools-boundary.yml',
  });
}

function policyStep(account: Account, unlocked: boolean): Step {
  return stackStep({
    title: `what CloudFormation may do in ${account.id}`,
    account: account.id,
    region: homeOf(account),
    neededBy: account.names,
    stack: `${namePrefix}-execution-policy`,
    template: 'execution-policy.yml',
    parameters: [
      `Boundaries=${[...account.boundaries].map((name) => policyArn(account.id, name)).join(',')}`,
      // Always said: what is left out stays as it was deployed last.
      `Locked=${unlocked ? 'none' : `${namePrefix}-*-boundary`}`,
    ],
  });
}

function releaseRoleStep(environment: Environment, delivery: Delivery): Step {
  const { name, account, region } = environment;
  return stackStep({
    title: `the role that releases to ${name}, in ${account}`,
    account,
    region,
    neededBy: [name],
    // Not <prefix>-<environment>-…: a search for drift looks at the stacks that the pipeline deployed.
    stack: `${namePrefix}-release-role-${name}`,
    template: 'release-role.yml',
    parameters: [`Environment=${name}`, `ToolsAccount=${delivery.account}`],
  });
}

/** For each standby, which has its primary's account. */
function drillRoleSteps(
  environment: Environment,
  environments: readonly Environment[],
  delivery: Delivery,
): Step[] {
  const primary = peerOf(environment, environments);
  if (environment.role !== 'standby' || !primary) return [];
  const { name, account, region } = environment;
  return [
    stackStep({
      title: `the role that drills whether ${name} could take over, in ${account}`,
      account,
      region,
      neededBy: [name],
      stack: `${namePrefix}-drill-role-${name}`,
      template: 'drill-role.yml',
      parameters: [
        `Standby=${name}`,
        `Primary=${primary.name}`,
        `PrimaryRegion=${primary.region}`,
        `ToolsAccount=${delivery.account}`,
      ],
    }),
  ];
}

interface StackStep {
  readonly title: string;
  readonly account: string;
  readonly region: string;
  readonly neededBy: readonly string[];
  readonly stack: string;
  readonly template: string;
  readonly parameters?: readonly string[];
}

function stackStep({ title, account, region, neededBy, stack, template, parameters = [] }: StackStep): Step {
  const place = `--stack-name ${stack} --region ${region}`;
  return {
    title,
    account,
    neededBy,
    command: [
      'aws',
      'cloudformation',
      'deploy',
      ...['--region', region],
      ...['--stack-name', stack],
      ...['--template-file', `${templates}/${template}`],
      ...['--parameter-overrides', `NamePrefix=${namePrefix}`, ...parameters],
      ...['--capabilities', 'CAPABILITY_NAMED_IAM'],
      '--no-fail-on-empty-changeset',
    ],
    mend:
      `See why: aws cloudformation describe-stack-events ${place}. A stack that failed as it was made ` +
      `(ROLLBACK_COMPLETE) is to be deleted first: aws cloudformation delete-stack ${place}.`,
  };
}

/**
 * Without `--custom-permissions-boundary`: that would bound the role that CloudFormation takes on, whose policies here
 * are its bound already, and whose roles they bind to a boundary of the environment.
 */
function cdkStep({ id }: Account, region: string, neededBy: readonly string[], delivery: Delivery): Step {
  const trust = id === delivery.account ? [] : ['--trust', delivery.account];
  const trustForLookup = id === delivery.account ? [] : ['--trust-for-lookup', delivery.account];
  const policies = executionPolicies.map((name) => policyArn(id, name));
  return {
    title: `the CDK's bucket and roles in ${id}, ${region}`,
    account: id,
    neededBy,
    command: [
      'npx',
      // The one that is installed; another one would be whatever the registry calls latest on the day.
      `aws-cdk@${manifest.devDependencies['aws-cdk']}`,
      'bootstrap',
      `aws://${id}/${region}`,
      ...trust,
      ...trustForLookup,
      ...['--cloudformation-execution-policies', policies.join(',')],
      '--termination-protection',
    ],
    mend:
      `See the stack CDKToolkit of ${id} in ${region}. A region that the account has not enabled must be enabled; ` +
      'a bucket that an earlier CDKToolkit left behind must go, or be empty.',
  };
}

function policyArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:policy/${name}`;
}

function homeOf({ regions }: Account): string {
  return [...regions.keys()][0]!;
}
