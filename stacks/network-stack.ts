import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { FlowLogDestination, IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { SecurityGroups } from './security-groups.ts';
import { VpcEndpoints } from './vpc-endpoints.ts';

export interface NetworkStackProps extends StackProps {
  readonly environment: Environment;
}

/** The VPC over three zones, in three tiers, its ways to AWS, and the security groups of everything that runs in it. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly securityGroups: SecurityGroups;
  readonly #environment: Environment;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    this.#environment = props.environment;
    this.vpc = this.#vpc();
    this.#flowLog();
    this.securityGroups = new SecurityGroups(this, 'Groups', this.vpc, this.#environment.vpcCidr);
    const { ecs, engine, functions } = this.securityGroups;
    new VpcEndpoints(this, 'Endpoints', this.vpc, [ecs, engine, functions]);
  }

  /** The construct library asks AWS for the zones unless the stack knows them, and synthesis has no credentials. */
  override get availabilityZones(): string[] {
    return [...this.#environment.availabilityZones];
  }

  /**
   * Of the /16: 3 × /24 public for load balancers and NAT, 3 × /20 private for tasks (4,091 addresses each),
   * 3 × /22 isolated for stores. That is 3 × (256 + 4,096 + 1,024) = 16,128 of 65,536; the rest is for growth.
   */
  #vpc(): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: `${prefixOf(this.#environment)}-vpc`,
      ipAddresses: IpAddresses.cidr(this.#environment.vpcCidr),
      availabilityZones: this.availabilityZones,
      natGateways: this.#environment.natGateways,
      subnetConfiguration: [
        {
          name: 'private',
          subnetType: SubnetType.PRIVATE_WITH_EGRESS,
          cidrMask: 20,
        },
        {
          name: 'isolated',
          subnetType: SubnetType.PRIVATE_ISOLATED,
          cidrMask: 22,
        },
        {
          name: 'public',
          subnetType: SubnetType.PUBLIC,
          cidrMask: 24,
          mapPublicIpOnLaunch: false,
        },
      ],
    });
    acknowledge(
      vpc,
      'The environment names its zones, so that synthesis need not ask AWS for them.',
      'CloudFormation-Validate::W3010',
    );
    acknowledge(
      vpc,
      'Public subnets hold the NAT gateways and nothing else: their way out is what they are for.',
      'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW',
    );
    acknowledge(
      this.node.findChild('Custom::VpcRestrictDefaultSGCustomResourceProvider'),
      'It empties the default group of the VPC, by calls to AWS alone, and reaches nothing inside.',
      'cdk-validator-cfnguard::lambda_inside_vpc_check',
    );
    return vpc;
  }

  #flowLog(): void {
    const logGroup = new LogGroup(this, 'FlowLogGroup', {
      retention: this.#environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.vpc.addFlowLog('FlowLog', { destination: FlowLogDestination.toCloudWatchLogs(logGroup) });
  }
}
