import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { bundledCode } from './bundle.ts';

export interface StreamFunctionProps {
  readonly environment: Environment;
  /** Its own, after the environment's prefix. */
  readonly name: string;
  /** The program, from the root of the repository. */
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
  /** What it may do besides writing its log. */
  readonly may: readonly PolicyStatement[];
  readonly memoryMiB: number;
  readonly timeout: Duration;
}

/** A function that AWS gives records of the stream of events, outside the VPC: all it needs are AWS's own services. */
export class StreamFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: StreamFunctionProps) {
    super(scope, id);
    const { environment, name, entry, variables, memoryMiB, timeout } = props;
    const functionName = `${prefixOf(environment)}-${name}`;
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      role: this.#role(props, log),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode({ entry }),
      memorySize: memoryMiB,
      timeout,
      environment: variables,
      tracing: Tracing.DISABLED,
      logGroup: log,
    });
    this.#acknowledge();
  }

  /** In one piece with its policy: a mapping to the stream is refused while the role may not read it. */
  #role({ may }: StreamFunctionProps, log: LogGroup): Role {
    const write = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [log.logGroupArn],
    });
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { work: new PolicyDocument({ statements: [write, ...may] }) },
    });
  }

  #acknowledge(): void {
    acknowledge(
      this.function,
      'It calls services of AWS alone, each with a right of its own; the VPC has nothing for it.',
      'NIST.800.53.R5-LambdaInsideVPC',
      'cdk-validator-cfnguard::lambda_inside_vpc_check',
    );
    acknowledge(
      this.function,
      'The shards of the stream limit it. What it gives up on goes where the caller says.',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
    );
  }
}
