import { Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';

/** What roles of an environment ever call. A new service of AWS is added here first. */
const services = [
  'access-analyzer',
  'acm',
  'apigateway',
  'application-autoscaling',
  'athena',
  'backup',
  'backup-storage',
  'cloudformation',
  'cloudfront',
  'cloudtrail',
  'cloudwatch',
  'codebuild',
  'codedeploy',
  'codepipeline',
  'config',
  'dynamodb',
  'ec2',
  'ecr',
  'ecs',
  'elasticache',
  'elasticloadbalancing',
  'events',
  'execute-api',
  'firehose',
  'glue',
  'guardduty',
  'kinesis',
  'kms',
  'lambda',
  'logs',
  'rds',
  'route53',
  's3',
  'secretsmanager',
  'securityhub',
  'servicediscovery',
  'ses',
  'sns',
  'sqs',
  'ssm',
  'sts',
  'synthetics',
  'tag',
  'wafv2',
  'xray',
];

/** What brings people in and out; see {@link peopleManagers}. */
export const peopleActions = [
  'iam:AddUserToGroup',
  'iam:CreateLoginProfile',
  'iam:CreateUser',
  'iam:DeactivateMFADevice',
  'iam:DeleteAccessKey',
  'iam:DeleteLoginProfile',
  'iam:DeleteUser',
  'iam:DeleteVirtualMFADevice',
  'iam:RemoveUserFromGroup',
  'iam:UpdateAccessKey',
  'iam:UpdateLoginProfile',
];

const passwordPolicyAction = 'iam:UpdateAccountPasswordPolicy';

/** What would blind whoever looks on: no role needs it, and an intruder would want it first. */
const blinding = [
  'access-analyzer:Delete*',
  'cloudtrail:Delete*',
  'cloudtrail:Put*',
  'cloudtrail:Stop*',
  'cloudtrail:Update*',
  'config:Delete*',
  'config:PutConfigurationRecorder',
  'config:PutDeliveryChannel',
  'config:Stop*',
  'guardduty:Delete*',
  'guardduty:Disassociate*',
  'guardduty:Stop*',
  'guardduty:Update*',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
  'securityhub:BatchDisable*',
  'securityhub:Delete*',
  'securityhub:Disable*',
];

/** Images come from the pipeline's account, in whatever region that has them. */
const pulls = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetAuthorizationToken',
  'ecr:GetDownloadUrlForLayer',
];

/** Where global services, such as IAM and CloudFront, answer. */
const globalRegion = 'us-east-1';

/**
 * The name of the policy that no role of the environment can go beyond. Policies are the account's and not a region's,
 * so a standby has its primary's.
 */
export function permissionBoundaryOf(environment: Environment): string {
  const { role } = environment;
  const owner = role === 'standby' ? { ...environment, name: environment.standbyFor } : environment;
  return `${prefixOf(owner)}-boundary`;
}

/** The role that admins take on. */
export function adminRoleOf(prefix: string): string {
  return `${prefix}-admin`;
}

/** Bounds every role of a primary and its standby. It grants nothing: a role has what its own policies say within it. */
export function permissionBoundary(
  scope: Construct,
  primary: Environment,
  standby?: Environment,
): ManagedPolicy {
  const environments = standby ? [primary, standby] : [primary];
  const boundary = new ManagedPolicy(scope, 'Boundary', {
    managedPolicyName: permissionBoundaryOf(primary),
    description: `The most that any role of ${prefixOf(primary)} may do`,
    statements: [
      new PolicyStatement({ notActions: ['account:*', 'organizations:*'], resources: ['*'] }),
      onlyWhatIsUsed(),
      passOnlyOwnRoles(scope, environments),
      changePeopleByAdminsOnly(scope, primary),
      deny({ sid: 'KeepTheGuards', actions: blinding, resources: ['*'] }),
      stayInRegions(environments),
    ],
  });
  acknowledge(
    boundary,
    'A boundary grants nothing; the denial that follows, of all but the services listed, bounds this.',
    'AwsSolutions-IAM5',
    'CloudFormation-Validate::W2512',
    'cdk-validator-cfnguard::iam_managed_policy_no_statements_with_full_access_check',
  );
  return boundary;
}

/** IAM is read but not written, except as the next statements say. */
function onlyWhatIsUsed(): PolicyStatement {
  return deny({
    sid: 'OnlyWhatIsUsed',
    notActions: [
      ...services.map((service) => `${service}:*`),
      'iam:GenerateCredentialReport',
      'iam:Get*',
      'iam:List*',
      'iam:PassRole',
      passwordPolicyAction,
      ...peopleActions,
    ],
    resources: ['*'],
  });
}

function passOnlyOwnRoles(scope: Construct, environments: readonly Environment[]): PolicyStatement {
  return deny({
    sid: 'PassOnlyOwnRoles',
    actions: ['iam:PassRole'],
    notResources: environments.map((environment) => roleArn(scope, `${prefixOf(environment)}-*`)),
  });
}

/** By the role of admins; and the password policy by a function of the stack that this policy is in. */
function changePeopleByAdminsOnly(scope: Construct, primary: Environment): PolicyStatement {
  return deny({
    sid: 'ChangePeopleByAdminsOnly',
    actions: [...peopleActions, passwordPolicyAction],
    resources: ['*'],
    conditions: {
      ArnNotLike: {
        'aws:PrincipalArn': [
          roleArn(scope, adminRoleOf(prefixOf(primary))),
          roleArn(scope, `${Stack.of(scope).stackName}-*`),
        ],
      },
    },
  });
}

function stayInRegions(environments: readonly Environment[]): PolicyStatement {
  const regions = new Set([...environments.map(({ region }) => region), globalRegion]);
  return deny({
    sid: 'StayInRegions',
    notActions: pulls,
    resources: ['*'],
    conditions: { StringNotEquals: { 'aws:RequestedRegion': [...regions] } },
  });
}

function deny(statement: ConstructorParameters<typeof PolicyStatement>[0]): PolicyStatement {
  return new PolicyStatement({ ...statement, effect: Effect.DENY });
}

function roleArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: name });
}
