/** What the policies that `npm run bootstrap` deploys allow, evaluated as IAM does. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { PipelineStack } from '#pipelines/pipeline-stack.ts';
import { drillRoleArn, releaseRoleArn } from '#pipelines/release-role.ts';
import { bucketNameOf } from '#stacks/buckets.ts';
import { webBucketName } from '#stacks/web-bucket.ts';
import { appWithFlags, propertiesOf } from '#test/stacks/synthesize.ts';
import {
  allows,
  type Call,
  matches,
  type PolicyDocument,
  resourcesOf,
  type Statement,
} from './policy-document.ts';

const folder = 'pipelines/bootstrap';

const inProd = { NamePrefix: 'crossbook', 'AWS::AccountId': '333333333333', 'AWS::Region': 'eu-central-1' };
const boundaryArn = (name: string) => `arn:aws:iam::333333333333:policy/crossbook-${name}-boundary`;
const executionPolicies = (Locked: string) =>
  resourcesOf(`${folder}/execution-policy.yml`, {
    ...inProd,
    Boundaries: ['prod', 'other'].map((name) => boundaryArn(name)).join(','),
    Locked,
  });
const documentsOf = (resources: ReturnType<typeof resourcesOf>) =>
  Object.values(resources).map(({ Properties }) => Properties.PolicyDocument as PolicyDocument);
const policies = executionPolicies('crossbook-*-boundary');
const documents = documentsOf(policies);
const deployed = (call: Call) => allows(documents, call);

describe('what CloudFormation may do', () => {
  const role = 'arn:aws:iam::333333333333:role/crossbook-prod-orders';
  const boundary = (name: string) => ({
    'iam:PermissionsBoundary': boundaryArn(name),
  });

  it.each(Object.entries(policies))('fits into one managed policy: %s', (_, { Properties }) => {
    // IAM counts no white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    expect(JSON.stringify(Properties.PolicyDocument).replaceAll(/\s/g, '').length).toBeLessThan(6_144);
  });

  it('makes roles within the boundary of an environment of the account, and no others', () => {
    for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy']) {
      expect(deployed({ action, resource: role, context: boundary('prod') })).toBe(true);
      expect(deployed({ action, resource: role, context: boundary('other') })).toBe(true);
      expect(deployed({ action, resource: role })).toBe(false);
      expect(deployed({ action, resource: role, context: boundary('made-up') })).toBe(false);
      const other = 'arn:aws:iam::333333333333:role/Admin';
      expect(deployed({ action, resource: other, context: boundary('prod') })).toBe(false);
    }
  });

  it.each([
    ['a boundary', 'iam:CreatePolicyVersion', 'policy/crossbook-prod-boundary'],
    ['a boundary, by making it anew', 'iam:DeletePolicy', 'policy/crossbook-prod-boundary'],
    ['its own policies', 'iam:CreatePolicyVersion', 'policy/crossbook-execution-identities'],
    ['whether a role has a boundary', 'iam:DeleteRolePermissionsBoundary', 'role/crossbook-prod-orders'],
    ['who may release', 'iam:UpdateAssumeRolePolicy', 'role/crossbook-prod-release'],
    ['what a release may do', 'iam:PutRolePolicy', 'role/crossbook-prod-release'],
    ['what a drill may do', 'iam:PutRolePolicy', 'role/crossbook-dr-drill'],
    [
      'the roles of the CDK',
      'iam:UpdateAssumeRolePolicy',
      'role/cdk-hnb659fds-deploy-role-333333333333-eu-west-1',
    ],
    ['who is in a group', 'iam:AddUserToGroup', 'group/crossbook-prod-admins'],
    ['users', 'iam:CreateUser', 'user/crossbook-prod-somebody'],
    ['access keys', 'iam:CreateAccessKey', 'user/somebody'],
  ])('cannot change %s', (_, action, name) => {
    const resource = `arn:aws:iam::333333333333:${name}`;
    expect(deployed({ action, resource, context: boundary('prod') })).toBe(false);
  });

  it('does not reach the account, the organization, other names, or data', () => {
    const refused: Call[] = [
      { action: 'organizations:LeaveOrganization', resource: '*' },
      { action: 'account:CloseAccount', resource: '*' },
      { action: 's3:GetObject', resource: 'arn:aws:s3:::crossbook-prod-archive/2026' },
      { action: 's3:CreateBucket', resource: 'arn:aws:s3:::another' },
      { action: 'secretsmanager:GetSecretValue', resource: secret('another/password-x') },
      { action: 'kms:Decrypt', resource: 'arn:aws:kms:eu-central-1:333333333333:key/1' },
      { action: 'ec2:RunInstances', resource: '*' },
      { action: 'sts:AssumeRole', resource: role },
    ];
    expect(refused.filter(deployed)).toEqual([]);
  });

  it('changes a boundary while somebody who may bootstrap has unlocked it', () => {
    const unlocked = documentsOf(executionPolicies('none'));
    const change = (policy: string) => ({
      action: 'iam:CreatePolicyVersion',
      resource: `arn:aws:iam::333333333333:policy/${policy}`,
    });
    expect(allows(unlocked, change('crossbook-prod-boundary'))).toBe(true);
    expect(allows(unlocked, change('crossbook-execution-named'))).toBe(false);
  });

  it('suffices for a bucket, a secret, a key in use, and a role that is passed on', () => {
    const needed: Call[] = [
      { action: 's3:PutBucketPolicy', resource: 'arn:aws:s3:::crossbook-prod-archive' },
      { action: 's3:PutReplicationConfiguration', resource: 'arn:aws:s3:::crossbook-prod-archive' },
      {
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::cdk-hnb659fds-assets-333333333333-eu-central-1/a.zip',
      },
      { action: 'secretsmanager:CreateSecret', resource: secret('crossbook/prod/database') },
      {
        action: 'kms:GenerateDataKey',
        resource: 'arn:aws:kms:eu-central-1:333333333333:key/1',
        context: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
      },
      { action: 'iam:PassRole', resource: role },
      { action: 'iam:CreatePolicy', resource: 'arn:aws:iam::333333333333:policy/crossbook-prod-boundary' },
    ];
    expect(needed.filter((call) => !deployed(call))).toEqual([]);
  });

  it('covers every service that a stack takes a construct of', () => {
    const allowed = documents.flatMap(({ Statement }) =>
      Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action),
    );
    const prefixes = new Set(allowed.map((action) => action.split(':')[0]));
    expect([...servicesOfStacks()].filter((service) => !prefixes.has(service))).toEqual([]);
  });
});

function secret(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:333333333333:secret:${name}`;
}

/** As IAM names them, from what the stacks import. */
function servicesOfStacks(): Set<string> {
  const ofIam: Readonly<Record<string, string>> = {
    accessanalyzer: 'access-analyzer',
    apigatewayv2: 'apigateway',
    applicationautoscaling: 'application-autoscaling',
    arcregionswitch: 'arc-region-switch',
    certificatemanager: 'acm',
    codestarnotifications: 'codestar-notifications',
    elasticloadbalancingv2: 'elasticloadbalancing',
    inspectorv2: 'inspector2',
    kinesisfirehose: 'firehose',
  };
  const files = ['stacks', 'pipelines'].flatMap((path) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${path}/${name}`),
  );
  const imports = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/from 'aws-cdk-lib\/aws-([a-z0-9]+)(?:-[a-z-]+)?'/g),
  ]);
  const services = new Set(imports.map(([, module]) => ofIam[module!] ?? module!));
  services.delete('codecommit'); // a repository there is read, and made by nobody here
  return services;
}

describe('the boundary of the pipeline', () => {
  it('holds all that the roles of the pipeline are given, so that it changes nothing today', () => {
    const { Boundary } = resourcesOf(`${folder}/tools-boundary.yml`, inProd);
    const { Statement } = Boundary!.Properties.PolicyDocument as PolicyDocument;
    const bounds = Statement.flatMap(({ Action }) => Action);
    const stack = new PipelineStack(appWithFlags(), 'crossbook-pipeline', {
      delivery,
      dev,
      staging,
      prod,
      dr,
    });
    const given = propertiesOf(Template.fromStack(stack), 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }: { PolicyDocument: PolicyDocument }) =>
        PolicyDocument.Statement.flatMap(({ Action }) => Action),
    );
    expect(given.length).toBeGreaterThan(100);
    expect([...new Set(given)].filter((action) => !bounds.some((bound) => matches(bound, action)))).toEqual(
      [],
    );
  });
});

describe('the role that releases', () => {
  const at = { 'AWS::AccountId': staging.account, 'AWS::Region': staging.region };
  const parameters = {
    ...at,
    NamePrefix: 'crossbook',
    Environment: 'staging',
    ToolsAccount: delivery.account,
  };
  const { Role } = resourcesOf(`${folder}/release-role.yml`, parameters);
  const { RoleName, AssumeRolePolicyDocument, Policies } = Role!.Properties as {
    readonly RoleName: string;
    readonly AssumeRolePolicyDocument: { readonly Statement: readonly unknown[] };
    readonly Policies: readonly { readonly PolicyDocument: PolicyDocument }[];
  };
  const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

  it('has the name that the pipeline knows', () => {
    expect(`arn:aws:iam::222222222222:role/${RoleName}`).toBe(releaseRoleArn(staging));
  });

  it('is for the roles of the pipeline in the tools account, and nobody else', () => {
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: 'arn:aws:iam::999999999999:root' },
        Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::999999999999:role/crossbook-pipeline-*' } },
      },
    ]);
  });

  it('may call what the programs of a release call, and no more than they bring with them', () => {
    const broughtWith = [
      'cloudformation:DetectStackResourceDrift',
      'codedeploy:GetApplicationRevision',
      'codedeploy:GetDeploymentConfig',
      'codedeploy:RegisterApplicationRevision',
      's3:PutObjectTagging',
    ];
    const granted = statements.flatMap(({ Action }) => Action);
    expect(granted.toSorted()).toEqual(
      [...new Set([...callsIn('release', 'drift'), ...broughtWith])].toSorted(),
    );
  });

  it('reaches its own environment only, but for actions that name no resource', () => {
    const unbounded = ({ Resource }: Statement) => [Resource].flat().includes('*');
    expect(statements.filter(unbounded).flatMap(({ Action }) => Action)).toEqual([
      'ecs:DescribeTaskDefinition',
      'cloudwatch:DescribeAlarms',
      'cloudformation:DescribeStackDriftDetectionStatus',
      'cloudformation:ListStacks',
    ]);
    const elsewhere: Call[] = [
      {
        action: 'ssm:PutParameter',
        resource: 'arn:aws:ssm:eu-central-1:222222222222:parameter/crossbook/prod/images/orders',
      },
      {
        action: 'ssm:PutParameter',
        resource: 'arn:aws:ssm:eu-central-1:222222222222:parameter/crossbook/staging/else',
      },
      {
        action: 'secretsmanager:GetSecretValue',
        resource:
          'arn:aws:secretsmanager:eu-central-1:222222222222:secret:crossbook/staging/token-signing-key-a',
      },
      {
        action: 'codedeploy:CreateDeployment',
        resource:
          'arn:aws:codedeploy:eu-central-1:222222222222:deploymentgroup:crossbook-dev-orders/crossbook-dev-orders',
      },
      { action: 's3:PutObject', resource: `arn:aws:s3:::${webBucketName(dev)}/index.html` },
      { action: 's3:PutObject', resource: `arn:aws:s3:::${bucketNameOf(staging, 'blobs')}/index.html` },
      { action: 's3:DeleteObject', resource: `arn:aws:s3:::${webBucketName(staging)}/index.html` },
    ];
    expect(elsewhere.filter((call) => allows([{ Statement: statements }], call))).toEqual([]);
    expect(
      allows([{ Statement: statements }], {
        action: 'codedeploy:CreateDeployment',
        resource:
          'arn:aws:codedeploy:eu-central-1:222222222222:deploymentgroup:crossbook-staging-orders/crossbook-staging-orders',
      }),
    ).toBe(true);
    expect(
      allows([{ Statement: statements }], {
        action: 's3:PutObject',
        resource: `arn:aws:s3:::${webBucketName(staging)}/index.html`,
      }),
    ).toBe(true);
  });
});

describe('the role that drills', () => {
  const parameters = {
    ...{ 'AWS::AccountId': dr.account, 'AWS::Region': dr.region },
    ...{
      NamePrefix: 'crossbook',
      Standby: 'dr',
      Primary: 'prod',
      PrimaryRegion: prod.region,
      ToolsAccount: delivery.account,
    },
  };
  const { Role } = resourcesOf(`${folder}/drill-role.yml`, parameters);
  const { RoleName, Policies } = Role!.Properties as {
    readonly RoleName: string;
    readonly Policies: readonly { readonly PolicyDocument: PolicyDocument }[];
  };
  const documents = Policies.map(({ PolicyDocument }) => PolicyDocument);
  const service = (region: string, cluster: string) =>
    `arn:aws:ecs:${region}:${dr.account}:service/${cluster}/orders`;

  it('has the name that the pipeline knows', () => {
    expect(`arn:aws:iam::${dr.account}:role/${RoleName}`).toBe(drillRoleArn(dr));
  });

  it('may call what the programs of a drill call, and nothing else', () => {
    const granted = documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
    // Of what they share with a release, a drill only asks what runs.
    const looking = ['DescribeServices', 'DescribeServiceRevisions', 'DescribeTaskDefinition'];
    const called = new Set([...callsIn('drill'), ...looking.map((action) => `ecs:${action}`)]);
    expect(granted.toSorted()).toEqual([...called].toSorted());
  });

  it('starts tasks in the standby, and changes nothing of the primary, of the database, or elsewhere', () => {
    const may = (action: string, resource: string, context = {}) =>
      allows(documents, { action, resource, context });
    expect(may('ecs:UpdateService', service(dr.region, 'crossbook-dr'))).toBe(true);
    expect(may('ecs:UpdateService', service(prod.region, 'crossbook-prod'))).toBe(false);
    expect(may('ecs:UpdateService', service(prod.region, 'crossbook-dr'))).toBe(false);
    expect(may('ecs:DescribeServices', service(prod.region, 'crossbook-prod'))).toBe(true);
    const changing = documents.flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }) => Action).filter((action) => !/:(Describe|List|Get)/.test(action)),
    );
    expect(changing).toEqual(['ecs:UpdateService', 'cloudwatch:PutMetricData']);
    expect(may('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Crossbook/Drills' })).toBe(true);
    expect(may('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Crossbook' })).toBe(false);
  });
});

it('gives nobody every action on everything', () => {
  const parameters = {
    ...inProd,
    Boundaries: boundaryArn('prod'),
    Locked: 'none',
    Environment: 'prod',
    ToolsAccount: '999999999999',
    Standby: 'dr',
    Primary: 'prod',
    PrimaryRegion: 'eu-central-1',
  };
  const templates = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  expect(templates).toHaveLength(4);
  const everything = templates.flatMap((name) =>
    [
      ...JSON.stringify(resourcesOf(`${folder}/${name}`, parameters)).matchAll(
        /"Action":("\*"|\[[^\]]*"\*"[^\]]*\])/g,
      ),
    ].map(([text]) => `${name}: ${text}`),
  );
  expect(everything).toEqual([]);
});

/** What the programs in folders of the pipeline ask of an environment, as IAM names it. */
function callsIn(...folders: readonly string[]): Set<string> {
  const files = folders.flatMap((name) =>
    readdirSync(`pipelines/${name}`).map((file) => `pipelines/${name}/${file}`),
  );
  const calls = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/environmentCli[^(]*\(\s*'([a-z0-9]+)',\s*'([a-z0-9-]+)'/g),
  ]);
  const pascal = (words: string) =>
    words.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const prefixes: Readonly<Record<string, string>> = {
    deploy: 'codedeploy',
    elbv2: 'elasticloadbalancing',
    s3api: 's3',
  };
  /** Where IAM calls it otherwise. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
  const others: Readonly<Record<string, string>> = {
    'list-objects-v2': 'ListBucket',
    'copy-object': 'PutObject', // and GetObject, which is called as well
  };
  return new Set(
    calls.map(
      ([, service, action]) => `${prefixes[service!] ?? service}:${others[action!] ?? pascal(action!)}`,
    ),
  );
}
