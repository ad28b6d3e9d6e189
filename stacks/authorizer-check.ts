import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IVersion, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { EnvironmentOf } from '#platform/env.ts';
import type { authorizerConfig } from '#services/release-check/config.ts';
import { acknowledge } from './acknowledge.ts';
import { type Bundle, bundledCode } from './bundle.ts';

export const authorizerCheckBundle: Bundle = { entry: 'services/release-check/authorizer-main.ts' };

export interface AuthorizerCheckProps {
  readonly environment: Environment;
  /** The newest. */
  readonly version: IVersion;
}

/** Asks a new version of the authorizer what it must deny, before any request goes to it; CodeDeploy calls it. */
export class AuthorizerCheck extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, { environment, version }: AuthorizerCheckProps) {
    super(scope, id);
    const functionName = `${prefixOf(environment)}-authorizer-check`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const variables: EnvironmentOf<typeof authorizerConfig> = { NEW_VERSION: version.functionArn };
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      code: bundledCode(authorizerCheckBundle),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(1), // three calls of at most five seconds, each of which may start cold
      environment: { ...variables },
      role: this.#role(version, logGroup),
      logGroup,
    });
    this.#acknowledge();
  }

  /** The deployment group gives it the right to answer. */
  #role(version: IVersion, logGroup: LogGroup): Role {
    const allow = (action: string[], resource: string) =>
      new PolicyStatement({ actions: action, resources: [resource] });
    const statements = [
      allow(['lambda:InvokeFunction'], version.functionArn),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
    ];
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { check: new PolicyDocument({ statements }) },
    });
  }

  #acknowledge(): void {
    acknowledge(
      this.function,
      'It is called once for each deployment; one that it does not answer for is rolled back.',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
    );
    acknowledge(
      this.function,
      'It calls Lambda and CodeDeploy alone, and reaches nothing inside the VPC.',
      'NIST.800.53.R5-LambdaInsideVPC',
      'cdk-validator-cfnguard::lambda_inside_vpc_check',
    );
  }
}
