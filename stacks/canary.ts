import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  Runtime,
  RuntimeFamily,
  Schedule,
  Canary as SyntheticsCanary,
  Test,
} from 'aws-cdk-lib/aws-synthetics';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { EnvironmentOf } from '#platform/env.ts';
import type { config } from '#services/canary/config.ts';
import { type Alarms, minute } from './alarms.ts';
import { type Bundle, bundledCode } from './bundle.ts';

/** One file, where Synthetics looks for it. Lambda has the AWS SDK already. */
export const canaryBundle: Bundle = {
  entry: 'services/canary/main.ts',
  file: 'nodejs/node_modules/canary.js',
  target: 'node22',
  external: ['@aws-sdk/*'],
};
/** Node 22 and no browser. The library's own newest constant is 3.1, on a Node that Lambda no longer takes. */
const runtime = new Runtime('syn-nodejs-4.1', RuntimeFamily.NODEJS);
/** What a failed run leaves for people to look at. */
const artifactDays = 30;

/** A synthetic trader that places and cancels an order every minute, from outside, like every trader. */
export class Canary extends Construct {
  readonly #environment: Environment;
  readonly #canary: SyntheticsCanary;

  constructor(scope: Construct, id: string, environment: Environment, key: Key) {
    super(scope, id);
    this.#environment = environment;
    const artifacts = this.#artifacts(key);
    const secretName = `${namePrefix}/${environment.name}/canary-key`;
    const role = this.#role(artifacts, key, secretName);
    this.#canary = this.#run(artifacts, role, {
      EXCHANGE_URL: `https://${environment.domain}`,
      KEY_SECRET: secretName,
    });
  }

  /** Per cent of the runs that went well. */
  successPercent(): Metric {
    return this.#canary.metricSuccessPercent({ statistic: Stats.AVERAGE, period: minute });
  }

  watch(alarms: Alarms): void {
    alarms.watch('CanaryFailed', {
      metric: this.successPercent(),
      below: 100,
      periods: 3,
      silence: 'ill',
      means: 'From outside, an order could not be placed and cancelled in time for three minutes.',
    });
  }

  #run(bucket: Bucket, role: Role, variables: EnvironmentOf<typeof config>): SyntheticsCanary {
    return new SyntheticsCanary(this, 'Trader', {
      canaryName: `${prefixOf(this.#environment)}-trader`,
      runtime,
      test: Test.custom({ handler: 'canary.handler', code: bundledCode(canaryBundle) }),
      schedule: Schedule.rate(minute),
      timeout: Duration.seconds(50), // before the next one begins
      role,
      artifactsBucketLocation: { bucket },
      environmentVariables: { ...variables },
      successRetentionPeriod: Duration.days(artifactDays),
      failureRetentionPeriod: Duration.days(artifactDays),
      provisionedResourceCleanup: true,
    });
  }

  #artifacts(encryptionKey: Key): Bucket {
    const bucket = new Bucket(this, 'Artifacts', {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { expiration: Duration.days(artifactDays), noncurrentVersionExpiration: Duration.days(1) },
      ],
      removalPolicy: this.#environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const nothingOfValue =
      'Logs of runs, gone after a month: nobody must prove who read them, or needs them twice.';
    for (const id of [
      'AwsSolutions-S1',
      'NIST.800.53.R5-S3BucketLoggingEnabled',
      'NIST.800.53.R5-S3BucketReplicationEnabled',
      'cdk-validator-cfnguard::s3_bucket_logging_enabled_check',
      'cdk-validator-cfnguard::s3_bucket_object_lock_enabled_check',
      'cdk-validator-cfnguard::s3_event_notifications_enabled_check',
    ])
      Validations.of(bucket).acknowledge({ id, reason: nothingOfValue });
    return bucket;
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_CanaryPermissions.html */
  #role(artifacts: Bucket, key: Key, secretName: string): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    Secret.fromSecretNameV2(this, 'ApiKey', secretName).grantRead(role);
    const grant = (actions: string[], resources: string[], conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    grant(['s3:PutObject'], [artifacts.arnForObjects('*')]);
    grant(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    grant(['s3:GetBucketLocation'], [artifacts.bucketArn]);
    grant(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], [this.#logGroups()]);
    grant(['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': 'CloudWatchSynthetics' },
    });
    this.#explain(role, artifacts);
    return role;
  }

  #explain(role: Role, artifacts: Bucket): void {
    const bucket = Stack.of(this).getLogicalId(artifacts.node.defaultChild as CfnBucket);
    const reasons = {
      [`<${bucket}.Arn>/*`]: 'Synthetics names what it puts into this bucket of its own.',
      [this.#logGroups()]:
        'Synthetics ends the name of its function, and of the log, with a number of its own.',
      '*': 'PutMetricData knows no resources; the condition allows the namespace of Synthetics alone.',
    };
    for (const [resource, reason] of Object.entries(reasons))
      Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }

  /** Synthetics names the function itself, and its log group after it. */
  #logGroups(): string {
    return Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `/aws/lambda/cwsyn-${prefixOf(this.#environment)}-trader-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
