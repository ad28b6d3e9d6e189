import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';

/** The name is the world's, hence account and region; the release role knows it before the bucket is there. */
export function webBucketName(environment: Environment): string {
  return `${prefixOf(environment)}-web-${environment.account}-${environment.region}`;
}

/** The pages, which CloudFront alone reads, and who asked for them. */
export class WebBucket extends Construct {
  readonly files: IBucket;
  /** Of the bucket, and of CloudFront, which writes its own there. */
  readonly accessLogs: IBucket;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const removalPolicy = environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...closed,
      // CloudFront hands its logs over by an access control list, which the bucket must know of.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ ...tidying, expiration: Duration.days(environment.logRetentionDays) }],
      removalPolicy,
    });
    const files = new Bucket(this, 'Files', {
      ...closed,
      bucketName: webBucketName(environment),
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'web/',
      lifecycleRules: [tidying, superseded],
      // They come from the repository, and are put there again by the next release.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.files = files;
    this.accessLogs = accessLogs;
    explain(accessLogs, files);
  }
}

const closed = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
} as const satisfies BucketProps;

/** What was overwritten can be had back for a month; what was not finished goes. */
const tidying = {
  noncurrentVersionExpiration: Duration.days(30),
  abortIncompleteMultipartUploadAfter: Duration.days(7),
};

/**
 * A release marks the files that its page no longer names; until then whoever has the page before open may still ask for
 * them, and the page before can be put back.
 */
const superseded = { tagFilters: { superseded: 'true' }, expiration: Duration.days(30) };

function explain(accessLogs: Bucket, files: Bucket): void {
  const encryption = [
    'NIST.800.53.R5-S3DefaultEncryptionKMS',
    'cdk-validator-cfnguard::s3_bucket_default_encryption_kms_check',
  ];
  const replication = 'NIST.800.53.R5-S3BucketReplicationEnabled';
  acknowledge(
    accessLogs,
    'S3 delivers its logs only to a bucket that it encrypts with a key of its own.',
    ...encryption,
  );
  acknowledge(
    accessLogs,
    'Its own log would fill it.',
    'cdk-validator-cfnguard::s3_bucket_logging_enabled_check',
  );
  acknowledge(accessLogs, 'Logs stay where the access was.', replication);
  acknowledge(files, 'Everyone may read these files, from CloudFront.', ...encryption);
  acknowledge(files, 'The same release is put into both regions.', replication);
}
