import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { AccountStack } from '#stacks/account-stack.ts';
import { permissionBoundaryOf } from '#stacks/permission-boundary.ts';
import { allows, type Call, type Statement, statementsOf, unbounded } from './policies.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

function accountOf(environment: Environment, peer?: Environment): Template {
  const env = { account: environment.account, region: environment.region };
  const stackName = `${prefixOf(environment)}-account`;
  return Template.fromStack(
    new AccountStack(appWithFlags(), 'Account', { env, stackName, environment, peer }),
  );
}

const account = accountOf(prod, dr);
const alone = accountOf(dev);

type Group = 'developers' | 'devops' | 'approvers' | 'admins';
const groups: readonly Group[] = ['developers', 'devops', 'approvers', 'admins'];
const policies = propertiesOf(account, 'AWS::IAM::ManagedPolicy');

/** All that the policies of a group say. */
function policiesOf(name: Group): Statement[] {
  const [[id] = []] = Object.entries(
    account.findResources('AWS::IAM::Group', { Properties: { GroupName: `crossbook-prod-${name}` } }),
  );
  return policies
    .filter(({ Groups = [] }) => Groups.some(({ Ref }: { Ref: string }) => Ref === id))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function policy(name: string): Statement[] {
  const found = policies.find(({ ManagedPolicyName }) => ManagedPolicyName === `crossbook-prod-${name}`);
  return found?.PolicyDocument.Statement;
}

const arn = (service: string, resource: string, region = 'eu-central-1') =>
  `arn:aws:${service}:${region}:333333333333:${resource}`;
const iam = (resource: string) => `arn:aws:iam::333333333333:${resource}`;
const withMfa = { 'aws:MultiFactorAuthPresent': 'true', 'aws:username': 'alice' };

/** What a member of the groups, having shown MFA, may do. */
function may(members: readonly Group[], action: string, resource = '*', also: Statement[] = []): boolean {
  const statements = [...members.flatMap(policiesOf), ...also];
  return allows(statements, { action, resource, context: withMfa });
}

/** What AWS's own policies and a careless hand could add. */
const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

const contents: readonly [string, string][] = [
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:crossbook/prod/database-AbCdEf')],
  ['secretsmanager:BatchGetSecretValue', '*'],
  ['kms:Decrypt', arn('kms', 'key/00000000-0000-0000-0000-000000000000')],
  ['dynamodb:GetItem', arn('dynamodb', 'table/crossbook-prod-user-sessions')],
  ['dynamodb:Query', arn('dynamodb', 'table/crossbook-prod-user-sessions')],
  ['dynamodb:Scan', arn('dynamodb', 'table/crossbook-prod-user-sessions')],
  ['s3:GetObject', 'arn:aws:s3:::crossbook-prod-blobs/journal/1'],
  ['s3:GetObjectVersion', 'arn:aws:s3:::crossbook-prod-blobs/journal/1'],
  ['kinesis:GetRecords', arn('kinesis', 'stream/crossbook-prod-market-data-stream')],
  ['ecs:ExecuteCommand', arn('ecs', 'task/crossbook-prod/1')],
  ['rds-db:connect', arn('rds-db', 'dbuser:cluster/crossbook')],
];

const pipeline = arn('codepipeline', 'crossbook');
const approval = [`${pipeline}/prod/approve-prod`] as const;

describe('people', () => {
  it('are in groups that carry the name of their environment', () => {
    const names = propertiesOf(account, 'AWS::IAM::Group').map(({ GroupName }) => GroupName);
    expect(names).toEqual(groups.map((name) => `crossbook-prod-${name}`));
  });

  it('are no users of the template, and none has a policy of its own', () => {
    account.resourceCountIs('AWS::IAM::User', 0);
    for (const group of propertiesOf(account, 'AWS::IAM::Group'))
      expect(Object.keys(group)).toEqual(['GroupName']);
  });

  it('get no statement that gives away everything, here or in any policy of the stack', () => {
    for (const template of [account, alone]) expect(unbounded(statementsOf(template))).toEqual([]);
    const withoutAction = statementsOf(account).filter(
      ({ Effect, Action }) => Effect === 'Allow' && Action === undefined,
    );
    expect(withoutAction).toEqual([{ Effect: 'Allow', NotAction: expect.anything(), Resource: '*' }]);
    expect(boundary).toContainEqual(withoutAction[0]);
  });

  it('fit into what IAM takes: 6,144 characters for a policy', () => {
    for (const { PolicyDocument } of policies)
      expect(JSON.stringify(PolicyDocument).length).toBeLessThan(6_144);
  });
});

describe('developers', () => {
  it.each([
    'logs:GetLogEvents',
    'logs:StartQuery',
    'cloudwatch:GetMetricData',
    'cloudwatch:DescribeAlarms',
    'xray:GetTraceSummaries',
    'codepipeline:GetPipelineState',
    'codedeploy:GetDeployment',
    'ecs:DescribeServices',
    'dynamodb:DescribeTable',
    'secretsmanager:DescribeSecret',
  ])('see what runs: %s', (action) => {
    expect(may(['developers'], action)).toBe(true);
  });

  it.each(contents)('see no contents, whatever else they are allowed: %s', (action, resource) => {
    expect(may(['developers'], action, resource)).toBe(false);
    expect(may(['developers'], action, resource, [everything])).toBe(false);
  });

  it('change nothing', () => {
    const allowed = policy('read-only').flatMap(({ Action }) => Action ?? []);
    const looking = /:(Describe|Get|List|BatchGet|Filter(?=LogEvents)|St(art|op)(?=Query|LiveTail))/;
    expect(allowed.filter((action) => !looking.test(action))).toEqual([]);
    expect(allowed.filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('devops', () => {
  it.each([
    ['codepipeline:StartPipelineExecution', pipeline],
    ['codepipeline:StopPipelineExecution', pipeline],
    ['codepipeline:RetryStageExecution', `${pipeline}/prod`],
    [
      'codedeploy:CreateDeployment',
      arn('codedeploy', 'deploymentgroup:crossbook-prod-orders/crossbook-prod-orders'),
    ],
    [
      'codedeploy:StopDeployment',
      arn('codedeploy', 'deploymentgroup:crossbook-prod-orders/crossbook-prod-orders'),
    ],
    ['ecs:UpdateService', arn('ecs', 'service/crossbook-prod/orders')],
    ['ecs:UpdateService', arn('ecs', 'service/crossbook-dr/orders', 'eu-west-1')],
    ['cloudwatch:DisableAlarmActions', arn('cloudwatch', 'alarm:crossbook-prod-CanaryFailed')],
    ['ssm:PutParameter', arn('ssm', 'parameter/crossbook/prod/images/orders')],
    ['logs:GetLogEvents', '*'],
  ])('operate: %s on %s', (action, resource) => {
    expect(may(['devops'], action, resource)).toBe(true);
  });

  it.each([
    ['ecs:UpdateService', arn('ecs', 'service/other/orders')],
    ['cloudwatch:DisableAlarmActions', arn('cloudwatch', 'alarm:other')],
    ['ssm:PutParameter', arn('ssm', 'parameter/crossbook/staging/images/orders')],
    ['codepipeline:StartPipelineExecution', arn('codepipeline', 'other')],
    ['ecs:UpdateService', arn('ecs', 'service/crossbook-prod/orders', 'eu-west-1')],
    ['ecs:RegisterTaskDefinition', '*'],
  ])('operate nothing but their environment: not %s on %s', (action, resource) => {
    expect(may(['devops'], action, resource)).toBe(false);
  });

  it.each([
    'iam:PassRole',
    'iam:CreateRole',
    'iam:AttachUserPolicy',
    'iam:AddUserToGroup',
    'iam:CreateAccessKey',
  ])('have no say in IAM: not %s', (action) => {
    for (const resource of ['*', iam('user/alice'), iam('role/crossbook-prod-admin')])
      expect(may(['devops'], action, resource)).toBe(false);
  });

  it.each(contents)('see no contents either: not %s', (action, resource) => {
    expect(may(['devops'], action, resource, [everything])).toBe(false);
  });
});

describe('a release', () => {
  it('is approved by approvers alone', () => {
    const allowing = groups.filter((name) => may([name], 'codepipeline:PutApprovalResult', ...approval));
    expect(allowing).toEqual(['approvers']);
    const granting = statementsOf(account).filter(
      ({ Effect, Action }) =>
        Effect === 'Allow' && JSON.stringify(Action ?? '').includes('PutApprovalResult'),
    );
    expect(granting).toEqual([
      { Effect: 'Allow', Action: 'codepipeline:PutApprovalResult', Resource: `${pipeline}/*` },
    ]);
  });

  it.each(['developers', 'devops'] as const)('is not approved by whoever is in %s as well', (group) => {
    expect(may(['approvers', group], 'codepipeline:PutApprovalResult', ...approval)).toBe(false);
  });

  it('is not approved by the role of admins, which AWS allows it', () => {
    const call = { action: 'codepipeline:PutApprovalResult', resource: approval[0] };
    expect(allows([everything, ...policy('administration')], call)).toBe(false);
  });
});

describe('without MFA', () => {
  const own = [iam('user/alice'), iam('mfa/alice'), '*'];
  const settingUp = [
    'iam:CreateVirtualMFADevice',
    'iam:DeleteVirtualMFADevice',
    'iam:EnableMFADevice',
    'iam:GetMFADevice',
    'iam:GetUser',
    'iam:ListMFADevices',
    'iam:ListVirtualMFADevices',
    'iam:ResyncMFADevice',
  ];
  /** A session of the console says that there was none; an access key says nothing. */
  const contexts: readonly Record<string, string>[] = [
    { 'aws:MultiFactorAuthPresent': 'false', 'aws:username': 'alice' },
    { 'aws:username': 'alice' },
  ];
  const allActions = statementsOf(account).flatMap(({ Action, NotAction }) =>
    [Action ?? [], NotAction ?? []].flat(),
  );

  it.each(groups)(
    'one of %s may set up their own MFA, and nothing else that any policy here names',
    (group) => {
      for (const context of contexts) {
        const allowed = allActions.filter((action) =>
          own.some((resource) => allows(policiesOf(group), { action, resource, context })),
        );
        expect([...new Set(allowed)].sort()).toEqual(settingUp);
      }
    },
  );

  it.each(groups)('one of %s may do nothing else, whatever else they are allowed', (group) => {
    for (const context of contexts)
      for (const action of [
        's3:ListAllMyBuckets',
        'iam:DeactivateMFADevice',
        'iam:ChangePassword',
        'sts:AssumeRole',
      ])
        expect(allows([everything, ...policiesOf(group)], { action, context })).toBe(false);
  });

  it.each(groups)('one of %s touches nobody else’s MFA, with or without', (group) => {
    for (const context of [withMfa, ...contexts])
      for (const action of [...settingUp, 'iam:DeactivateMFADevice'].filter(
        (one) => one !== 'iam:ListVirtualMFADevices',
      ))
        for (const resource of [iam('user/bob'), iam('mfa/bob')])
          expect(allows(policiesOf(group), { action, resource, context })).toBe(false);
  });
});

describe('admins', () => {
  it('have no standing rights but to become one', () => {
    const standing = policiesOf('admins').filter(({ Effect }) => Effect === 'Allow');
    const actions = standing.flatMap(({ Action }) => Action ?? []);
    expect(
      actions.filter((action) => !/^iam:.*(MFA|GetUser|ChangePassword|PasswordPolicy)/.test(action)),
    ).toEqual(['sts:AssumeRole']);
  });

  it('become one with MFA that is not older than an hour, for an hour', () => {
    account.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'crossbook-prod-admin',
      MaxSessionDuration: 3_600,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { AWS: iam('root') },
            Condition: {
              Bool: { 'aws:MultiFactorAuthPresent': 'true' },
              NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' },
            },
          },
        ],
      },
    });
  });

  it('bring people in and out of these groups, and of no others', () => {
    const add = (resource: string) =>
      allows(policy('administration'), { action: 'iam:AddUserToGroup', resource });
    expect(add(iam('group/other'))).toBe(false);
    const named = policy('administration').flatMap(({ Resource }) => Resource);
    expect(named.filter((one) => typeof one === 'object')).toHaveLength(groups.length);
  });
});

describe('passwords', () => {
  it('keep the rules that Security Hub asks for, and go on keeping them', () => {
    const [call] = propertiesOf(account, 'Custom::AWS');
    for (const when of [call.Create, call.Update])
      expect(JSON.parse(when)).toMatchObject({
        service: 'iam',
        action: 'updateAccountPasswordPolicy',
        parameters: {
          MinimumPasswordLength: 14,
          RequireLowercaseCharacters: true,
          RequireUppercaseCharacters: true,
          RequireNumbers: true,
          RequireSymbols: true,
          MaxPasswordAge: 90,
          PasswordReusePrevention: 24,
        },
      });
    expect(call.Delete).toBeUndefined();
  });

  it('are what the function that sets the rules may touch, and nothing else', () => {
    account.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('^PasswordPolicy'),
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'iam:UpdateAccountPasswordPolicy', Resource: '*' }],
      },
    });
  });
});

describe('the trail', () => {
  const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrailKey'), 'Arn'] };

  it('records all regions and global services, signed, encrypted by its own key', () => {
    account.hasResourceProperties('AWS::CloudTrail::Trail', {
      TrailName: 'crossbook-prod-trail',
      IsLogging: true,
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EnableLogFileValidation: true,
      KMSKeyId: key,
      CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrailLog'), 'Arn'] },
    });
    account.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    account.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key, RetentionInDays: 365 });
    alone.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
  });

  it('writes to a bucket that is versioned, closed, logged, and TLS only', () => {
    const buckets = propertiesOf(account, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const bucket of buckets) {
      expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    }
    expect(buckets.filter(({ LoggingConfiguration }) => LoggingConfiguration)).toHaveLength(1);
    for (const { PolicyDocument } of propertiesOf(account, 'AWS::S3::BucketPolicy'))
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
  });

  it('is the only trail that writes there, and the only one that its key encrypts for', () => {
    const trail = arn('cloudtrail', 'trail/crossbook-prod-trail');
    const forCloudTrail = statementsOf(account).filter(
      ({ Principal }) => JSON.stringify(Principal) === '{"Service":"cloudtrail.amazonaws.com"}',
    );
    expect(forCloudTrail).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceArn': trail } } }),
    );
    expect(forCloudTrail).toContainEqual(
      expect.objectContaining({
        Action: ['kms:DescribeKey', 'kms:GenerateDataKey*'],
        Condition: { StringEquals: { 'aws:SourceArn': trail } },
      }),
    );
  });

  it('keeps its records where the environment keeps its data', () => {
    const kept = (template: Template) =>
      Object.values(template.findResources('AWS::S3::Bucket')).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(kept(account)).toEqual(['Retain', 'Retain']);
    expect(kept(alone)).toEqual(['Delete', 'Delete']);
  });
});

const boundary: Statement[] = policies.find(
  ({ ManagedPolicyName }) => ManagedPolicyName === permissionBoundaryOf(prod),
)?.PolicyDocument.Statement;

describe('the boundary of all roles', () => {
  const role = iam('role/crossbook-prod-services-TaskRole-1');
  const call = (action: string, resource = '*', context: Call['context'] = {}) =>
    allows(boundary, {
      action,
      resource,
      context: { 'aws:PrincipalArn': role, 'aws:RequestedRegion': 'eu-central-1', ...context },
    });

  it('is the account’s: a standby has its primary’s', () => {
    expect(permissionBoundaryOf(prod)).toBe('crossbook-prod-boundary');
    expect(permissionBoundaryOf(dr)).toBe('crossbook-prod-boundary');
    accountOf({ ...dr, guards: prod.guards }, prod).resourcePropertiesCountIs(
      'AWS::IAM::ManagedPolicy',
      { ManagedPolicyName: Match.stringLikeRegexp('boundary$') },
      0,
    );
  });

  it('is there before the roles of its own stack', () => {
    const [boundaryId] = Object.keys(
      account.findResources('AWS::IAM::ManagedPolicy', {
        Properties: { ManagedPolicyName: permissionBoundaryOf(prod) },
      }),
    );
    for (const { DependsOn } of Object.values(account.findResources('AWS::IAM::Role')))
      expect(DependsOn).toContain(boundaryId);
  });

  it.each([
    'dynamodb:PutItem',
    'kinesis:PutRecords',
    's3:PutObject',
    'secretsmanager:GetSecretValue',
    'kms:Decrypt',
    'logs:PutLogEvents',
    'xray:PutTraceSegments',
    'ses:SendEmail',
    'codedeploy:PutLifecycleEventHookExecutionStatus',
    'ec2:CreateNetworkInterface',
    'iam:GetRole',
  ])('leaves room for what roles do: %s', (action) => {
    expect(call(action)).toBe(true);
  });

  it.each([
    'iam:CreateRole',
    'iam:AttachRolePolicy',
    'iam:PutRolePolicy',
    'iam:CreatePolicyVersion',
    'iam:DeletePolicy',
    'iam:DeleteRolePermissionsBoundary',
    'iam:PutRolePermissionsBoundary',
    'iam:CreateAccessKey',
    'iam:AddUserToGroup',
    'iam:UpdateAccountPasswordPolicy',
    'organizations:LeaveOrganization',
    'account:PutAlternateContact',
    'cloudtrail:StopLogging',
    'cloudtrail:DeleteTrail',
    'cloudtrail:PutEventSelectors',
    'guardduty:DeleteDetector',
    'guardduty:UpdateDetector',
    'config:StopConfigurationRecorder',
    'config:DeleteConfigurationRecorder',
    'access-analyzer:DeleteAnalyzer',
    'securityhub:DisableSecurityHub',
    'kms:ScheduleKeyDeletion',
    'sagemaker:CreateNotebookInstance',
  ])('never lets a role %s', (action) => {
    expect(call(action)).toBe(false);
  });

  it('lets roles of the exchange be passed on, and no others', () => {
    expect(call('iam:PassRole', iam('role/crossbook-prod-services-TaskRole-1'))).toBe(true);
    expect(call('iam:PassRole', iam('role/crossbook-dr-services-TaskRole-1'))).toBe(true);
    expect(call('iam:PassRole', iam('role/cdk-hnb659fds-cfn-exec-role-333333333333-eu-central-1'))).toBe(
      false,
    );
  });

  it('keeps roles in the regions of primary and standby, and where global services are', () => {
    const inRegion = (region: string, action = 'ec2:CreateVpc') =>
      call(action, '*', { 'aws:RequestedRegion': region });
    expect(['eu-central-1', 'eu-west-1', 'us-east-1'].map((region) => inRegion(region))).toEqual([
      true,
      true,
      true,
    ]);
    expect(inRegion('ap-south-1')).toBe(false);
    // The pipeline's account may have its images in yet another.
    expect(inRegion('ap-south-1', 'ecr:BatchGetImage')).toBe(true);
  });

  it('leaves people to admins, and the rules for passwords to them and the function of this stack', () => {
    const as = (name: string) => ({ 'aws:PrincipalArn': iam(`role/${name}`) });
    const user = iam('user/bob');
    expect(call('iam:CreateUser', user, as('crossbook-prod-admin'))).toBe(true);
    expect(call('iam:CreateUser', user, as('crossbook-prod-services-TaskRole-1'))).toBe(false);
    expect(call('iam:UpdateAccountPasswordPolicy', '*', as('crossbook-prod-account-AWS679f-1'))).toBe(true);
  });
});

describe('an account that has something already', () => {
  const typesOf = (template: Template) =>
    Object.values(template.toJSON().Resources as Record<string, { Type: string }>)
      .map(({ Type }) => Type)
      .sort();
  const idsOf = (template: Template) => Object.keys(template.toJSON().Resources);
  const without = (guard: 'people' | 'cloudTrail') =>
    accountOf({ ...prod, guards: { ...prod.guards, [guard]: false } }, dr);

  it('gets no people, and all else as before', () => {
    const left = idsOf(without('people'));
    const gone = idsOf(account).filter((id) => !left.includes(id));
    expect(gone.filter((id) => !/^(People|PasswordPolicy|AWS679f53)/.test(id))).toEqual([]);
    expect(left.filter((id) => !/^(Trail|Boundary)/.test(id))).toEqual([]);
  });

  it('gets no trail, and all else as before', () => {
    const left = idsOf(without('cloudTrail'));
    expect(idsOf(account).filter((id) => !left.includes(id) !== id.startsWith('Trail'))).toEqual([]);
  });

  it('gets the boundary alone when it has both', () => {
    const guards = { ...prod.guards, people: false, cloudTrail: false };
    expect(typesOf(accountOf({ ...prod, guards }, dr))).toEqual(['AWS::IAM::ManagedPolicy']);
  });

  it('gets no stack when nothing would be in it', () => {
    expect([prod, dev, dr].map((environment) => AccountStack.isNeeded(environment))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
