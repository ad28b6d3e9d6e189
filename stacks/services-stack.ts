import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerInsights,
  DeploymentControllerType,
  FargateService,
  type FargateServiceProps,
  TaskDefinitionRevision,
} from 'aws-cdk-lib/aws-ecs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { TaskSize } from '#environments/task-size.ts';
import { acknowledge } from './acknowledge.ts';
import type { BalancingStack } from './balancing-stack.ts';
import { BlueGreen, type BlueGreenProps } from './blue-green.ts';
import { cacheUser } from './cache.ts';
import type { DataStack } from './data-stack.ts';
import { databaseName } from './database.ts';
import { databaseUser } from './database-credentials.ts';
import { DefaultRules } from './default-rules.ts';
import { keySetUrl } from './key-set-url.ts';
import { NativeBlueGreen } from './native-blue-green.ts';
import { releaseAlarms } from './release-alarms.ts';
import { ReleaseCheck } from './release-check.ts';
import { scale } from './service-scaling.ts';
import { type ImageRegistry, ServiceTask } from './service-task.ts';
import { enginePort, type Service, type ServiceTable, type Surroundings } from './services.ts';
import { allow } from './store-access.ts';
import { TableProjector } from './table-projector.ts';

export interface ServicesStackProps extends StackProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly securityGroups: {
    readonly ecs: ISecurityGroup;
    readonly engine: ISecurityGroup;
    readonly functions: ISecurityGroup;
  };
  readonly balancing: BalancingStack;
  readonly data: DataStack;
  readonly registry: ImageRegistry;
  /** What runs. */
  readonly table: ServiceTable;
}

/** The cluster, and for every entry of the services table a Fargate service and what deploys and scales it. */
export class ServicesStack extends Stack {
  readonly services: ReadonlyMap<string, FargateService>;
  /** Per service, those that roll a release of it back. */
  readonly alarms: ReadonlyMap<string, readonly Alarm[]>;
  readonly #props: ServicesStackProps;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    this.#props = props;
    const cluster = this.#cluster();
    const entries = Object.entries(props.table);
    this.services = new Map(
      entries.map(([name, service]) => [name, this.#fargate(cluster, name, service)] as const),
    );
    this.alarms = new Map(
      entries.map(([name, service]) => [name, releaseAlarms(this, name, service, props)] as const),
    );
    const { environment, vpc, securityGroups, balancing, data, table } = props;
    new TableProjector(this, 'TableProjector', { environment, data });
    const { function: check } = new ReleaseCheck(this, 'ReleaseCheck', {
      environment,
      vpc,
      securityGroup: securityGroups.functions,
      balancing,
      table,
    });
    for (const [name, service] of entries) {
      this.#scale(name, service);
      if (service.engine || service.routes) this.#release(name, service, check);
    }
  }

  #cluster(): Cluster {
    const { environment, vpc } = this.#props;
    const cluster = new Cluster(this, 'Cluster', {
      clusterName: prefixOf(environment),
      vpc,
      containerInsightsV2: ContainerInsights.ENHANCED,
    });
    acknowledge(
      cluster,
      'They are enabled, with more detail than the rule knows.',
      'cdk-validator-cfnguard::ecs_container_insights_enabled_check',
    );
    return cluster;
  }

  /**
   * A release deploys services, not CloudFormation: what is said here is the same in every release, and names the family
   * of the task definitions, not the newest of them. CloudFormation sends all of a service when anything in it changes,
   * which ECS refuses for one that CodeDeploy deploys.
   * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1529
   */
  #fargate(cluster: Cluster, name: string, service: Service): FargateService {
    const { environment, registry, securityGroups, balancing } = this.#props;
    const size = this.#size(name);
    const { definition } = new ServiceTask(this, `${name}-task`, {
      name,
      service,
      size,
      environment,
      registry,
      surroundings: this.#surroundings(),
    });
    for (const store of service.uses) allow(definition.taskRole, store, this.#props.data, environment);
    const fargate = new FargateService(this, name, {
      serviceName: name,
      cluster,
      taskDefinition: definition,
      desiredCount: desiredCount(service, size),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [service.engine ? securityGroups.engine : securityGroups.ecs],
      ...deploymentProps(service),
    });
    if (service.engine) fargate.attachToNetworkTargetGroup(balancing.engine.blue);
    else if (service.routes) fargate.attachToApplicationTargetGroup(balancing.service(name).blue);
    return fargate;
  }

  #scale(name: string, service: Service): void {
    const size = this.#size(name);
    if (service.single || service.engine || size.tasksMin === 0) return;
    const { balancing } = this.#props;
    const { loadBalancer } = balancing;
    const ports = service.routes ? { loadBalancer, ...balancing.service(name) } : undefined;
    scale(this.services.get(name)!, size, ports);
  }

  #release(name: string, service: Service, check: IFunction): void {
    const { environment, balancing } = this.#props;
    const release: BlueGreenProps = {
      environment,
      name,
      service: this.services.get(name)!,
      ports: service.engine ? balancing.engine : balancing.service(name),
      isAtOnce: service.engine === true,
      alarms: this.alarms.get(name)!,
      // A pilot light has no tasks that it could look at.
      check: this.#size(name).tasksMin > 0 ? check : undefined,
    };
    if (service.deployment === 'codedeploy') new BlueGreen(this, `${name}-release`, release);
    else new NativeBlueGreen(this, `${name}-release`, release, this.#defaultRules());
  }

  /** Made for the first service that ECS deploys. */
  #defaultRules(): DefaultRules {
    const made = this.node.tryFindChild('DefaultRules') as DefaultRules | undefined;
    return made ?? new DefaultRules(this, 'DefaultRules', this.#props.environment);
  }

  #size(name: string): TaskSize {
    const { taskSize, taskSizes } = this.#props.environment;
    return taskSizes?.[name] ?? taskSize;
  }

  #surroundings(): Surroundings {
    const { data, balancing, environment } = this.#props;
    const { database, cache, blobs, stream, tables } = data;
    const portOf = (name: string) =>
      `http://${balancing.loadBalancer.loadBalancerDnsName}:${balancing.service(name).port}`;
    const secretOf = (secret: { readonly secretName: string }) => `password_secret=${secret.secretName}`;
    return {
      databaseUrl: `postgres://${databaseUser}@${database.cluster.clusterEndpoint.hostname}:5432/${databaseName}?sslmode=verify-full&${secretOf(database.secret)}`,
      redisUrl:
        cache &&
        `rediss://${cacheUser}@${cache.endpoint}:${cache.port}?cluster=true&${secretOf(cache.secret)}`,
      blobStoreUrl: `s3://${blobs.bucketName}`,
      streamName: stream.streamName,
      sessionsTable: tables.userSessions.tableName,
      keySetUrl: keySetUrl(balancing.loadBalancer),
      marketDataTable: tables.marketData.tableName,
      transactionHistoryTable: tables.transactionHistory.tableName,
      engineUrl: `ws://${balancing.engine.loadBalancer.loadBalancerDnsName}:${enginePort}`,
      marketDataUrl: portOf('market-data'),
      ordersUrl: portOf('orders'),
      publicUrl: `https://${environment.domain}`,
      isForPractice: !environment.keepsData,
    };
  }
}

function deploymentProps(service: Service): Partial<FargateServiceProps> {
  if (service.deployment === 'codedeploy')
    return {
      deploymentController: { type: DeploymentControllerType.CODE_DEPLOY },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
    };
  return {
    taskDefinitionRevision: TaskDefinitionRevision.LATEST,
    minHealthyPercent: service.single ? 0 : 100,
    maxHealthyPercent: service.single ? 100 : 200,
    // Behind a load balancer it is checks and alarms that see a bad release.
    circuitBreaker: service.engine || service.routes ? undefined : { enable: true, rollback: true },
  };
}

/** A leader and a standby that takes over. */
const engineTasks = 2;

/**
 * Scaling owns the number of tasks, and a number here would reset it with every release. It is fixed only where nothing
 * scales: for a single task, for the engine, and for a pilot light, which has none.
 */
function desiredCount({ single, engine }: Service, { tasksMin }: TaskSize): number | undefined {
  if (tasksMin === 0) return 0;
  if (single) return 1;
  // No number of the environment's: a service that a release deploys does not change.
  return engine && engineTasks;
}
