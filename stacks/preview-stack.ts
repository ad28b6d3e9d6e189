import { Duration, PermissionsBoundary, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { IpAddresses, Peer, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Capability,
  Cluster,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { prefixOf } from '#environments/environment.ts';
import type { Previews } from '#environments/previews.ts';
import { acknowledge } from './acknowledge.ts';
import { permissionBoundaryOf } from './permission-boundary.ts';
import type { ImageRegistry } from './service-task.ts';
import { containerPort, healthPath } from './services.ts';

export interface PreviewStackProps {
  readonly previews: Previews;
  /** What its branch is called after `preview/`, fit for a host name. */
  readonly name: string;
  /** Of the image of the whole exchange, `sha256:…`, in the registry's `crossbook/preview`. */
  readonly digest: string;
  /** When it deletes itself. */
  readonly expiresAt: Date;
  readonly registry: ImageRegistry;
}

/** CloudFormation's name for it, which begins as those of the environment do that it lives in. */
export function previewStackName({ within }: Previews, name: string): string {
  return `${prefixOf(within)}-preview-${name}`;
}

/** Its zones need not outlive one of them. */
const zoneCount = 2;

/**
 * The whole exchange in one task on embedded components, in a network of its own, for as long as somebody looks at it: no
 * store, no secret, nothing that a real environment has. It is gone when its time is over, data and all.
 */
export class PreviewStack extends Stack {
  readonly #props: PreviewStackProps;

  constructor(scope: Construct, props: PreviewStackProps) {
    const { previews, name } = props;
    const { account, region } = previews.within;
    const stackName = previewStackName(previews, name);
    super(scope, stackName, {
      stackName,
      env: { account, region },
      permissionsBoundary: PermissionsBoundary.fromName(permissionBoundaryOf(previews.within)),
    });
    this.#props = props;
    Tags.of(this).add('crossbook:preview', name);
    const vpc = this.#vpc();
    this.#serve(vpc, this.#task(vpc));
    this.#deleteItselfInTime();
    this.#budget();
  }

  override get availabilityZones(): string[] {
    return this.#props.previews.within.availabilityZones.slice(0, zoneCount);
  }

  #vpc(): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.255.0.0/24'),
      availabilityZones: this.availabilityZones,
      natGateways: 1,
      // Nothing is in the default group; emptying it would take a function of its own.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 27, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 27 },
      ],
    });
    acknowledge(
      vpc,
      'The environment names its zones, so that synthesis need not ask AWS for them.',
      'CloudFormation-Validate::W3010',
    );
    return vpc;
  }

  #task(vpc: Vpc): FargateService {
    const definition = new FargateTaskDefinition(this, 'Definition', {
      cpu: 1_024,
      memoryLimitMiB: 3_072,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64 },
      volumes: [{ name: 'tmp' }],
    });
    const linuxParameters = new LinuxParameters(this, 'Linux', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(Capability.ALL);
    const container = definition.addContainer('Exchange', {
      image: this.#image(definition),
      user: '1000:1000',
      readonlyRootFilesystem: true,
      linuxParameters,
      portMappings: [{ containerPort }],
      // What the demo trader's key is, the log says: it opens nothing of worth.
      logging: LogDriver.awsLogs({ streamPrefix: 'preview', logGroup: this.#log() }),
    });
    container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
    return new FargateService(this, 'Service', {
      cluster: new Cluster(this, 'Cluster', { vpc }),
      taskDefinition: definition,
      desiredCount: 1,
      minHealthyPercent: 0, // a task that goes takes its data with it: two would be two exchanges
      maxHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
  }

  #image(definition: FargateTaskDefinition): ContainerImage {
    const { registry, digest } = this.#props;
    const repositoryName = `${namePrefix}/preview`;
    const repository = Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryName,
      repositoryArn: this.formatArn({
        service: 'ecr',
        ...registry,
        resource: 'repository',
        resourceName: repositoryName,
      }),
    });
    repository.grantPull(definition.obtainExecutionRole());
    return ContainerImage.fromRegistry(repository.repositoryUriForDigest(digest));
  }

  #log(): LogGroup {
    return new LogGroup(this, 'Log', {
      logGroupName: `/ecs/${this.stackName}`,
      retention: this.#props.previews.within.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #serve(vpc: Vpc, service: FargateService): void {
    const securityGroup = new SecurityGroup(this, 'Door', { vpc, allowAllOutbound: false });
    for (const network of this.#props.previews.reachableFrom)
      securityGroup.addIngressRule(Peer.ipv4(network), Port.tcp(443));
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: true,
      securityGroup,
      dropInvalidHeaderFields: true,
    });
    const { zone, host } = this.#address();
    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
      certificates: [
        new Certificate(this, 'Certificate', {
          domainName: host,
          validation: CertificateValidation.fromDns(zone),
        }),
      ],
    });
    listener.addTargets('Exchange', {
      port: containerPort,
      protocol: ApplicationProtocol.HTTP,
      targets: [service],
      healthCheck: { path: healthPath },
      deregistrationDelay: Duration.seconds(5),
    });
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer));
    new ARecord(this, 'Record', { zone, recordName: `${host}.`, target });
  }

  #address(): { readonly zone: IHostedZone; readonly host: string } {
    const { previews, name } = this.#props;
    const { hostedZone, domain } = previews.within;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    return { zone, host: `${name}.preview.${domain}` };
  }

  /** CloudFormation deletes a stack with the role that made it, so who asks for it needs no right but that. */
  #deleteItselfInTime(): void {
    const { stackId } = this;
    const { account } = this.#props.previews.within;
    const role = new Role(this, 'Ending', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      inlinePolicies: {
        end: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['cloudformation:DeleteStack'], resources: [stackId] }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'End', {
      name: this.stackName,
      description: 'Deletes the preview, this schedule with it',
      scheduleExpression: `at(${this.#props.expiresAt.toISOString().slice(0, 19)})`, // UTC
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: 'arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack',
        roleArn: role.roleArn,
        input: this.toJsonString({ StackName: stackId }),
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3_600 },
      },
    });
  }

  /** Bills by tag: `crossbook:preview` must be an active cost allocation tag of the account that pays. */
  #budget(): void {
    const { previews, name } = this.#props;
    const tell = (threshold: number) => ({
      notification: {
        notificationType: 'ACTUAL',
        comparisonOperator: 'GREATER_THAN',
        threshold, // per cent
      },
      subscribers: previews.within.alarmEmails.map((address) => ({ subscriptionType: 'EMAIL', address })),
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: this.stackName,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: previews.budgetDollars, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:crossbook:preview$${name}`] },
      },
      notificationsWithSubscribers: [tell(80), tell(100)],
    });
  }
}
