import { PermissionsBoundary, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { refuse } from '#environments/faults.ts';
import { AccountStack } from './account-stack.ts';
import { acknowledgeDecisions } from './acknowledge.ts';
import { BalancingStack } from './balancing-stack.ts';
import { DataStack } from './data-stack.ts';
import { EdgeAlarmsStack } from './edge-alarms.ts';
import { EdgeGlobalStack } from './edge-global-stack.ts';
import { EdgeStack, type PagesOutputs } from './edge-stack.ts';
import { encryptLogs, KeysStack } from './keys-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { ObservabilityStack } from './observability-stack.ts';
import { permissionBoundaryOf } from './permission-boundary.ts';
import { ReplicaStack } from './replica-stack.ts';
import { SecurityStack } from './security-stack.ts';
import type { ImageRegistry } from './service-task.ts';
import { type ServiceTable, services as table } from './services.ts';
import { ServicesStack } from './services-stack.ts';

export interface ExchangeStageProps {
  readonly environment: Environment;
  /** The environment in the other region: a primary's standby, or a standby's primary. */
  readonly peer?: Environment;
  readonly registry: ImageRegistry;
  /** What runs; left out, all of `services.ts` as it is. */
  readonly services?: ServiceTable;
}

/** CloudFront takes its certificate and its firewall from there, and leaves its metrics there. */
const edgeRegion = 'us-east-1';

/** One environment: these stacks. */
export class ExchangeStage extends Stage {
  readonly pages: PagesOutputs;

  /** @throws {ConfigurationError} when the environment sizes a service that does not exist. */
  constructor(scope: Construct, props: ExchangeStageProps) {
    const { environment, peer, registry, services = table } = props;
    const { name, account, region } = environment;
    super(scope, name, {
      env: { account, region },
      permissionsBoundary: PermissionsBoundary.fromName(permissionBoundaryOf(environment)),
    });
    checkTaskSizes(environment);
    const of = (stack: string) => ({ stackName: `${prefixOf(environment)}-${stack}`, environment, peer });
    const atEdge = { env: { account, region: edgeRegion }, crossRegionReferences: true };

    const accountStack = AccountStack.isNeeded(environment)
      ? new AccountStack(this, 'Account', of('account'))
      : undefined;
    if (SecurityStack.isNeeded(environment)) new SecurityStack(this, 'Security', of('security'));
    const keys = [new KeysStack(this, 'Keys', of('keys'))];
    if (region !== edgeRegion) keys.push(new KeysStack(this, 'EdgeKeys', { ...of('edge-keys'), ...atEdge }));

    const { vpc, securityGroups } = new NetworkStack(this, 'Network', of('network'));
    const data = new DataStack(this, 'Data', {
      ...of('data'),
      vpc,
      securityGroups,
      replicas: this.#replicas(props),
    });
    const balancing = new BalancingStack(this, 'Balancing', {
      ...of('balancing'),
      table: services,
      vpc,
      securityGroups,
    });
    const running = new ServicesStack(this, 'Services', {
      ...of('services'),
      table: services,
      vpc,
      securityGroups,
      balancing,
      data,
      registry,
    });
    const global = new EdgeGlobalStack(this, 'EdgeGlobal', { ...of('edge-global'), ...atEdge });
    const edge = new EdgeStack(this, 'Edge', {
      ...of('edge'),
      crossRegionReferences: true,
      vpc,
      securityGroups,
      balancing,
      global,
    });
    this.pages = edge.pages;
    new EdgeAlarmsStack(this, 'EdgeAlarms', { ...of('edge-alarms'), ...atEdge, edge });
    new ObservabilityStack(this, 'Observability', {
      ...of('observability'),
      data,
      balancing,
      services: running,
      edge,
    });

    encryptLogs(this, keys);
    acknowledgeDecisions(this);
    if (accountStack) this.#boundFirst(accountStack, keys);
  }

  /** Every role has the boundary, which the account's stack makes; its own logs have a key. */
  #boundFirst(accountStack: AccountStack, keys: readonly KeysStack[]): void {
    const first = new Set<unknown>([accountStack, ...keys]);
    for (const stack of this.node.children) if (!first.has(stack)) stack.node.addDependency(accountStack);
  }

  /** What a primary's data is copied to must be there before the data, in the region of its standby. */
  #replicas({ environment, peer }: ExchangeStageProps): ReplicaStack | undefined {
    if (environment.role === 'standby' || !peer) return undefined;
    return new ReplicaStack(this, 'Replica', {
      stackName: `${prefixOf(environment)}-replica`,
      env: { account: peer.account, region: peer.region },
      peer,
    });
  }
}

function checkTaskSizes({ name, taskSizes = {} }: Environment): void {
  const unknown = Object.keys(taskSizes).filter((service) => !(service in table));
  refuse(
    unknown.map((service) => ({
      file: `environments/${name}.ts`,
      field: `taskSizes.${service}`,
      fault: 'is no service',
      mend: `put one of ${Object.keys(table).join(', ')}`,
    })),
  );
}
