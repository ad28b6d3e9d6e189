import { Stack, type StackProps } from 'aws-cdk-lib';
import type { BackupVault } from 'aws-cdk-lib/aws-backup';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { backupVault } from './backups.ts';
import { Buckets, type Replicas } from './buckets.ts';
import { storeKey } from './store-key.ts';

export interface ReplicaStackProps extends StackProps {
  /** The standby that the primary's data is copied to. */
  readonly peer: Environment;
}

/**
 * What a primary's data is copied to in its standby's region. It belongs to the primary's stage, although it is the
 * standby's: S3 and AWS Backup copy only to what exists, and the standby's own stage comes later.
 */
export class ReplicaStack extends Stack implements Replicas {
  readonly standby: Environment;
  /** Encrypts the copies. The standby's own key does not exist yet. */
  readonly key: Key;
  readonly blobs: Bucket;
  readonly archive: Bucket;
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, props: ReplicaStackProps) {
    super(scope, id, props);
    const { peer } = props;
    this.standby = peer;
    this.key = this.#key(peer);
    const { blobs, archive } = new Buckets(this, 'Buckets', {
      environment: peer,
      key: this.key,
    });
    this.blobs = blobs;
    this.archive = archive;
    this.vault = backupVault(this, peer, this.key);
  }

  /**
   * Whom S3 or Secrets Manager lets read or write in this account may use the key for it, as with the keys that AWS
   * manages for them: the standby's stage cannot name the key in its roles, since it is made in another.
   */
  #key(peer: Environment): Key {
    const key = storeKey(this, peer, 'replicas');
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
        resources: ['*'], // in a key's own policy: this key
        conditions: {
          StringEquals: {
            'kms:CallerAccount': peer.account,
            'kms:ViaService': ['s3', 'secretsmanager'].map((of) => `${of}.${this.region}.amazonaws.com`),
          },
        },
      }),
    );
    return key;
  }
}
