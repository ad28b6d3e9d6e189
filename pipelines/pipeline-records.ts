/** What the pipeline writes down, and for whom: its artifacts, the logs of its builds, and its notices. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { namePrefix } from '#environments/delivery.ts';
import { letLogsUse, recordKey } from '#stacks/record-key.ts';

/** Longer than any release waits for an approval, and long enough to look at one that went wrong. */
const artifactsKept = Duration.days(90);

export class PipelineRecords extends Construct {
  /** Under a key of its own, which the environments' accounts may use. */
  readonly artifacts: Bucket;
  /** Of every build, a year long: what was deployed, and why not. */
  readonly log: LogGroup;
  readonly logKey: Key;
  /** Tells the approvers of releases that wait for them, and of environments that somebody changed by hand. */
  readonly approvals: Topic;

  constructor(scope: Construct, id: string, approverEmails: readonly string[]) {
    super(scope, id);
    this.artifacts = this.#artifacts();
    this.logKey = this.#logKey();
    this.log = new LogGroup(this, 'Log', {
      logGroupName: `/${namePrefix}/pipeline`,
      encryptionKey: this.logKey,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.approvals = this.#approvals(approverEmails);
  }

  #artifacts(): Bucket {
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    return new Bucket(this, 'Artifacts', {
      ...common,
      encryption: BucketEncryption.KMS,
      encryptionKey: new Key(this, 'ArtifactsKey', {
        description: 'Artifacts of the pipeline',
        enableKeyRotation: true,
      }),
      bucketKeyEnabled: true,
      versioned: true,
      lifecycleRules: [{ expiration: artifactsKept, noncurrentVersionExpiration: Duration.days(7) }],
      serverAccessLogsBucket: new Bucket(this, 'ArtifactsAccess', {
        ...common,
        encryption: BucketEncryption.S3_MANAGED, // S3 delivers access logs to no other
        lifecycleRules: [{ expiration: artifactsKept }],
      }),
    });
  }

  #logKey(): Key {
    const key = recordKey(this, 'LogKey', {
      name: `${namePrefix}-pipeline-logs`,
      description: 'Logs of the pipeline',
      removalPolicy: RemovalPolicy.RETAIN,
    });
    letLogsUse(key);
    return key;
  }

  #approvals(addresses: readonly string[]): Topic {
    const key = new Key(this, 'ApprovalsKey', {
      description: 'Notices of the pipeline',
      enableKeyRotation: true,
    });
    // https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('codestar-notifications.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    const topic = new Topic(this, 'Approvals', {
      displayName: 'Releases that wait for an approval',
      enforceSSL: true,
      masterKey: key,
    });
    for (const address of addresses) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }
}
