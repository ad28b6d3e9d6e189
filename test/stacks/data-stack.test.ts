import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { HISTORY_BY_ASSET } from '#platform/history-items.ts';
import { DataStack } from '#stacks/data-stack.ts';
import { ReplicaStack } from '#stacks/replica-stack.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

/** The stores of an environment, among a plain network. */
function storesOf(environment: Environment, peer?: Environment) {
  const app = appWithFlags();
  const env = { account: environment.account, region: environment.region };
  const network = new Stack(app, 'Network', { env });
  const tiers = [SubnetType.PUBLIC, SubnetType.PRIVATE_WITH_EGRESS, SubnetType.PRIVATE_ISOLATED];
  const vpc = new Vpc(network, 'Vpc', {
    availabilityZones: [...environment.availabilityZones],
    subnetConfiguration: tiers.map((subnetType) => ({ name: subnetType, subnetType })),
  });
  const group = (id: string) => new SecurityGroup(network, id, { vpc });
  const replicas =
    environment.role === 'primary' && peer
      ? new ReplicaStack(app, 'Replica', { env: { account: peer.account, region: peer.region }, peer })
      : undefined;
  const stack = new DataStack(app, 'Data', {
    env,
    environment,
    peer,
    vpc,
    securityGroups: { database: group('Database'), cache: group('Cache'), functions: group('Functions') },
    replicas,
  });
  return { stack, data: Template.fromStack(stack), replica: replicas && Template.fromStack(replicas) };
}

const primary = storesOf(prod, dr);
const { data } = primary;
const standby = storesOf(dr, prod);
const alone = storesOf(dev);
const templates = { prod: data, dr: standby.data, dev: alone.data };

const only = (template: Template, type: string) => {
  const all = propertiesOf(template, type);
  expect(all).toHaveLength(1);
  return all[0];
};
const cluster = (template: Template) => only(template, 'AWS::RDS::DBCluster');
const tables = (template: Template) => propertiesOf(template, 'AWS::DynamoDB::GlobalTable');
const ownKey = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };

/** What a reference to an output of the replica stack stands for there. */
function inReplica({ 'Fn::GetStackOutput': { Region, OutputName } }: { 'Fn::GetStackOutput': Reference }) {
  expect(Region).toBe('eu-west-1');
  return primary.replica!.toJSON().Outputs[OutputName].Value;
}

interface Reference {
  readonly Region: string;
  readonly OutputName: string;
}

describe('the key of the stores', () => {
  it('is one for each region, and is replaced each year', () => {
    for (const template of Object.values(templates))
      expect(only(template, 'AWS::KMS::Key').EnableKeyRotation).toBe(true);
  });

  it('can be granted to services of AWS alone', () => {
    expect(only(data, 'AWS::KMS::Key').KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'kms:CreateGrant',
        Condition: {
          BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
        },
      }),
    );
  });
});

describe('every store', () => {
  it('is encrypted', () => {
    for (const template of Object.values(templates)) {
      expect(cluster(template)).toMatchObject({
        StorageEncrypted: true,
        KmsKeyId: ownKey,
        PerformanceInsightsKmsKeyId: ownKey,
      });
      for (const table of tables(template))
        expect(table.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(only(template, 'AWS::Kinesis::Stream').StreamEncryption).toEqual({
        EncryptionType: 'KMS',
        KeyId: ownKey,
      });
      expect(only(template, 'AWS::SQS::Queue').KmsMasterKeyId).toEqual(ownKey);
      for (const secret of propertiesOf(template, 'AWS::SecretsManager::Secret'))
        expect(secret.KmsKeyId).toEqual(ownKey);
    }
    for (const template of [data, alone.data]) {
      expect(only(template, 'AWS::ElastiCache::ReplicationGroup')).toMatchObject({
        AtRestEncryptionEnabled: true,
        TransitEncryptionEnabled: true,
        TransitEncryptionMode: 'required',
        KmsKeyId: ownKey,
      });
      expect(only(template, 'AWS::Backup::BackupVault').EncryptionKeyArn).toEqual(ownKey);
      const algorithms = propertiesOf(template, 'AWS::S3::Bucket').map(
        ({ BucketEncryption }) =>
          BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm,
      );
      expect(algorithms.sort()).toEqual(['AES256', 'aws:kms', 'aws:kms']); // the first is for logs of access
    }
  });

  it('is closed to the public', () => {
    for (const template of Object.values(templates)) {
      for (const instance of propertiesOf(template, 'AWS::RDS::DBInstance'))
        expect(instance.PubliclyAccessible).toBe(false);
      for (const bucket of propertiesOf(template, 'AWS::S3::Bucket'))
        expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      const groups = [
        ...propertiesOf(template, 'AWS::RDS::DBSubnetGroup').map(({ SubnetIds }) => SubnetIds),
        ...propertiesOf(template, 'AWS::ElastiCache::SubnetGroup').map(({ SubnetIds }) => SubnetIds),
      ];
      for (const subnet of groups.flat()) expect(JSON.stringify(subnet)).toMatch(/Isolated/);
    }
  });

  it('talks TLS only', () => {
    const plainHttp = { Bool: { 'aws:SecureTransport': 'false' } };
    for (const template of [data, alone.data]) {
      const policies = [
        ...propertiesOf(template, 'AWS::S3::BucketPolicy'),
        ...propertiesOf(template, 'AWS::SQS::QueuePolicy'),
      ];
      expect(policies).toHaveLength(4);
      for (const { PolicyDocument } of policies)
        expect(PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({ Effect: 'Deny', Condition: plainHttp }),
        );
    }
    for (const template of Object.values(templates))
      expect(only(template, 'AWS::RDS::DBClusterParameterGroup').Parameters).toEqual({
        'rds.force_ssl': '1',
      });
  });

  const stateful = [
    'AWS::KMS::Key',
    'AWS::RDS::DBCluster',
    'AWS::RDS::DBInstance',
    'AWS::RDS::GlobalCluster',
    'AWS::DynamoDB::GlobalTable',
    'AWS::Kinesis::Stream',
    'AWS::SQS::Queue',
    'AWS::S3::Bucket',
    'AWS::Backup::BackupVault',
  ];
  const deletionPolicies = (template: Template) =>
    stateful.flatMap((type) =>
      Object.values(template.findResources(type)).map(({ DeletionPolicy, UpdateReplacePolicy }) => [
        type,
        DeletionPolicy,
        UpdateReplacePolicy,
      ]),
    );

  it('stays when its stack goes, where the environment keeps its data', () => {
    for (const template of [data, standby.data])
      for (const [type, ...policies] of deletionPolicies(template))
        expect([type, ...policies]).toEqual([type, 'Retain', 'Retain']);
    expect(new Set(deletionPolicies(data).map(([type]) => type)).size).toBe(stateful.length);
  });

  it('goes with its stack elsewhere', () => {
    for (const [type, ...policies] of deletionPolicies(alone.data))
      expect([type, ...policies]).toEqual([type, 'Delete', 'Delete']);
  });

  it('refuses deletion where the environment keeps its data, and there only', () => {
    const refusals = (template: Template) => [
      cluster(template).DeletionProtection,
      ...propertiesOf(template, 'AWS::RDS::GlobalCluster').map(
        ({ DeletionProtection }) => DeletionProtection,
      ),
      ...tables(template).flatMap(({ Replicas }) =>
        Replicas.map(({ DeletionProtectionEnabled }: Record<string, boolean>) => DeletionProtectionEnabled),
      ),
    ];
    expect(refusals(data)).toEqual(Array(8).fill(true)); // two clusters, three tables in two regions
    expect(refusals(standby.data)).toEqual([true]);
    expect(refusals(alone.data)).toEqual(Array(4).fill(false));
  });
});

describe('the database', () => {
  it('has a writer and the readers that the environment asks for', () => {
    expect(propertiesOf(data, 'AWS::RDS::DBInstance')).toHaveLength(3);
    expect(propertiesOf(standby.data, 'AWS::RDS::DBInstance')).toHaveLength(2);
    expect(only(alone.data, 'AWS::RDS::DBInstance').DBInstanceClass).toBe('db.t4g.medium');
    data.allResourcesProperties('AWS::RDS::DBInstance', {
      DBInstanceClass: 'db.r8g.xlarge',
      MonitoringInterval: 60,
      EnablePerformanceInsights: true,
    });
  });

  it('is backed up, tells its log for as long as the environment keeps logs, and knows roles of IAM', () => {
    expect(cluster(data)).toMatchObject({
      Engine: 'aurora-postgresql',
      EngineVersion: expect.stringMatching(/^18\./),
      BackupRetentionPeriod: 35,
      CopyTagsToSnapshot: true,
      EnableIAMDatabaseAuthentication: true,
      EnableCloudwatchLogsExports: ['postgresql'],
    });
    data.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/rds/cluster/crossbook-prod-database/postgresql',
      RetentionInDays: 365,
    });
    const [id] = Object.keys(
      data.findResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 } }),
    );
    data.hasResource('AWS::RDS::DBCluster', { DependsOn: Match.arrayWith([id!]) });
  });

  it('becomes the first member of a Global Database where there is a standby', () => {
    expect(only(data, 'AWS::RDS::GlobalCluster')).toMatchObject({
      GlobalClusterIdentifier: 'crossbook-prod',
      SourceDBClusterIdentifier: {
        'Fn::Join': ['', expect.arrayContaining([{ Ref: expect.stringMatching(/^DatabaseCluster/) }])],
      },
    });
    alone.data.resourceCountIs('AWS::RDS::GlobalCluster', 0);
  });

  it('joins its primary’s as a standby, with nothing that Aurora refuses there', () => {
    standby.data.resourceCountIs('AWS::RDS::GlobalCluster', 0);
    const joined = cluster(standby.data);
    expect(joined).toMatchObject({ GlobalClusterIdentifier: 'crossbook-prod', SourceRegion: 'eu-central-1' });
    for (const refused of [
      'MasterUsername',
      'MasterUserPassword',
      'DatabaseName',
      'ReplicationSourceIdentifier',
    ])
      expect(joined).not.toHaveProperty(refused);
  });

  it('has a password that is in no template, replaced each month, and copied to the standby’s region', () => {
    const secret = propertiesOf(data, 'AWS::SecretsManager::Secret').find(
      ({ Name }) => Name === 'crossbook/prod/database',
    );
    expect(secret.ReplicaRegions.map(({ Region }: Reference) => Region)).toEqual(['eu-west-1']);
    expect(inReplica(secret.ReplicaRegions[0].KmsKeyId)).toEqual(ownKey);
    expect(JSON.stringify(cluster(data).MasterUserPassword)).toMatch(/resolve:secretsmanager/);
    expect(only(data, 'AWS::SecretsManager::RotationSchedule')).toMatchObject({
      HostedRotationLambda: { RotationType: 'PostgreSQLSingleUser' },
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
    });
    const [{ DeletionPolicy }] = Object.values(
      data.findResources('AWS::SecretsManager::Secret', { Properties: { Name: 'crossbook/prod/database' } }),
    ) as [{ DeletionPolicy: string }];
    expect(DeletionPolicy).toBe('Retain');
    standby.data.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(JSON.stringify(standby.stack.resolve(standby.stack.database.secret.secretArn))).toContain(
      'crossbook/prod/database',
    );
  });
});

describe('the tables', () => {
  it('have the keys that the guide names, paid by the request, with a stream and a way back in time', () => {
    const keys = tables(data).map(({ TableName, KeySchema }) => [
      TableName,
      ...KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName),
    ]);
    expect(keys).toEqual([
      ['crossbook-prod-market-data', 'trading_pair', 'timestamp'],
      ['crossbook-prod-user-sessions', 'account_id', 'session_id'],
      ['crossbook-prod-transaction-history', 'account_id', 'entry_id'],
    ]);
    for (const table of tables(data)) {
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      });
      for (const { PointInTimeRecoverySpecification } of table.Replicas)
        expect(PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });

  it('forget sessions that have ended, and find the history of an asset', () => {
    const [, sessions, history] = tables(data);
    expect(sessions.TimeToLiveSpecification).toEqual({ AttributeName: 'expires_at_seconds', Enabled: true });
    expect(history.GlobalSecondaryIndexes[0]).toMatchObject({
      IndexName: HISTORY_BY_ASSET,
      KeySchema: [{ AttributeName: 'account_asset' }, { AttributeName: 'entry_id' }],
    });
  });

  it('are in the standby’s region too, made by the primary alone', () => {
    const regions = (template: Template) =>
      tables(template).map(({ Replicas }) => Replicas.map(({ Region }: Reference) => Region).sort());
    expect(regions(data)).toEqual(Array(3).fill(['eu-central-1', 'eu-west-1']));
    expect(regions(alone.data)).toEqual(Array(3).fill(['eu-central-1']));
    expect(regions(standby.data)).toEqual([]);
  });

  it('are known to the standby by the primary’s names', () => {
    const names = Object.values(standby.stack.tables).map(({ tableName }) => tableName);
    expect(names).toEqual([
      'crossbook-prod-market-data',
      'crossbook-prod-user-sessions',
      'crossbook-prod-transaction-history',
    ]);
  });
});

describe('the cache', () => {
  it('is Valkey in cluster mode, with the shards and replicas that the environment asks for', () => {
    expect(only(data, 'AWS::ElastiCache::ReplicationGroup')).toMatchObject({
      Engine: 'valkey',
      CacheNodeType: 'cache.r7g.large',
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 1,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      SnapshotRetentionLimit: 15,
    });
    expect(only(data, 'AWS::ElastiCache::ParameterGroup').Properties['cluster-enabled']).toBe('yes');
    expect(only(alone.data, 'AWS::ElastiCache::ReplicationGroup').MultiAZEnabled).toBe(false);
  });

  it('admits one user with a password, who may touch nothing but the exchange’s keys; the default user may do nothing', () => {
    const access = Object.fromEntries(
      propertiesOf(data, 'AWS::ElastiCache::User').map((user) => [user.UserName, user]),
    );
    expect(access.default.AccessString).toBe('off -@all');
    expect(access.services.AccessString).toMatch(/^on ~crossbook:\* &crossbook:\* .*-@admin -@dangerous$/);
    for (const user of [access.default, access.services]) {
      expect(user.NoPasswordRequired).toBeUndefined();
      expect(JSON.stringify(user.Passwords)).toMatch(/resolve:secretsmanager/);
    }
    const users = only(data, 'AWS::ElastiCache::UserGroup');
    expect(users.UserIds).toHaveLength(2);
    expect(only(data, 'AWS::ElastiCache::ReplicationGroup').UserGroupIds).toEqual([
      { Ref: expect.stringMatching(/^CacheUsers/) },
    ]);
  });

  it('is not there where the environment has none', () => {
    expect(standby.stack.cache).toBeUndefined();
    standby.data.resourceCountIs('AWS::ElastiCache::ReplicationGroup', 0);
    standby.data.resourceCountIs('AWS::ElastiCache::User', 0);
  });
});

describe('the stream of events', () => {
  it('scales by itself and keeps a week, dead letters two', () => {
    for (const [name, template] of Object.entries(templates)) {
      expect(only(template, 'AWS::Kinesis::Stream')).toMatchObject({
        Name: `crossbook-${name}-market-data-stream`,
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        RetentionPeriodHours: 7 * 24,
      });
      expect(only(template, 'AWS::SQS::Queue').MessageRetentionPeriod).toBe(14 * 24 * 3_600);
    }
  });

  it('is archived as compressed lines, a folder for each day, by a role that may write to no other', () => {
    for (const template of Object.values(templates))
      expect(only(template, 'AWS::KinesisFirehose::DeliveryStream')).toMatchObject({
        DeliveryStreamType: 'KinesisStreamAsSource',
        ExtendedS3DestinationConfiguration: {
          CompressionFormat: 'GZIP',
          Prefix: 'events/day=!{timestamp:yyyy-MM-dd}/',
          ErrorOutputPrefix: expect.stringMatching(/^events-failed\//),
          CloudWatchLoggingOptions: { Enabled: true },
          // Frames become lines.
          ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Lambda' }] },
        },
      });
    const [role] = Object.values(
      data.findResources('AWS::IAM::Role', {
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [Match.objectLike({ Principal: { Service: 'firehose.amazonaws.com' } })],
          },
        },
      }),
    );
    const writes = role!.Properties.Policies[0].PolicyDocument.Statement.filter(
      ({ Action }: { Action: string[] }) => Action.includes('s3:PutObject'),
    );
    expect(writes.map(({ Resource }: { Resource: unknown }) => Resource)).toEqual([
      { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^BucketsArchive/), 'Arn'] }, '/events*']] },
    ]);
    const added = propertiesOf(data, 'AWS::IAM::Policy').filter(({ Roles }) =>
      JSON.stringify(Roles).includes('MarketDataArchive'),
    );
    expect(added).toEqual([]);
  });

  it('can be queried by day without a crawler', () => {
    const { DatabaseName, TableInput } = only(data, 'AWS::Glue::Table');
    expect(DatabaseName).toEqual({ Ref: expect.stringMatching(/^MarketDataArchiveDatabase/) });
    expect(TableInput.PartitionKeys).toEqual([{ Name: 'day', Type: 'string' }]);
    expect(TableInput.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.range': '2026-01-01,NOW',
      'projection.day.format': 'yyyy-MM-dd',
    });
    expect(only(data, 'AWS::Glue::Database').DatabaseInput.Name).toBe('crossbook_prod');
  });

  it('is queried within a limit, with results encrypted, whatever the client asks for', () => {
    for (const template of Object.values(templates))
      expect(only(template, 'AWS::Athena::WorkGroup').WorkGroupConfiguration).toMatchObject({
        EnforceWorkGroupConfiguration: true,
        PublishCloudWatchMetricsEnabled: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
        ResultConfiguration: {
          EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: ownKey },
        },
      });
  });
});

describe('the buckets', () => {
  const stores = (template: Template) =>
    propertiesOf(template, 'AWS::S3::Bucket').filter(({ LoggingConfiguration }) => LoggingConfiguration);

  it('keep versions for a month, and a log of who accessed them', () => {
    for (const bucket of propertiesOf(data, 'AWS::S3::Bucket')) {
      expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(bucket.LifecycleConfiguration.Rules[0]).toMatchObject({
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      });
    }
    expect(stores(data)).toHaveLength(2);
  });

  it('are copied to those of the standby’s region, deletions too, and encrypted there', () => {
    const names = stores(data).map(({ ReplicationConfiguration: { Rules } }) => {
      expect(Rules).toHaveLength(1);
      const [{ Destination, ...rule }] = Rules;
      expect(rule).toMatchObject({
        Status: 'Enabled',
        DeleteMarkerReplication: { Status: 'Enabled' },
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      });
      expect(inReplica(Destination.EncryptionConfiguration.ReplicaKmsKeyID)).toEqual(ownKey);
      return Destination.Bucket;
    });
    expect(names.sort()).toEqual([
      'arn:aws:s3:::crossbook-dr-archive-333333333333-eu-west-1',
      'arn:aws:s3:::crossbook-dr-blobs-333333333333-eu-west-1',
    ]);
  });

  it('are copied by a role that may write to those two alone', () => {
    const [policy] = propertiesOf(data, 'AWS::IAM::Policy').filter(({ PolicyName }) =>
      /Replicate/.test(PolicyName),
    );
    const [replicate] = policy.PolicyDocument.Statement;
    expect(replicate.Action).toEqual(['s3:ReplicateDelete', 's3:ReplicateObject', 's3:ReplicateTags']);
    expect(replicate.Resource.sort()).toEqual([
      'arn:aws:s3:::crossbook-dr-archive-333333333333-eu-west-1/*',
      'arn:aws:s3:::crossbook-dr-blobs-333333333333-eu-west-1/*',
    ]);
  });

  it('are copied nowhere without a standby', () => {
    for (const bucket of stores(alone.data)) expect(bucket.ReplicationConfiguration).toBeUndefined();
  });

  it('are the copies, for the standby', () => {
    standby.data.resourceCountIs('AWS::S3::Bucket', 0);
    expect(standby.stack.blobs.bucketName).toBe('crossbook-dr-blobs-333333333333-eu-west-1');
    const { BucketARN } = only(
      standby.data,
      'AWS::KinesisFirehose::DeliveryStream',
    ).ExtendedS3DestinationConfiguration;
    expect(JSON.stringify(BucketARN)).toContain('crossbook-dr-archive-333333333333-eu-west-1');
  });
});

describe('backups', () => {
  it('are taken each night of the database and every table, and kept as long as the environment says', () => {
    const { BackupPlanRule } = only(data, 'AWS::Backup::BackupPlan').BackupPlan;
    expect(BackupPlanRule).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'cron(0 5 * * ? *)',
        Lifecycle: { DeleteAfterDays: 35 },
      }),
    ]);
    const taken = JSON.stringify(only(data, 'AWS::Backup::BackupSelection').BackupSelection.Resources);
    for (const type of ['AWS::RDS::DBCluster', 'AWS::DynamoDB::GlobalTable'])
      for (const id of Object.keys(data.findResources(type))) expect(taken).toContain(id);
  });

  it('are copied to the standby’s region', () => {
    const [{ CopyActions }] = only(data, 'AWS::Backup::BackupPlan').BackupPlan.BackupPlanRule;
    expect(CopyActions).toHaveLength(1);
    expect(CopyActions[0].Lifecycle).toEqual({ DeleteAfterDays: 35 });
    expect(inReplica(CopyActions[0].DestinationBackupVaultArn)['Fn::GetAtt'][0]).toMatch(/^Vault/);
    const [rule] = only(alone.data, 'AWS::Backup::BackupPlan').BackupPlan.BackupPlanRule;
    expect(rule).not.toHaveProperty('CopyActions');
  });

  it('cannot be deleted early where data is kept', () => {
    expect(only(data, 'AWS::Backup::BackupVault').AccessPolicy.Statement[0].Effect).toBe('Deny');
    expect(only(alone.data, 'AWS::Backup::BackupVault').AccessPolicy).toBeUndefined();
  });

  it('are the primary’s', () => {
    standby.data.resourceCountIs('AWS::Backup::BackupPlan', 0);
  });
});

it('refuses a primary with a standby but nowhere to copy to', () => {
  const app = appWithFlags();
  const env = { account: prod.account, region: prod.region };
  const network = new Stack(app, 'Network', { env });
  const vpc = new Vpc(network, 'Vpc', { availabilityZones: [...prod.availabilityZones] });
  const group = new SecurityGroup(network, 'Group', { vpc });
  const securityGroups = { database: group, cache: group, functions: group };
  expect(() => new DataStack(app, 'Data', { env, environment: prod, peer: dr, vpc, securityGroups })).toThrow(
    'replicas are for a primary with a standby',
  );
});
