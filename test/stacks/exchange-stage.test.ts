/** What must hold for every stack of an environment, whatever it makes. */
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { statementsOf, unbounded } from './policies.ts';
import { appWithFlags } from './synthesize.ts';

const stage = new ExchangeStage(appWithFlags(), { environment: prod, peer: dr, registry: delivery });
const templates = new Map(
  stage.node.children
    .filter((child) => child instanceof Stack)
    .map((stack) => [stack.node.id, Template.fromStack(stack).toJSON()] as const),
);

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever CloudFormation takes
  readonly Properties?: any;
}

const resources = [...templates].flatMap(([stack, { Resources = {} }]) =>
  Object.entries(Resources as Record<string, Resource>).map(([id, resource]) => ({ stack, id, ...resource })),
);
const ofTypes = (...types: string[]) => resources.filter(({ Type }) => types.includes(Type));

/** What holds data that nothing else has: another logical id would mean a new one, and the old one left behind. */
const statefulTypes = [
  'AWS::RDS::DBCluster',
  'AWS::RDS::GlobalCluster',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Kinesis::Stream',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
  'AWS::Backup::BackupVault',
];

const pinned = [
  'Account TrailKey31F874A3',
  'Account TrailRecordsAccesses6193A7EC',
  'Account TrailRecordsBucketC58941D0',
  'Balancing AccessLogs8B620ECA',
  'Data BackupsVault1F11AFCC',
  'Data BucketsAccessLogsA5F88218',
  'Data BucketsArchiveCE3432CC',
  'Data BucketsBlobsF94FAD01',
  'Data CacheSecret4CD6E2C3',
  'Data DatabaseCluster5B53A178',
  'Data DatabaseCredentialsSecret0B674CD5',
  'Data DatabaseGlobal9DB5D85B',
  'Data EventsStreamA348795C',
  'Data Key961B73FD',
  'Data MarketDataED8C7FD3',
  'Data TransactionHistory8FF977BB',
  'Data UserSessionsCA75ECC3',
  'Edge OriginSecret5DDC59F1',
  'Edge WebAccessLogs024BC47D',
  'Edge WebFiles2DFCF39E',
  'EdgeAlarms AlarmsKey3C2381B3',
  'EdgeKeys Logs6819BB44',
  'Keys Logs6819BB44',
  'Observability AlarmsKey3C2381B3',
  'Observability CanaryArtifacts7ADD0D0B',
  'Replica BucketsAccessLogsA5F88218',
  'Replica BucketsArchiveCE3432CC',
  'Replica BucketsBlobsF94FAD01',
  'Replica Key961B73FD',
  'Replica Vault23237E5B',
  'Security AlertsKey9E1197AF',
  'Security ConfigKey87EF130A',
  'Security ConfigRecordsAccesses06CCE95B',
  'Security ConfigRecordsBucketF4EBA06A',
];

/** Made again by the next release, with nothing lost. */
const replaceable = ['Data CacheSecret4CD6E2C3', 'Edge OriginSecret5DDC59F1', 'Edge WebFiles2DFCF39E'];

const RESOURCES_MAX = 450;

describe('every stack of production', () => {
  const stateful = ofTypes(...statefulTypes).map((resource) => ({
    name: `${resource.stack} ${resource.id}`,
    ...resource,
  }));

  it('keeps the logical ids of what holds data', () => {
    expect(stateful.map(({ name }) => name).sort()).toEqual(pinned);
  });

  it('leaves behind what holds data when it goes, but what can be made again', () => {
    const deleted = stateful.filter(({ DeletionPolicy }) => !DeletionPolicy?.startsWith('Retain'));
    expect(deleted.map(({ name }) => name).sort()).toEqual(replaceable);
  });

  it('stays far from what CloudFormation takes at most', () => {
    for (const [stack, { Resources }] of templates)
      expect([stack, Object.keys(Resources).length < RESOURCES_MAX]).toEqual([stack, true]);
  });

  it('allows nobody everything', () => {
    for (const [stack, template] of templates)
      expect([stack, unbounded(statementsOf(Template.fromJSON(template)))]).toEqual([stack, []]);
  });

  it('lets nobody in from everywhere: CloudFront and API Gateway come from inside', () => {
    for (const { id, Properties } of ofTypes('AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress')) {
      const rules = Properties.SecurityGroupIngress ?? [Properties];
      expect([id, rules.filter(({ CidrIp }: { CidrIp?: string }) => CidrIp === '0.0.0.0/0')]).toEqual([
        id,
        [],
      ]);
    }
  });

  it('keeps every bucket from the public, and speaks TLS only with it', () => {
    const closed = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    const policies = ofTypes('AWS::S3::BucketPolicy');
    for (const { stack, id, Properties } of ofTypes('AWS::S3::Bucket')) {
      expect([id, Properties.PublicAccessBlockConfiguration]).toEqual([id, closed]);
      const own = policies.filter((policy) => policy.stack === stack && policy.Properties.Bucket.Ref === id);
      expect([id, JSON.stringify(own)]).toEqual([
        id,
        expect.stringContaining('"aws:SecureTransport":"false"'),
      ]);
    }
  });

  it('bounds every role', () => {
    const roles = ofTypes('AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(20);
    for (const { id, Properties } of roles)
      expect([id, JSON.stringify(Properties.PermissionsBoundary)]).toEqual([
        id,
        expect.stringContaining('crossbook-prod-boundary'),
      ]);
  });
});
