import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';

const closed = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
} as const satisfies BucketProps;

const noncurrent = {
  noncurrentVersionExpiration: Duration.days(30),
  abortIncompleteMultipartUploadAfter: Duration.days(7),
};

/** Where a guard writes down what it saw, and for whom it is written: an audit years later. Who reads it is logged. */
export class AuditBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { keepsData, logRetentionDays }: Environment, key: IKey) {
    super(scope, id);
    const removalPolicy = keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const accesses = new Bucket(this, 'Accesses', {
      ...closed,
      encryption: BucketEncryption.S3_MANAGED, // S3 delivers logs to no other
      lifecycleRules: [{ ...noncurrent, expiration: Duration.days(logRetentionDays) }],
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      ...closed,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true, // one call to KMS for many objects
      serverAccessLogsBucket: accesses,
      lifecycleRules: [
        {
          ...noncurrent,
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
        },
      ],
      removalPolicy,
    });
    this.#acknowledge(accesses);
  }

  #acknowledge(accesses: Bucket): void {
    acknowledge(
      accesses,
      'S3 delivers its logs only to a bucket that it encrypts with a key of its own.',
      'NIST.800.53.R5-S3DefaultEncryptionKMS',
      'cdk-validator-cfnguard::s3_bucket_default_encryption_kms_check',
    );
    acknowledge(
      accesses,
      'Its own log would fill it.',
      'cdk-validator-cfnguard::s3_bucket_logging_enabled_check',
    );
    for (const bucket of [accesses, this.bucket]) {
      acknowledge(
        bucket,
        'What a region recorded is read where it is; both regions of an exchange record for themselves.',
        'NIST.800.53.R5-S3BucketReplicationEnabled',
      );
      acknowledge(
        bucket,
        'Config and S3 write to no bucket that locks by default; files of the trail are signed.',
        'cdk-validator-cfnguard::s3_bucket_object_lock_enabled_check',
      );
      acknowledge(
        bucket,
        'Nobody acts on a new file of records.',
        'cdk-validator-cfnguard::s3_event_notifications_enabled_check',
      );
    }
  }
}
