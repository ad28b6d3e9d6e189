import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { ReplicaStack } from '#stacks/replica-stack.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

function replicaOf(peer: Environment): Template {
  const env = { account: peer.account, region: peer.region };
  return Template.fromStack(new ReplicaStack(appWithFlags(), 'Replica', { env, peer }));
}

const replica = replicaOf(dr);
const passing = replicaOf({ ...dr, keepsData: false });
const stateful = ['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Backup::BackupVault'];

const logs = (bucket: { LoggingConfiguration?: unknown }) => bucket.LoggingConfiguration === undefined;
const buckets = propertiesOf(replica, 'AWS::S3::Bucket');
const stores = buckets.filter((bucket) => !logs(bucket));

describe('what a standby would go on with', () => {
  it('has names that the standby knows without asking, and nobody else in the world has', () => {
    expect(stores.map(({ BucketName }) => BucketName).sort()).toEqual([
      'crossbook-dr-archive-333333333333-eu-west-1',
      'crossbook-dr-blobs-333333333333-eu-west-1',
    ]);
    expect(propertiesOf(replica, 'AWS::Backup::BackupVault')[0].BackupVaultName).toBe('crossbook-dr-backups');
  });

  it('can take copies: every bucket keeps versions', () => {
    expect(buckets).toHaveLength(3);
    for (const bucket of buckets) expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  it('is encrypted by a key that is replaced each year, the log of accesses by S3', () => {
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };
    for (const store of stores)
      expect(store.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        },
      ]);
    expect(propertiesOf(replica, 'AWS::Backup::BackupVault')[0].EncryptionKeyArn).toEqual(key);
    replica.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const [log] = buckets.filter(logs);
    expect(log.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
  });

  it('is closed to the public and to plain HTTP', () => {
    for (const bucket of buckets)
      expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    const policies = propertiesOf(replica, 'AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(buckets.length);
    for (const { PolicyDocument } of policies)
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Action: 's3:*',
          Effect: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
  });

  it('lets its key be used by this account, through S3 and Secrets Manager of this region, and not otherwise', () => {
    const [{ KeyPolicy }] = propertiesOf(replica, 'AWS::KMS::Key');
    const anyone = KeyPolicy.Statement.filter(
      ({ Effect, Principal }: { Effect: string; Principal: { AWS: unknown } }) =>
        Effect === 'Allow' && Principal.AWS === '*',
    );
    expect(anyone).toEqual([
      expect.objectContaining({
        Condition: {
          StringEquals: {
            'kms:CallerAccount': '333333333333',
            'kms:ViaService': ['s3.eu-west-1.amazonaws.com', 'secretsmanager.eu-west-1.amazonaws.com'],
          },
        },
      }),
    ]);
  });

  it('keeps backups from being deleted early', () => {
    replica.hasResourceProperties('AWS::Backup::BackupVault', {
      AccessPolicy: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Action: Match.arrayWith(['backup:DeleteRecoveryPoint']) }),
        ],
      },
    });
  });

  it('stays when its stack goes, unless the standby says that its data may go', () => {
    for (const type of stateful) {
      for (const { DeletionPolicy } of Object.values(replica.findResources(type)))
        expect([type, DeletionPolicy]).toEqual([type, 'Retain']);
      for (const { DeletionPolicy } of Object.values(passing.findResources(type)))
        expect([type, DeletionPolicy]).toEqual([type, 'Delete']);
    }
  });
});
