import assert from 'node:assert/strict';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  DesyncMitigationMode,
  type HealthCheck,
  ListenerAction,
  NetworkListener,
  NetworkListenerAction,
  NetworkLoadBalancer,
  NetworkTargetGroup,
  Protocol,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { containerPort, enginePort, healthPath, type ServiceTable, testPortOf } from './services.ts';

export interface BalancingStackProps extends StackProps {
  readonly environment: Environment;
  readonly table: ServiceTable;
  readonly vpc: IVpc;
  readonly securityGroups: {
    readonly alb: ISecurityGroup;
    readonly engineBalancer: ISecurityGroup;
  };
}

/** One side of a release each, and the ports that lead to them. */
export interface ServicePorts {
  /** The live port; the test port is {@link testPortOf} it. */
  readonly port: number;
  readonly listener: ApplicationListener;
  readonly testListener: ApplicationListener;
  readonly blue: ApplicationTargetGroup;
  readonly green: ApplicationTargetGroup;
}

export interface EnginePorts {
  readonly loadBalancer: NetworkLoadBalancer;
  readonly listener: NetworkListener;
  readonly testListener: NetworkListener;
  readonly blue: NetworkTargetGroup;
  readonly green: NetworkTargetGroup;
}

/**
 * The load balancers, apart from the services behind them. Releases move each port from blue to green and back, so this
 * stack must hardly ever be deployed anew: it changes only when a service with routes comes or goes.
 */
export class BalancingStack extends Stack {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly engine: EnginePorts;
  readonly #services = new Map<string, ServicePorts>();
  readonly #props: BalancingStackProps;

  constructor(scope: Construct, id: string, props: BalancingStackProps) {
    super(scope, id, props);
    this.#props = props;
    const logs = this.#accessLogs();
    this.loadBalancer = this.#applicationLoadBalancer(logs);
    for (const [name, { routes, port }] of Object.entries(props.table)) {
      if (!routes) continue;
      assert(port !== undefined, `${name} has routes, so it needs a port`);
      this.#services.set(name, this.#ports(name, port));
    }
    this.engine = this.#engine(logs);
  }

  /** The ports of a service that has routes. */
  service(name: string): ServicePorts {
    const ports = this.#services.get(name);
    assert(ports, `${name} has no routes, so no port`);
    return ports;
  }

  #applicationLoadBalancer(logs: Bucket): ApplicationLoadBalancer {
    const { environment, vpc, securityGroups } = this.#props;
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      loadBalancerName: `${prefixOf(environment)}-api`,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing: false,
      securityGroup: securityGroups.alb,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.STRICTEST,
      deletionProtection: environment.keepsData,
    });
    loadBalancer.logAccessLogs(logs, 'api');
    acknowledge(
      loadBalancer,
      'The firewalls stand before it, at CloudFront and at the API; nothing else reaches it.',
      'NIST.800.53.R5-ALBWAFEnabled',
    );
    this.#mayBeDeleted(loadBalancer);
    return loadBalancer;
  }

  #ports(name: string, port: number): ServicePorts {
    const blue = this.#targets(`${name}-blue`);
    const green = this.#targets(`${name}-green`);
    return {
      port,
      blue,
      green,
      listener: this.#listener(`${name}-live`, port, blue),
      // Nobody is there until a release comes. ECS deploys only where each side has a port that leads to it.
      testListener: this.#listener(`${name}-test`, testPortOf(port), green),
    };
  }

  /** Plain HTTP: TLS ends at the edge, and the way from there stays inside the VPC. */
  #listener(id: string, port: number, targets: ApplicationTargetGroup): ApplicationListener {
    const listener = new ApplicationListener(this, id, {
      loadBalancer: this.loadBalancer,
      port,
      protocol: ApplicationProtocol.HTTP,
      open: false, // the network stack says who may connect
      defaultAction: ListenerAction.forward([targets]),
    });
    acknowledge(
      listener,
      'TLS ends at CloudFront and API Gateway; the way from there to the tasks stays inside the VPC.',
      'NIST.800.53.R5-ALBHttpToHttpsRedirection',
      'NIST.800.53.R5-ELBv2ACMCertificateRequired',
      'cdk-validator-cfnguard::alb_http_to_https_redirection_check',
    );
    return listener;
  }

  #targets(id: string): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, id, {
      vpc: this.#props.vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: containerPort,
      deregistrationDelay: drainTime,
      healthCheck,
    });
  }

  /** TCP: the engine's clients keep a connection, and the balancer only decides where new ones go. */
  #engine(logs: Bucket): EnginePorts {
    const { environment, vpc, securityGroups } = this.#props;
    const loadBalancer = new NetworkLoadBalancer(this, 'EngineLoadBalancer', {
      loadBalancerName: `${prefixOf(environment)}-engine`,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      internetFacing: false,
      securityGroups: [securityGroups.engineBalancer],
      crossZoneEnabled: true,
      deletionProtection: environment.keepsData,
    });
    // It logs TLS connections only, of which it has none; should a listener become one, it is logged at once.
    loadBalancer.logAccessLogs(logs, 'engine');
    this.#mayBeDeleted(loadBalancer);
    const blue = this.#engineTargets('engine-blue');
    const green = this.#engineTargets('engine-green');
    const listener = (id: string, port: number, targets: NetworkTargetGroup) => {
      const made = new NetworkListener(this, id, {
        loadBalancer,
        port,
        protocol: Protocol.TCP,
        defaultAction: NetworkListenerAction.forward([targets]),
      });
      acknowledge(
        made,
        'Only services inside the VPC reach the engine, past this balancer too.',
        'NIST.800.53.R5-ELBv2ACMCertificateRequired',
      );
      return made;
    };
    return {
      loadBalancer,
      blue,
      green,
      listener: listener('engine-live', enginePort, blue),
      testListener: listener('engine-test', testPortOf(enginePort), green),
    };
  }

  #engineTargets(id: string): NetworkTargetGroup {
    return new NetworkTargetGroup(this, id, {
      vpc: this.#props.vpc,
      targetType: TargetType.IP,
      protocol: Protocol.TCP,
      port: containerPort,
      // The tasks see the balancer, which its security group lets in; who is behind it, the hello says.
      preserveClientIp: false,
      deregistrationDelay: drainTime,
      healthCheck: { ...healthCheck, protocol: Protocol.HTTP },
    });
  }

  /** Load balancers write their logs to buckets that S3 itself encrypts only. */
  #accessLogs(): Bucket {
    const logs = new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          expiration: Duration.days(this.#props.environment.logRetentionDays),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
    });
    acknowledge(
      logs,
      'Load balancers write their logs to buckets that S3 itself encrypts only.',
      'NIST.800.53.R5-S3DefaultEncryptionKMS',
      'cdk-validator-cfnguard::s3_bucket_default_encryption_kms_check',
    );
    acknowledge(
      logs,
      'It holds logs itself: of them no log, no copy, no lock and no events are needed.',
      'AwsSolutions-S1',
      'NIST.800.53.R5-S3BucketLoggingEnabled',
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      'cdk-validator-cfnguard::s3_bucket_logging_enabled_check',
    );
    return logs;
  }

  /** What keeps no data may be deleted with its stack. */
  #mayBeDeleted(loadBalancer: IConstruct): void {
    if (this.#props.environment.keepsData) return;
    acknowledge(
      loadBalancer,
      'This environment keeps no data: it may be deleted whole.',
      'NIST.800.53.R5-ELBDeletionProtectionEnabled',
      'cdk-validator-cfnguard::elbv2_deletion_protection_enabled_check',
    );
  }
}

/** Requests under way get as long; a service cuts them after five seconds itself. */
const drainTime = Duration.seconds(30);

const healthCheck: HealthCheck = {
  path: healthPath,
  interval: Duration.seconds(10),
  timeout: Duration.seconds(5),
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 3,
};
