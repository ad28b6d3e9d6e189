import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import type { BalancingStack } from './balancing-stack.ts';
import { bundledCode } from './bundle.ts';
import { enginePort, services, testPortOf } from './services.ts';

export interface ReleaseCheckProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly balancing: BalancingStack;
}

/** The name by which a release's deployments call the hook. */
export const releaseCheckName = (environment: Environment) => `${prefixOf(environment)}-release-check`;

/** Looks at a release's tasks through the test ports, before anybody else reaches them; CodeDeploy asks it. */
export class ReleaseCheck extends Construct {
  constructor(scope: Construct, id: string, props: ReleaseCheckProps) {
    super(scope, id);
    const { environment, vpc, securityGroup } = props;
    const check = new LambdaFunction(this, 'Function', {
      functionName: releaseCheckName(environment),
      code: bundledCode({ entry: 'services/release-check/main.ts' }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // 20 requests of two seconds at most, and pauses.
      timeout: Duration.seconds(60),
      environment: { TEST_URLS: Stack.of(this).toJsonString(testUrls(props)) },
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      logGroup: new LogGroup(this, 'Log', {
        retention: environment.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    acknowledgeFunction(check);
    check.addToRolePolicy(
      new PolicyStatement({
        actions: ['codedeploy:GetDeployment', 'codedeploy:PutLifecycleEventHookExecutionStatus'],
        resources: Object.keys(services).map((service) =>
          Stack.of(this).formatArn({
            service: 'codedeploy',
            resource: 'deploymentgroup',
            resourceName: `${prefixOf(environment)}-${service}/${prefixOf(environment)}-${service}`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ),
      }),
    );
  }
}

function acknowledgeFunction(check: LambdaFunction): void {
  const aws = 'AWS keeps what a function needs to write its log and to be in a VPC in these policies.';
  for (const policy of ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole'])
    acknowledge(
      check.role!,
      aws,
      `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`,
    );
  acknowledge(
    check,
    'CodeDeploy calls it once for each deployment, and takes no answer for a no.',
    'NIST.800.53.R5-LambdaConcurrency',
    'NIST.800.53.R5-LambdaDLQ',
  );
  acknowledge(
    check,
    'It is in the VPC; the rule cannot see that.',
    'cdk-validator-cfnguard::lambda_inside_vpc_check',
  );
}

function testUrls({ balancing }: ReleaseCheckProps): Record<string, string> {
  const { loadBalancer, engine } = balancing;
  const routed = Object.entries(services).flatMap(([name, { port }]) =>
    port === undefined
      ? []
      : [[name, `http://${loadBalancer.loadBalancerDnsName}:${testPortOf(port)}`] as const],
  );
  return {
    ...Object.fromEntries(routed),
    engine: `http://${engine.loadBalancer.loadBalancerDnsName}:${testPortOf(enginePort)}`,
  };
}
