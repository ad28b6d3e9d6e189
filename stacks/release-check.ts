import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { EnvironmentOf } from '#platform/env.ts';
import type { Routes } from '#platform/routes.ts';
import type { config } from '#services/release-check/config.ts';
import { acknowledge } from './acknowledge.ts';
import type { BalancingStack } from './balancing-stack.ts';
import { deploymentGroupArn, releaseName } from './blue-green.ts';
import { bundledCode } from './bundle.ts';
import { enginePort, healthPath, type ServiceTable, testPortOf } from './services.ts';

export interface ReleaseCheckProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly balancing: BalancingStack;
  readonly table: ServiceTable;
}

/** The name by which a release's deployments call the hook. */
export const releaseCheckName = (environment: Environment) => `${prefixOf(environment)}-release-check`;

/** Looks at a release's tasks through the test ports, before anybody else reaches them; CodeDeploy or ECS asks it. */
export class ReleaseCheck extends Construct {
  readonly function: IFunction;
  readonly #props: ReleaseCheckProps;

  constructor(scope: Construct, id: string, props: ReleaseCheckProps) {
    super(scope, id);
    this.#props = props;
    this.function = this.#function();
  }

  #function(): LambdaFunction {
    const { environment, vpc, securityGroup } = this.#props;
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${releaseCheckName(environment)}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const check = new LambdaFunction(this, 'Function', {
      functionName: releaseCheckName(environment),
      code: bundledCode({ entry: 'services/release-check/main.ts' }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(5), // ten rounds of a dozen requests of two seconds, at the very worst
      environment: { ...this.#variables() },
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      role: this.#role(log),
      logGroup: log,
    });
    this.#acknowledge(check);
    return check;
  }

  #variables(): EnvironmentOf<typeof config> {
    const { balancing, environment, table } = this.#props;
    const releases = Object.entries(table).flatMap(([name, { engine, port: routed, routes }]) => {
      const { loadBalancer } = engine ? balancing.engine : balancing;
      const port = engine ? enginePort : routed;
      if (port === undefined) return [];
      const url = `http://${loadBalancer.loadBalancerDnsName}:${testPortOf(port)}`;
      return [[releaseName(environment, name), { url, health: healthPath, others: openPaths(routes) }]];
    });
    return { RELEASES: Stack.of(this).toJsonString(Object.fromEntries(releases)) };
  }

  /** Its own deployments, its own log, and the network interface that leads into the VPC. */
  #role(log: LogGroup): Role {
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources });
    const groups = this.#deploymentGroups();
    const statements = [
      ...(groups.length > 0
        ? [allow(['codedeploy:GetDeployment', 'codedeploy:PutLifecycleEventHookExecutionStatus'], groups)]
        : []),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]),
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
      allow(
        [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        ['*'],
      ),
    ];
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { check: new PolicyDocument({ statements }) },
    });
  }

  #deploymentGroups(): string[] {
    return Object.entries(this.#props.table)
      .filter(([, { deployment }]) => deployment === 'codedeploy')
      .map(([service]) => deploymentGroupArn(this, this.#props.environment, service));
  }

  #acknowledge(check: LambdaFunction): void {
    acknowledge(
      check.role!,
      'Lambda makes the network interface, and asks that the role may, for all of them.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    acknowledge(
      check,
      'It is called once for each deployment; one that it does not answer for is rolled back.',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
    );
    acknowledge(
      check,
      'It is in the VPC; the rule cannot see that.',
      'cdk-validator-cfnguard::lambda_inside_vpc_check',
    );
  }
}

/** What everybody may read, without anything in the path to be filled in. */
function openPaths(routes: Routes = {}): string[] {
  return Object.values(routes)
    .filter(({ method, path, security, upgrade }) => {
      return method === 'GET' && security === 'NONE' && !upgrade && !/[:*]/.test(path);
    })
    .map(({ path }) => path);
}
