import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { bundledCode } from '#stacks/bundle.ts';
import { deliveryNamespace } from './delivery-metrics/metric-line.ts';

export interface DeliveryMetricsProps {
  readonly pipeline: IPipeline;
  readonly pipelineName: string;
  /** The stages that are environments, in the order of promotion. */
  readonly environments: readonly string[];
  readonly logKey: IKey;
}

/** How often, how fast, how safely this team delivers: deployments, lead time, failures and time to restore. */
export class DeliveryMetrics extends Construct {
  constructor(scope: Construct, id: string, props: DeliveryMetricsProps) {
    super(scope, id);
    const handler = this.#handler(props);
    new Rule(this, 'Stages', {
      description: 'What becomes of each release in each environment',
      eventPattern: {
        source: ['aws.codepipeline'],
        detailType: ['CodePipeline Stage Execution State Change'],
        detail: {
          pipeline: [props.pipelineName],
          stage: [...props.environments],
          state: ['SUCCEEDED', 'FAILED'],
        },
      },
      targets: [new LambdaTarget(handler, { retryAttempts: 3 })],
    });
    this.#dashboard(props.environments);
  }

  #handler({ pipeline, pipelineName, environments, logKey }: DeliveryMetricsProps): LambdaFunction {
    const handler = new LambdaFunction(this, 'Handler', {
      code: bundledCode({
        entry: 'pipelines/delivery-metrics/handler.ts',
        constants: { ENVIRONMENTS: environments, PIPELINE: pipelineName, PREFIX: namePrefix },
      }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(30),
      logGroup: new LogGroup(this, 'Log', {
        encryptionKey: logKey,
        retention: RetentionDays.ONE_YEAR,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
    });
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['codepipeline:GetPipelineExecution'],
        resources: [pipeline.pipelineArn],
      }),
    );
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
        resources: environments.map((environment) =>
          Stack.of(this).formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: `${namePrefix}/delivery/${environment}/failing-since`,
          }),
        ),
      }),
    );
    return handler;
  }

  #dashboard(environments: readonly string[]): void {
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `${namePrefix}-delivery` });
    for (const environment of environments) {
      const metric = (metricName: string, statistic: string) =>
        new Metric({
          namespace: deliveryNamespace,
          metricName,
          statistic,
          dimensionsMap: { environment },
          period: Duration.days(7),
        });
      const failureRate = new MathExpression({
        label: 'Change failure rate, %',
        expression: '100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(deployed, 0))',
        usingMetrics: {
          failed: metric('FailedDeployments', Stats.SUM),
          deployed: metric('Deployments', Stats.SUM),
        },
        period: Duration.days(7),
      });
      dashboard.addWidgets(
        new SingleValueWidget({
          title: `${environment}: a week`,
          width: 12,
          metrics: [metric('Deployments', Stats.SUM), failureRate],
        }),
        new GraphWidget({
          title: `${environment}: from commit to here, and from failure to mended`,
          width: 12,
          left: [metric('LeadTime', Stats.p(50)), metric('TimeToRestore', Stats.p(50))],
        }),
      );
    }
  }
}
