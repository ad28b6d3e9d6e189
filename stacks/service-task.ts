import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  AwsLogDriverMode,
  Capability,
  ContainerDefinition,
  ContainerImage,
  CpuArchitecture,
  Secret as EcsSecret,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { TaskSize } from '#environments/task-size.ts';
import { acknowledge } from './acknowledge.ts';
import { containerPort, healthPath, type Service, type Surroundings } from './services.ts';
import { addTelemetrySidecar, telemetryMemoryMiB } from './telemetry-sidecar.ts';

/** The account and region whose registry holds the images: `crossbook/<service>`, one repository each. */
export interface ImageRegistry {
  readonly account: string;
  readonly region: string;
}

export interface ServiceTaskProps {
  readonly name: string;
  readonly service: Service;
  readonly size: TaskSize;
  readonly environment: Environment;
  readonly surroundings: Surroundings;
  readonly registry: ImageRegistry;
}

/**
 * What one task of a service is: image, size, roles, variables, secrets and log. The container has no
 * privileges to lose: not root, no capabilities, nothing writable but `/tmp`.
 *
 * Two things exist before the first deployment, since they outlive every stack: the environment's secrets,
 * `crossbook/<environment>/<secret>` in Secrets Manager, and the digest of the image to run,
 * `/crossbook/<environment>/images/<service>` in Parameter Store, as `sha256:…`.
 */
export class ServiceTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly #props: ServiceTaskProps;

  constructor(scope: Construct, id: string, props: ServiceTaskProps) {
    super(scope, id);
    this.#props = props;
    this.definition = this.#definition();
    const logging = this.#logging();
    this.#container(logging);
    addTelemetrySidecar(this.definition, logging);
    acknowledge(
      this.definition,
      'What is secret comes by reference; the rest may be seen.',
      'AwsSolutions-ECS2',
    );
    const noResource = 'Traces, and logging in to the registry, have no resource to name.';
    for (const role of [this.definition.taskRole, this.definition.obtainExecutionRole()])
      acknowledge(role, noResource, 'AwsSolutions-IAM5[Resource::*]');
  }

  /** The task role is the program's own; the execution role pulls its image, reads its secrets and opens its log. */
  #definition(): FargateTaskDefinition {
    const { name, environment, size } = this.#props;
    // Of tasks of this account, and no other's that somebody talked ECS into.
    const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': environment.account } },
    });
    return new FargateTaskDefinition(this, 'Definition', {
      family: `${prefixOf(environment)}-${name}`,
      cpu: size.cpu,
      memoryLimitMiB: size.memoryMiB,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole: new Role(this, 'TaskRole', { assumedBy }),
      executionRole: new Role(this, 'ExecutionRole', { assumedBy }),
      volumes: [{ name: 'tmp' }],
    });
  }

  #container(logging: LogDriver): void {
    const { name, service, size, surroundings } = this.#props;
    const container = new ContainerDefinition(this, 'Container', {
      containerName: name,
      taskDefinition: this.definition,
      image: this.#image(),
      // The rest is the collector's.
      memoryLimitMiB: size.memoryMiB - telemetryMemoryMiB,
      user: '1000:1000', // `node` in the official Node image
      readonlyRootFilesystem: true,
      linuxParameters: this.#linuxParameters(),
      portMappings: [{ containerPort }],
      environment: {
        ...defined(service.environment(surroundings)),
        PORT: String(containerPort),
      },
      secrets: this.#secrets(),
      logging,
      healthCheck: {
        command: ['CMD', 'node', '-e', healthCheck],
        startPeriod: Duration.seconds(60), // the engine replays its journal before it answers
      },
      stopTimeout: Duration.seconds(60),
    });
    container.addMountPoints({
      sourceVolume: 'tmp',
      containerPath: '/tmp',
      readOnly: false,
    });
  }

  #image(): ContainerImage {
    const { name, environment, registry } = this.#props;
    const repository = Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryName: `${namePrefix}/${name}`,
      repositoryArn: Stack.of(this).formatArn({
        service: 'ecr',
        ...registry,
        resource: 'repository',
        resourceName: `${namePrefix}/${name}`,
      }),
    });
    repository.grantPull(this.definition.obtainExecutionRole());
    const digest = StringParameter.valueForStringParameter(
      this,
      `/${namePrefix}/${environment.name}/images/${name}`,
    );
    return ContainerImage.fromRegistry(repository.repositoryUriForDigest(digest));
  }

  #secrets(): Record<string, EcsSecret> {
    const { service, environment } = this.#props;
    const secrets = Object.entries(service.secrets).map(([variable, name]) => {
      const stored = Secret.fromSecretNameV2(this, variable, `${namePrefix}/${environment.name}/${name}`);
      return [variable, EcsSecret.fromSecretsManager(stored)] as const;
    });
    return Object.fromEntries(secrets);
  }

  #linuxParameters(): LinuxParameters {
    const parameters = new LinuxParameters(this, 'Linux', {
      initProcessEnabled: true,
    });
    parameters.dropCapabilities(Capability.ALL);
    return parameters;
  }

  #logging(): LogDriver {
    const { name, environment } = this.#props;
    return LogDriver.awsLogs({
      streamPrefix: name,
      // A service must not wait for its log; past the buffer, lines are dropped.
      mode: AwsLogDriverMode.NON_BLOCKING,
      logGroup: new LogGroup(this, 'Log', {
        logGroupName: `/ecs/${prefixOf(environment)}-${name}`,
        retention: environment.logRetentionDays,
        // Kept with its name when the stack goes, but not when the stack's creation failed and is tried again.
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      }),
    });
  }
}

/** The image has no shell tools, but it has Node. */
const healthCheck = `fetch('http://127.0.0.1:${containerPort}${healthPath}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

/** An optional variable that is left out is no entry, rather than an empty one. */
function defined(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
