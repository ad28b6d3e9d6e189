import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { EnvironmentOf } from '#platform/env.ts';
import type { config } from '#services/authorizer/config.ts';
import { acknowledge } from './acknowledge.ts';
import { AuthorizerCheck } from './authorizer-check.ts';
import { type Bundle, bundledCode } from './bundle.ts';
import { keySetUrl } from './key-set-url.ts';

export const authorizerBundle: Bundle = { entry: 'services/authorizer/main.ts' };

export interface AuthorizerFunctionProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly loadBalancer: IApplicationLoadBalancer;
}

/** The function that reads access tokens for API Gateway. It runs in the VPC, where the keys of accounts are served. */
export class AuthorizerFunction extends Construct {
  /** What API Gateway calls; a release moves it to the new version step by step. */
  readonly alias: Alias;
  readonly #props: AuthorizerFunctionProps;

  constructor(scope: Construct, id: string, props: AuthorizerFunctionProps) {
    super(scope, id);
    this.#props = props;
    const lambda = this.#function();
    this.alias = new Alias(this, 'Live', { aliasName: 'live', version: lambda.currentVersion });
    this.#release(lambda.currentVersion);
    this.#acknowledge(lambda);
  }

  #function(): LambdaFunction {
    const { environment, vpc, securityGroup } = this.#props;
    const functionName = `${prefixOf(environment)}-authorizer`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    return new LambdaFunction(this, 'Function', {
      functionName,
      role: this.#role(logGroup),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(authorizerBundle),
      // Memory buys processor time here: a signature takes a fraction of a millisecond, a cold start half a second.
      memorySize: 512,
      timeout: Duration.seconds(5),
      environment: { ...this.#variables() },
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      tracing: Tracing.ACTIVE,
      logGroup,
    });
  }

  /** To write its log, to stand in the VPC, and to be traced: the managed policies for it reach every log. */
  #role(logGroup: LogGroup): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: networkActions, resources: ['*'] }));
    acknowledge(
      role,
      'Lambda makes the network interfaces, whose names nobody knows before; X-Ray knows no resources.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    return role;
  }

  #variables(): EnvironmentOf<typeof config> {
    const { environment, loadBalancer } = this.#props;
    return { JWKS_URL: keySetUrl(loadBalancer), TOKEN_ISSUER: `https://${environment.domain}` };
  }

  /** A new version is looked at, then gets a tenth of the requests; all go back when it fails. */
  #release(version: IVersion): void {
    const { environment } = this.#props;
    const check = new AuthorizerCheck(this, 'Check', { environment, version }).function;
    // Else the hook could ask the version before.
    this.alias.node.addDependency(check);
    const failures = new Alarm(this, 'Failures', {
      alarmName: `${prefixOf(environment)}-authorizer-release-FunctionErrors`,
      alarmDescription:
        'The authorizer failed. A release of it under way is rolled back. docs/runbook.md#functionerrors',
      metric: this.alias.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(1) }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Nobody asks a function that nobody uses.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const group = new LambdaDeploymentGroup(this, 'Release', {
      alias: this.alias,
      preHook: check,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [failures],
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    });
    acknowledge(
      group,
      'CodeDeploy must start versions and alarms it is told of later; AWS keeps the list of what that takes.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    );
    acknowledge(
      group,
      'The hook, and its versions, of which it calls none.',
      'AwsSolutions-IAM5[Resource::<AuthorizerCheckFunction02C1C319.Arn>:*]',
    );
    acknowledge(
      failures,
      'Its action is the rollback, which CodeDeploy takes by reading it; people are told by another alarm.',
      'NIST.800.53.R5-CloudWatchAlarmAction',
      'cdk-validator-cfnguard::cloudwatch_alarm_action_check',
    );
  }

  #acknowledge(lambda: LambdaFunction): void {
    acknowledge(
      lambda,
      'It is inside; the check does not follow a reference to another stack.',
      'cdk-validator-cfnguard::lambda_inside_vpc_check',
    );
    acknowledge(
      lambda,
      'API Gateway waits for the answer: a request that fails is told so, and nothing is left to do.',
      'NIST.800.53.R5-LambdaDLQ',
    );
    acknowledge(
      lambda,
      'The API limits requests. A share of the account would be refused where the account has few.',
      'NIST.800.53.R5-LambdaConcurrency',
    );
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const networkActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
