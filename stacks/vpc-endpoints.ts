import { Stack } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  Port,
  SecurityGroup,
  SubnetType,
  type Vpc,
  type VpcEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * The ways from the VPC to AWS that pass neither NAT nor internet, and let through this account's own principals and
 * stores alone: a stolen key of another account, brought inside, carries nothing out.
 *
 * One with addresses costs about as much as a small task in each zone, so there is one for what every task does, in
 * every environment. What is rare, such as mail and the answer to CodeDeploy, goes through the NAT; metrics are log lines.
 */
export class VpcEndpoints extends Construct {
  readonly #vpc: Vpc;
  readonly #securityGroup: SecurityGroup;

  /** `callers` may use the endpoints that have addresses; the others are for all of the VPC. */
  constructor(scope: Construct, id: string, vpc: Vpc, callers: readonly ISecurityGroup[]) {
    super(scope, id);
    this.#vpc = vpc;
    this.#securityGroup = this.#group(callers);
    this.#s3();
    this.#dynamoDb();
    this.#images();
    this.#logs();
    this.#secrets();
    this.#events();
    this.#traces();
  }

  /** Gateway endpoints cost nothing and keep image layers and table traffic off the NAT, which bills by the byte. */
  #s3(): void {
    const s3 = this.#vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    const { account, region } = Stack.of(this);
    s3.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: ['*'],
        // Names of buckets do not tell whose they are.
        conditions: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
      }),
    );
    // ECR keeps layers in a bucket of its own, and hands out links that it signed itself.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
    s3.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: [`arn:aws:s3:::prod-${region}-starport-layer-bucket/*`],
      }),
    );
  }

  #dynamoDb(): void {
    const service = GatewayVpcEndpointAwsService.DYNAMODB;
    const dynamoDb = this.#vpc.addGatewayEndpoint('DynamoDb', { service });
    this.#allow(
      dynamoDb,
      [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:ConditionCheckItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
      ],
      [this.#arn('dynamodb', 'table/*')],
    );
  }

  /** From any registry: the pipeline's account has the images, and AWS the agent that GuardDuty adds. */
  #images(): void {
    for (const [id, service] of [
      ['EcrApi', InterfaceVpcEndpointAwsService.ECR],
      ['EcrDocker', InterfaceVpcEndpointAwsService.ECR_DOCKER],
    ] as const)
      this.#interface(
        id,
        service,
        [
          'ecr:GetAuthorizationToken',
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:GetDownloadUrlForLayer',
        ],
        ['*'],
      );
  }

  #logs(): void {
    this.#interface(
      'Logs',
      InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      [this.#arn('logs', 'log-group:*')],
    );
  }

  /** Reading them, and what a rotation does. */
  #secrets(): void {
    const service = InterfaceVpcEndpointAwsService.SECRETS_MANAGER;
    const secrets = this.#interface(
      'Secrets',
      service,
      [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      [this.#arn('secretsmanager', 'secret:*')],
    );
    this.#allow(secrets, ['secretsmanager:GetRandomPassword'], ['*']);
  }

  #events(): void {
    this.#interface(
      'Kinesis',
      InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
      ['kinesis:DescribeStreamSummary', 'kinesis:ListShards', 'kinesis:PutRecord', 'kinesis:PutRecords'],
      [this.#arn('kinesis', 'stream/*')],
    );
  }

  #traces(): void {
    this.#interface(
      'XRay',
      InterfaceVpcEndpointAwsService.XRAY,
      [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      ['*'],
    );
  }

  #interface(id: string, service: InterfaceVpcEndpointAwsService, actions: string[], resources: string[]) {
    const endpoint = this.#vpc.addInterfaceEndpoint(id, {
      service,
      subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [this.#securityGroup],
      open: false, // the callers' groups may connect, rather than all of the VPC
    });
    this.#allow(endpoint, actions, resources);
    return endpoint;
  }

  #allow(
    endpoint: VpcEndpoint & { addToPolicy(statement: PolicyStatement): void },
    actions: string[],
    resources: string[],
  ): void {
    endpoint.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions,
        resources,
        conditions: { StringEquals: { 'aws:PrincipalAccount': Stack.of(this).account } },
      }),
    );
  }

  #group(callers: readonly ISecurityGroup[]): SecurityGroup {
    const group = new SecurityGroup(this, 'Group', {
      vpc: this.#vpc,
      description: 'Endpoints of AWS',
      allowAllOutbound: false,
    });
    for (const caller of callers) group.addIngressRule(caller, Port.tcp(443), 'From inside the VPC');
    return group;
  }

  #arn(service: string, resource: string): string {
    const { region, account } = Stack.of(this);
    return `arn:aws:${service}:${region}:${account}:${resource}`;
  }
}
