import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Trail } from 'aws-cdk-lib/aws-cloudtrail';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { AuditBucket } from './audit-bucket.ts';
import { letLogsUse, recordKey } from './record-key.ts';

/** Every call to AWS in the account, in all regions: in a bucket for audits, signed, and in a log for questions of today. */
export class AuditTrail extends Construct {
  readonly #environment: Environment;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.#environment = environment;
    const trailName = `${prefixOf(environment)}-trail`;
    const arn = Stack.of(this).formatArn({
      service: 'cloudtrail',
      resource: 'trail',
      resourceName: trailName,
    });
    const encryptionKey = this.#key(trailName, arn);
    const { bucket } = new AuditBucket(this, 'Records', environment, encryptionKey);
    bucket.addToResourcePolicy(noOtherTrail(arn, bucket));
    new Trail(this, 'Trail', {
      trailName,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableFileValidation: true,
      encryptionKey,
      bucket,
      sendToCloudWatchLogs: true,
      cloudWatchLogGroup: new LogGroup(this, 'Log', {
        encryptionKey,
        retention: environment.logRetentionDays,
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      }),
    });
  }

  /** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
  #key(trailName: string, arn: string): Key {
    const key = recordKey(this, 'Key', {
      name: trailName,
      description: `What the trail of ${prefixOf(this.#environment)} records`,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
        actions: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'], // in a key's own policy: this key
        conditions: { StringEquals: { 'aws:SourceArn': arn } },
      }),
    );
    letLogsUse(key);
    return key;
  }
}

/** The library lets CloudTrail write, whoever asks it to; another account's trail must not fill this bucket. */
function noOtherTrail(arn: string, bucket: Bucket): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
    actions: ['s3:GetBucketAcl', 's3:PutObject'],
    resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    conditions: { StringNotEquals: { 'aws:SourceArn': arn } },
  });
}
