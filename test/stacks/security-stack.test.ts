import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import type { Guards } from '#environments/guards.ts';
import { prod } from '#environments/prod.ts';
import { SecurityStack } from '#stacks/security-stack.ts';
import { statementsOf, unbounded } from './policies.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

function securityOf(environment: Environment): Template {
  const env = { account: environment.account, region: environment.region };
  return Template.fromStack(new SecurityStack(appWithFlags(), 'Security', { env, environment }));
}

const security = securityOf(prod);
const standby = securityOf(dr);

/** The one resource of a type. */
function only(type: string, template = security) {
  const [[id, resource] = [], ...others] = Object.entries(template.findResources(type));
  expect([type, id, others]).toEqual([type, expect.any(String), []]);
  return { id: id as string, dependsOn: (resource?.DependsOn ?? []) as string[], ...resource?.Properties };
}

function withGuards(guards: Partial<Guards>): Template {
  return securityOf({ ...prod, guards: { ...prod.guards, ...guards } });
}

const idsOf = (template: Template) => Object.keys(template.toJSON().Resources);

describe('GuardDuty', () => {
  it('watches S3, logins to the database, functions, and what runs in tasks', () => {
    const { Enable, Features } = only('AWS::GuardDuty::Detector');
    expect(Enable).toBe(true);
    expect(Features).toEqual([
      { Name: 'S3_DATA_EVENTS', Status: 'ENABLED' },
      { Name: 'RDS_LOGIN_EVENTS', Status: 'ENABLED' },
      { Name: 'LAMBDA_NETWORK_LOGS', Status: 'ENABLED' },
      {
        Name: 'RUNTIME_MONITORING',
        Status: 'ENABLED',
        AdditionalConfiguration: [{ Name: 'ECS_FARGATE_AGENT_MANAGEMENT', Status: 'ENABLED' }],
      },
    ]);
  });
});

describe('Security Hub', () => {
  it('checks what AWS and CIS advise, in versions of our choice', () => {
    expect(only('AWS::SecurityHub::Hub').EnableDefaultStandards).toBe(false);
    expect(
      propertiesOf(security, 'AWS::SecurityHub::Standard').map(({ StandardsArn }) => StandardsArn),
    ).toEqual([
      'arn:aws:securityhub:eu-central-1::standards/aws-foundational-security-best-practices/v/1.0.0',
      'arn:aws:securityhub:eu-central-1::standards/cis-aws-foundations-benchmark/v/5.0.0',
    ]);
  });

  it('comes after the recorder that its controls read, and sets up one standard after the other', () => {
    const hub = only('AWS::SecurityHub::Hub');
    expect(hub.dependsOn).toContain(only('AWS::Config::ConfigurationRecorder').id);
    expect(hub.dependsOn).toContain(only('AWS::Config::DeliveryChannel').id);
    const standards = Object.entries(security.findResources('AWS::SecurityHub::Standard'));
    const [practices, cis] = standards.map(([id, { DependsOn }]) => ({ id, dependsOn: DependsOn }));
    expect(practices?.dependsOn).toContain(hub.id);
    expect(cis?.dependsOn).toContain(practices?.id);
  });

  it('does not ask for the role of Config itself, since the recorder’s has the boundary', () => {
    security.hasResourceProperties('AWS::SecurityHub::SecurityControl', {
      SecurityControlId: 'Config.1',
      Parameters: { includeConfigServiceLinkedRoleCheck: { Value: { Boolean: false } } },
    });
  });
});

describe('Config', () => {
  it('records everything; what is the account’s, in the primary’s region only', () => {
    const groupOf = (template: Template) =>
      only('AWS::Config::ConfigurationRecorder', template).RecordingGroup;
    expect(groupOf(security)).toEqual({ AllSupported: true, IncludeGlobalResourceTypes: true });
    expect(groupOf(standby)).toEqual({ AllSupported: true, IncludeGlobalResourceTypes: false });
  });

  it('makes recorder and channel at once: each fails that waits for the other', () => {
    const [recorder, channel] = [
      only('AWS::Config::ConfigurationRecorder'),
      only('AWS::Config::DeliveryChannel'),
    ];
    expect(recorder.dependsOn).not.toContain(channel.id);
    expect(channel.dependsOn).not.toContain(recorder.id);
  });

  it('begins when it may write, to a bucket that is encrypted, versioned, closed, logged and TLS only', () => {
    const channel = only('AWS::Config::DeliveryChannel');
    const bucketId = channel.S3BucketName.Ref;
    const [policyId] = Object.keys(
      security.findResources('AWS::S3::BucketPolicy', { Properties: { Bucket: { Ref: bucketId } } }),
    );
    expect(channel.dependsOn).toContain(policyId);
    expect(channel.S3KmsKeyArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^ConfigKey/), 'Arn'] });
    const bucket = security.findResources('AWS::S3::Bucket')[bucketId]!.Properties;
    expect(bucket).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LoggingConfiguration: {
        DestinationBucketName: { Ref: expect.stringMatching(/^ConfigRecordsAccesses/) },
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: channel.S3KmsKeyArn } },
        ],
      },
    });
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(
      security.findResources('AWS::S3::BucketPolicy')[policyId!]!.Properties.PolicyDocument.Statement,
    ).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('lends its role to Config of this account alone', () => {
    security.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'config.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': prod.account } },
          }),
        ],
      },
    });
  });
});

describe('Access Analyzer', () => {
  it('looks at what is reachable from outside the account', () => {
    expect(only('AWS::AccessAnalyzer::Analyzer').Type).toBe('ACCOUNT');
  });
});

describe('a severe finding', () => {
  it('of GuardDuty is told from 7 up, one of Security Hub when it is high or critical, new, and no repetition', () => {
    const patterns = propertiesOf(security, 'AWS::Events::Rule').map(({ EventPattern }) => EventPattern);
    expect(patterns).toEqual([
      {
        source: ['aws.guardduty'],
        'detail-type': ['GuardDuty Finding'],
        detail: { severity: [{ numeric: ['>=', 7] }] },
      },
      {
        source: ['aws.securityhub'],
        'detail-type': ['Security Hub Findings - Imported'],
        detail: {
          findings: {
            ProductName: [{ 'anything-but': ['GuardDuty'] }],
            RecordState: ['ACTIVE'],
            Severity: { Label: ['HIGH', 'CRITICAL'] },
            Workflow: { Status: ['NEW'] },
          },
        },
      },
    ]);
    for (const { Targets } of propertiesOf(security, 'AWS::Events::Rule'))
      expect(Targets).toEqual([{ Arn: { Ref: only('AWS::SNS::Topic').id }, Id: 'Target0' }]);
  });

  it('reaches everyone that the environment names', () => {
    const endpoints = propertiesOf(security, 'AWS::SNS::Subscription').map(({ Protocol, Endpoint }) => [
      Protocol,
      Endpoint,
    ]);
    expect(endpoints).toEqual(prod.alarmEmails.map((address) => ['email', address]));
  });

  it('travels encrypted: the topic has a key that events may use, and takes nothing over plain HTTP', () => {
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^AlertsKey/), 'Arn'] };
    expect(only('AWS::SNS::Topic').KmsMasterKeyId).toEqual(key);
    const events = { Service: 'events.amazonaws.com' };
    expect(statementsOf(security)).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: events,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      }),
    );
    const { Statement } = only('AWS::SNS::TopicPolicy').PolicyDocument;
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    // EventBridge tells a topic no source: with a condition on it, nothing would ever arrive.
    expect(Statement).toContainEqual({
      Sid: expect.any(String),
      Effect: 'Allow',
      Principal: events,
      Action: 'sns:Publish',
      Resource: { Ref: only('AWS::SNS::Topic').id },
    });
  });
});

describe('an organization that has a guard already', () => {
  const guardIds: readonly [keyof Guards, RegExp][] = [
    ['guardDuty', /^(GuardDuty|AlertsGuardDuty)/],
    ['securityHub', /^(Hub|AlertsSecurityHub)/],
    ['config', /^Config/],
    ['accessAnalyzer', /^AccessAnalyzer/],
  ];

  it.each(guardIds)('gets all but %s', (guard, own) => {
    const left = idsOf(withGuards({ [guard]: false }));
    const gone = idsOf(security).filter((id) => !left.includes(id));
    expect(gone).toEqual(idsOf(security).filter((id) => own.test(id)));
    expect(gone).not.toEqual([]);
    expect(left.filter((id) => !idsOf(security).includes(id))).toEqual([]);
  });

  it('is told of nothing when it has both that find something', () => {
    const left = idsOf(withGuards({ guardDuty: false, securityHub: false }));
    expect(left.filter((id) => !/^(Config|AccessAnalyzer)/.test(id))).toEqual([]);
  });

  it('gets no stack when it has all of them', () => {
    const none = {
      ...prod.guards,
      guardDuty: false,
      securityHub: false,
      config: false,
      accessAnalyzer: false,
    };
    expect(SecurityStack.isNeeded({ ...prod, guards: none })).toBe(false);
    expect(SecurityStack.isNeeded({ ...prod, guards: { ...none, config: true } })).toBe(true);
  });
});

describe('the guards', () => {
  it('give nobody everything', () => {
    for (const template of [security, standby]) expect(unbounded(statementsOf(template))).toEqual([]);
  });

  it('replace each of their keys each year', () => {
    const keys = propertiesOf(security, 'AWS::KMS::Key');
    expect(keys.map(({ EnableKeyRotation }) => EnableKeyRotation)).toEqual([true, true]);
  });
});
