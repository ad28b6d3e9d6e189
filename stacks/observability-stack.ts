import { Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import type { TaskSize } from '#environments/task-size.ts';
import { Alarms } from './alarms.ts';
import { Canary } from './canary.ts';
import { ExchangeDashboard } from './dashboard.ts';
import { watchRegionalEdge } from './edge-alarms.ts';
import { watchEngine, watchFollower, watchTables } from './engine-alarms.ts';
import { LogQueries } from './log-queries.ts';
import { ServiceRequests, type Targets, watchLoadBalancer, watchService } from './service-alarms.ts';
import { services as table } from './services.ts';
import {
  type Database,
  watchCache,
  watchDatabase,
  watchGlobalDatabase,
  watchStream,
  watchTable,
} from './store-alarms.ts';
import { watchWallet } from './wallet-alarms.ts';

/** The most that a task of any service opens: `CONNECTIONS_MAX` in the services' `service.ts`. */
const connectionsPerTaskMax = 8;

/** What it needs of the other stacks. */
export interface ObservabilityStackProps extends StackProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly data: {
    readonly database: { readonly cluster: Database };
    readonly tables: Readonly<Record<string, ITable>>;
    readonly stream: IStream;
    readonly deadLetters: IQueue;
  };
  readonly balancing: {
    readonly loadBalancer: ApplicationLoadBalancer;
    service(name: string): Targets;
  };
  readonly services: {
    readonly services: ReadonlyMap<string, FargateService>;
    /** Per service, those that roll a release back. */
    readonly alarms: ReadonlyMap<string, readonly Alarm[]>;
  };
  readonly edge: { readonly api: RestApi };
}

/** Who is told of what, and where people look. */
export class ObservabilityStack extends Stack {
  readonly topic: Topic;
  readonly #props: ObservabilityStackProps;
  readonly #alarms: Alarms;

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    this.#props = props;
    const { environment, balancing, edge, services, data } = props;
    this.#alarms = new Alarms(this, 'Alarms', environment);
    this.topic = this.#alarms.topic;

    const requests = this.#requests();
    for (const [name, service] of services.services) this.#watchService(name, service, requests.get(name));
    watchLoadBalancer(this.#alarms, balancing.loadBalancer);
    watchRegionalEdge(this.#alarms, edge.api);
    this.#watchStores();
    const canary = environment.role === 'primary' ? this.#canary() : undefined;

    new LogQueries(this, 'Queries', environment, services.services.keys());
    new ExchangeDashboard(this, 'Dashboard', environment, {
      services: services.services,
      requests,
      loadBalancer: balancing.loadBalancer,
      database: data.database.cluster,
      tables: data.tables,
      stream: data.stream,
      canary: canary?.successPercent(),
    });
  }

  #requests(): Map<string, ServiceRequests> {
    const { balancing, services } = this.#props;
    const routed = [...services.services.keys()].filter((name) => table[name]?.routes);
    return new Map(
      routed.map((name) => [
        name,
        new ServiceRequests(name, balancing.loadBalancer, balancing.service(name)),
      ]),
    );
  }

  #watchService(name: string, service: FargateService, requests: ServiceRequests | undefined): void {
    const tasks = this.#tasks(name);
    const alarms = watchService(this.#alarms, name, { service, tasks, requests });
    if (name === 'engine') alarms.push(...watchEngine(this.#alarms, tasks > 0));
    if (name === 'wallet') alarms.push(...watchWallet(this.#alarms, tasks > 0));
    if (name === 'projector' || name === 'market-data') alarms.push(watchFollower(this.#alarms, name));
    this.#alarms.combine(name, [...alarms, ...(this.#props.services.alarms.get(name) ?? [])]);
  }

  #watchStores(): void {
    const { environment, peer, data } = this.#props;
    watchDatabase(this.#alarms, data.database.cluster, this.#connectionsMax());
    if (environment.role === 'standby') watchGlobalDatabase(this.#alarms);
    const replicaRegion = environment.role === 'primary' ? peer?.region : undefined;
    for (const [name, of] of Object.entries(data.tables)) watchTable(this.#alarms, name, of, replicaRegion);
    watchStream(this.#alarms, data.stream, data.deadLetters);
    watchTables(this.#alarms);
    if (environment.cache) watchCache(this.#alarms);
  }

  /** Only where the exchange runs: a standby's orders would be refused. */
  #canary(): Canary {
    const canary = new Canary(this, 'Canary', this.#props.environment, this.#alarms.key);
    canary.watch(this.#alarms);
    return canary;
  }

  /** Twice what all tasks may open, since a release runs blue and green at once. */
  #connectionsMax(): number {
    const names = [...this.#props.services.services.keys()];
    const tasks = names.reduce((sum, name) => sum + this.#size(name).tasksMax, 0);
    return 2 * tasks * connectionsPerTaskMax;
  }

  /** How many tasks run at least. */
  #tasks(name: string): number {
    const { tasksMin } = this.#size(name);
    return table[name]?.single ? Math.min(tasksMin, 1) : tasksMin;
  }

  #size(name: string): TaskSize {
    const { taskSize, taskSizes } = this.#props.environment;
    return taskSizes?.[name] ?? taskSize;
  }
}
