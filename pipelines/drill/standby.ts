/** What a drill does in a standby: it looks, and starts one task of each service that has none. */
import { setTimeout as sleep } from 'node:timers/promises';
import { enginePort, services } from '#stacks/services.ts';
import { environmentCli } from '../aws-cli.ts';

const PAUSE_MS = 5_000;
/** The clock here may be ahead of the one there. */
const CLOCK_SKEW_MS = 60_000;

interface LoadBalanced {
  readonly loadBalancers?: readonly { readonly targetGroupArn: string }[];
}

interface Service extends LoadBalanced {
  readonly serviceName: string;
  readonly desiredCount: number;
  /** Of one that CodeDeploy deploys. */
  readonly taskSets?: readonly (LoadBalanced & { readonly status: string })[];
}

interface Task {
  readonly group: string;
  readonly createdAt: string;
  readonly lastStatus: string;
  /** Set once its containers ran, whatever became of them. */
  readonly startedAt?: string | number;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
}

interface Listener {
  readonly Port: number;
  readonly DefaultActions: readonly {
    readonly TargetGroupArn?: string;
    readonly ForwardConfig?: {
      readonly TargetGroups?: readonly { readonly TargetGroupArn: string; readonly Weight?: number }[];
    };
  }[];
}

export class Standby {
  readonly #prefix: string;
  readonly #cluster: readonly string[];

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#cluster = ['--cluster', prefix];
  }

  /** Whether its database takes no writes: else it is a standby no longer. */
  isStandby(globalCluster: string): boolean {
    const { GlobalClusters } = environmentCli<{
      GlobalClusters: readonly {
        readonly GlobalClusterMembers: readonly {
          readonly DBClusterArn: string;
          readonly IsWriter: boolean;
        }[];
      }[];
    }>('rds', 'describe-global-clusters', '--global-cluster-identifier', globalCluster);
    const members = GlobalClusters.flatMap(({ GlobalClusterMembers }) => GlobalClusterMembers);
    const own = members.filter(({ DBClusterArn }) =>
      DBClusterArn.endsWith(`:cluster:${this.#prefix}-database`),
    );
    return own.length === 1 && !own[0]!.IsWriter;
  }

  /** How many tasks each service is to have. */
  desiredCounts(): ReadonlyMap<string, number> {
    return new Map(this.#services().map(({ serviceName, desiredCount }) => [serviceName, desiredCount]));
  }

  scale(service: string, tasks: number): void {
    const count = ['--desired-count', String(tasks)];
    environmentCli('ecs', 'update-service', ...this.#cluster, '--service', service, ...count);
  }

  /**
   * Waits until a task of each of these services has started: its image was pulled, its secrets were read, its program
   * ran. That the program then ends, since its database takes no writes, is as it should be. Tells what is wrong.
   */
  async started(names: readonly string[], timeoutMs: number): Promise<string[]> {
    const deadline = performance.now() + timeoutMs;
    const sinceMs = Date.now() - CLOCK_SKEW_MS;
    for (;;) {
      // Those that stopped in the last hour are listed too, also of an earlier drill.
      const tasks = this.#tasks().filter(
        ({ lastStatus, createdAt }) => lastStatus === 'RUNNING' || Date.parse(createdAt) >= sinceMs,
      );
      const of = (name: string) => tasks.filter(({ group }) => group === `service:${name}`);
      const waiting = names.filter((name) => !of(name).some(({ startedAt }) => startedAt !== undefined));
      const failed = waiting.flatMap((name) =>
        of(name)
          .filter(({ stopCode }) => stopCode === 'TaskFailedToStart')
          .map(({ stoppedReason }) => `${name} did not start: ${stoppedReason}`),
      );
      if (failed.length > 0) return failed;
      if (waiting.length === 0) return [];
      if (performance.now() >= deadline) return [`not started in time: ${waiting.join(', ')}`];
      await sleep(PAUSE_MS);
    }
  }

  /** What stands between the load balancers and the tasks that would run; empty when nothing does. */
  balancerFaults(): string[] {
    return this.#services().flatMap((service) => {
      const { engine, port: routed } = services[service.serviceName] ?? {};
      const port = engine ? enginePort : routed;
      return port === undefined ? [] : this.#portFaults(service, port);
    });
  }

  #portFaults({ serviceName, loadBalancers, taskSets }: Service, port: number): string[] {
    const primary = taskSets?.find(({ status }) => status === 'PRIMARY') ?? { loadBalancers };
    const targetGroup = primary.loadBalancers?.[0]?.targetGroupArn;
    if (targetGroup === undefined) return [`${serviceName} is behind no load balancer`];
    const { TargetGroups } = environmentCli<{
      TargetGroups: readonly { LoadBalancerArns: readonly string[] }[];
    }>('elbv2', 'describe-target-groups', ...['--target-group-arns', targetGroup]);
    const arn = TargetGroups[0]?.LoadBalancerArns[0];
    if (arn === undefined) return [`no port leads to ${serviceName}`];
    const { LoadBalancers } = environmentCli<{ LoadBalancers: readonly { State: { Code: string } }[] }>(
      'elbv2',
      'describe-load-balancers',
      ...['--load-balancer-arns', arn],
    );
    const state = LoadBalancers[0]?.State.Code;
    if (state !== 'active') return [`the load balancer of ${serviceName} is ${state}`];
    const { Listeners } = environmentCli<{ Listeners: readonly Listener[] }>(
      'elbv2',
      'describe-listeners',
      ...['--load-balancer-arn', arn],
    );
    const live = Listeners.find(({ Port }) => Port === port);
    return live && leadsTo(live, targetGroup)
      ? []
      : [`port ${port} does not lead to the tasks of ${serviceName}`];
  }

  #services(): readonly Service[] {
    const named = ['--services', ...Object.keys(services)];
    return environmentCli<{ services: readonly Service[] }>(
      'ecs',
      'describe-services',
      ...this.#cluster,
      ...named,
    ).services;
  }

  #tasks(): readonly Task[] {
    const arns = ['RUNNING', 'STOPPED'].flatMap(
      (status) =>
        environmentCli<{ taskArns: readonly string[] }>(
          'ecs',
          'list-tasks',
          ...this.#cluster,
          ...['--desired-status', status],
        ).taskArns,
    );
    if (arns.length === 0) return [];
    // At most a hundred can be described at once: the newest are enough.
    const named = ['--tasks', ...arns.slice(0, 100)];
    return environmentCli<{ tasks: readonly Task[] }>('ecs', 'describe-tasks', ...this.#cluster, ...named)
      .tasks;
  }
}

function leadsTo({ DefaultActions }: Listener, targetGroup: string): boolean {
  return DefaultActions.some(
    ({ TargetGroupArn, ForwardConfig }) =>
      TargetGroupArn === targetGroup ||
      ForwardConfig?.TargetGroups?.some(
        ({ TargetGroupArn, Weight = 1 }) => TargetGroupArn === targetGroup && Weight > 0,
      ),
  );
}
