import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { SubnetType, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, FargateService } from 'aws-cdk-lib/aws-ecs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { TaskSize } from '#environments/task-size.ts';
import type { BalancingStack } from './balancing-stack.ts';
import type { SecurityGroups } from './security-groups.ts';
import { type ImageRegistry, ServiceTask } from './service-task.ts';
import { containerPort, type Service, type Surroundings, services } from './services.ts';

export interface ServicesStackProps extends StackProps {
  readonly environment: Environment;
  readonly vpc: Vpc;
  readonly securityGroups: SecurityGroups;
  readonly balancing: BalancingStack;
  readonly registry: ImageRegistry;
}

/** The cluster, and a Fargate service for every entry of the services table. */
export class ServicesStack extends Stack {
  readonly #props: ServicesStackProps;
  readonly #blobs: Bucket;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    this.#props = props;
    this.#blobs = this.#engineBlobs();
    const cluster = this.#cluster();
    for (const [name, service] of Object.entries(services)) {
      const fargate = this.#fargate(cluster, name, service);
      if (service.engine) this.#prepareEngine(fargate, name);
      if (service.routes) fargate.attachToApplicationTargetGroup(props.balancing.targetGroup(name));
      if (!service.single && !service.engine) this.#scale(fargate, this.#size(name));
    }
  }

  /** Snapshots and old days of the journal: without them a start would replay all that ever happened. */
  #engineBlobs(): Bucket {
    return new Bucket(this, 'EngineBlobs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #cluster(): Cluster {
    const { environment, vpc } = this.#props;
    const cluster = new Cluster(this, 'Cluster', {
      clusterName: prefixOf(environment),
      vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    cluster.addDefaultCloudMapNamespace({ name: this.#namespace(), vpc });
    return cluster;
  }

  #fargate(cluster: Cluster, name: string, service: Service): FargateService {
    const { environment, registry, securityGroups } = this.#props;
    const size = this.#size(name);
    const task = new ServiceTask(this, `${name}-task`, {
      name,
      service,
      size,
      environment,
      registry,
      surroundings: this.#surroundings(),
    });
    return new FargateService(this, name, {
      serviceName: name,
      cluster,
      taskDefinition: task.definition,
      desiredCount: desiredCount(service, size),
      minHealthyPercent: service.single ? 0 : 100,
      maxHealthyPercent: service.single ? 100 : 200,
      circuitBreaker: { enable: true, rollback: true },
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [service.engine ? securityGroups.engine : securityGroups.ecs],
    });
  }

  /** A short time to live: clients say hello once a second to see which task leads. */
  #prepareEngine(fargate: FargateService, name: string): void {
    fargate.enableCloudMap({ name, dnsTtl: Duration.seconds(5) });
    this.#blobs.grantReadWrite(fargate.taskDefinition.taskRole);
  }

  #scale(fargate: FargateService, size: TaskSize): void {
    fargate
      .autoScaleTaskCount({
        minCapacity: size.tasksMin,
        maxCapacity: size.tasksMax,
      })
      .scaleOnCpuUtilization('Cpu', {
        targetUtilizationPercent: 60,
        scaleOutCooldown: Duration.seconds(30),
        scaleInCooldown: Duration.minutes(5),
      });
  }

  #size(name: string): TaskSize {
    const { taskSize, taskSizes } = this.#props.environment;
    return taskSizes?.[name] ?? taskSize;
  }

  #surroundings(): Surroundings {
    return {
      blobStoreUrl: `s3://${this.#blobs.bucketName}`,
      engineUrl: `ws://engine.${this.#namespace()}:${containerPort}`,
      publicUrl: `https://${this.#props.environment.domain}`,
    };
  }

  #namespace(): string {
    return `${prefixOf(this.#props.environment)}.internal`;
  }
}

/**
 * Scaling owns the number of tasks, and a number here would reset it with every release. It is fixed only
 * where nothing scales: for a single task, for the engine, and for a pilot light, which has none.
 */
function desiredCount(service: Service, size: TaskSize): number | undefined {
  if (service.single) return Math.min(size.tasksMin, 1);
  // A leader and a standby.
  if (service.engine) return Math.min(size.tasksMin, 2);
  return size.tasksMin === 0 ? 0 : undefined;
}
