import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  type LifecycleRule,
  type ReplicationRule,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { eventsFolder, queriesFolder } from './market-data-archive.ts';

/** What an environment keeps in S3: the engine's snapshots and old journal, and the archive of market data. */
export interface Stores {
  readonly blobs: IBucket;
  readonly archive: IBucket;
}

/** Where S3 copies a primary's buckets to, and the key that encrypts them there. */
export interface Replicas extends Stores {
  readonly standby: Environment;
  readonly key: IKey;
}

export interface BucketsProps {
  readonly environment: Environment;
  readonly key: IKey;
  readonly replicas?: Replicas;
}

/**
 * The name of an environment's bucket, known to other stages and stacks: a standby's is made by its primary's stage,
 * since S3 copies only to what exists. Names of buckets are the world's, hence account and region.
 */
export function bucketNameOf(environment: Environment, store: keyof Stores): string {
  return `${prefixOf(environment)}-${store}-${environment.account}-${environment.region}`;
}

/** A standby's buckets, made before by its primary's stage, whose key lets in whom S3 lets in. */
export function importedBuckets(scope: Construct, standby: Environment): Stores {
  const imported = (id: string, store: keyof Stores) =>
    Bucket.fromBucketName(scope, id, bucketNameOf(standby, store));
  return { blobs: imported('Blobs', 'blobs'), archive: imported('Archive', 'archive') };
}

/** Buckets of one region: encrypted, versioned, logged, closed to the public and to plain HTTP. */
export class Buckets extends Construct implements Stores {
  readonly blobs: Bucket;
  readonly archive: Bucket;
  readonly #props: BucketsProps;
  readonly #accessLogs: Bucket;

  constructor(scope: Construct, id: string, props: BucketsProps) {
    super(scope, id);
    this.#props = props;
    this.#accessLogs = this.#logBucket();
    const role = props.replicas && this.#replicationRole();
    this.blobs = this.#store('Blobs', 'blobs', blobsLifecycle, this.#replication(role, 'blobs'));
    this.archive = this.#store(
      'Archive',
      'archive',
      archiveLifecycle,
      this.#replication(role, 'archive', eventsFolder),
    );
    if (role && props.replicas) this.#letReplicate(role, props.replicas);
    this.#acknowledge();
  }

  #store(
    id: string,
    store: keyof Stores,
    lifecycleRules: LifecycleRule[],
    replication: Partial<BucketProps>,
  ) {
    const { environment, key } = this.#props;
    return new Bucket(this, id, {
      ...closed,
      bucketName: bucketNameOf(environment, store),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true, // one call to KMS for many objects
      serverAccessLogsBucket: this.#accessLogs,
      serverAccessLogsPrefix: `${store}/`,
      lifecycleRules: [...tidying, ...lifecycleRules],
      removalPolicy: this.#removalPolicy(),
      ...replication,
    });
  }

  #logBucket(): Bucket {
    const { environment } = this.#props;
    return new Bucket(this, 'AccessLogs', {
      ...closed,
      encryption: BucketEncryption.S3_MANAGED, // S3 delivers logs to no other
      lifecycleRules: [...tidying, { expiration: Duration.days(environment.logRetentionDays) }],
      removalPolicy: this.#removalPolicy(),
    });
  }

  /** Copies keep up with deletions too; the versions before stay for as long as here. */
  #replication(role: Role | undefined, store: keyof Stores, prefix?: string): Partial<BucketProps> {
    const { replicas } = this.#props;
    if (!role || !replicas) return {};
    const rule: ReplicationRule = {
      destination: replicas[store],
      kmsKey: replicas.key,
      sseKmsEncryptedObjects: true,
      deleteMarkerReplication: true,
      filter: prefix ? { prefix } : undefined,
    };
    return { replicationRole: role, replicationRules: [rule] };
  }

  #replicationRole(): Role {
    return new Role(this, 'Replication', { assumedBy: new ServicePrincipal('s3.amazonaws.com') });
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html */
  #letReplicate(role: Role, { key, standby }: Replicas): void {
    for (const bucket of [this.blobs, this.archive]) this.#letRead(role, bucket);
    const copies = (['blobs', 'archive'] as const).map(
      (store) => `arn:aws:s3:::${bucketNameOf(standby, store)}/*`,
    );
    const policy = new Policy(this, 'Replicate', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
          resources: copies,
        }),
        new PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.#props.key.keyArn] }),
        new PolicyStatement({ actions: ['kms:Encrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
      ],
    });
    for (const resource of copies)
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'Every object is copied, and its copy has its name.',
      });
  }

  /** In the bucket's own policy, where all its objects can be named without naming others'. */
  #letRead(role: Role, bucket: Bucket): void {
    const allow = (actions: string[], resource: string) =>
      bucket.addToResourcePolicy(new PolicyStatement({ principals: [role], actions, resources: [resource] }));
    allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], bucket.bucketArn);
    allow(
      ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      bucket.arnForObjects('*'),
    );
  }

  #acknowledge(): void {
    const acknowledge = (bucket: Bucket, id: string, reason: string) =>
      Validations.of(bucket).acknowledge({ id, reason });
    const logs = this.#accessLogs;
    const own = 'S3 delivers its logs only to a bucket that it encrypts with a key of its own.';
    acknowledge(logs, 'NIST.800.53.R5-S3DefaultEncryptionKMS', own);
    acknowledge(logs, 'cdk-validator-cfnguard::s3_bucket_default_encryption_kms_check', own);
    acknowledge(
      logs,
      'cdk-validator-cfnguard::s3_bucket_logging_enabled_check',
      'Its own log would fill it.',
    );
    acknowledge(logs, 'NIST.800.53.R5-S3BucketReplicationEnabled', 'Logs stay where the access was.');
    if (this.#props.replicas) return;
    for (const bucket of [this.blobs, this.archive])
      acknowledge(
        bucket,
        'NIST.800.53.R5-S3BucketReplicationEnabled',
        'It is a copy itself, or its environment has no standby.',
      );
  }

  #removalPolicy(): RemovalPolicy {
    return this.#props.environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }
}

const closed = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
} as const satisfies BucketProps;

/** What was overwritten or deleted can be had back for a month; what was not finished goes. */
const tidying: LifecycleRule[] = [
  {
    noncurrentVersionExpiration: Duration.days(30),
    expiredObjectDeleteMarker: true,
    abortIncompleteMultipartUploadAfter: Duration.days(7),
  },
];

/** The engine removes old snapshots itself. Its journal is kept for good, and read only to settle a question. */
const blobsLifecycle: LifecycleRule[] = [
  {
    prefix: 'journal/',
    transitions: [
      { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
    ],
  },
];

const archiveLifecycle: LifecycleRule[] = [
  {
    prefix: eventsFolder,
    transitions: [
      { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
    ],
  },
  { prefix: queriesFolder, expiration: Duration.days(30) },
];
