import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { delivery, namePrefix } from '#environments/delivery.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { lookingActions } from './looking-actions.ts';
import { peopleActions } from './permission-boundary.ts';

/** Setting up one's own MFA, which is all that works without it. A device that no user has opens nothing. */
const withoutMfa = [
  'iam:CreateVirtualMFADevice',
  'iam:DeleteVirtualMFADevice',
  'iam:EnableMFADevice',
  'iam:GetMFADevice',
  'iam:GetUser',
  'iam:ListMFADevices',
  'iam:ListVirtualMFADevices',
  'iam:ResyncMFADevice',
  'sts:GetSessionToken', // how a command line shows its MFA
];

/** What secrets say and what stores hold, and the ways around: a shell in a task, a copy elsewhere. */
const contents = [
  'athena:GetQueryResults',
  'athena:StartQueryExecution',
  'backup:StartCopyJob',
  'backup:StartRestoreJob',
  'dynamodb:BatchGetItem',
  'dynamodb:ExportTableToPointInTime',
  'dynamodb:GetItem',
  'dynamodb:GetRecords',
  'dynamodb:PartiQLSelect',
  'dynamodb:Query',
  'dynamodb:Scan',
  'ecs:ExecuteCommand',
  'elasticache:Connect',
  'kinesis:GetRecords',
  'kinesis:SubscribeToShard',
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
  'rds-data:*',
  'rds-db:connect',
  's3:GetObject*',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:GetSecretValue',
  'sqs:ReceiveMessage',
  'ssm:StartSession',
];

const approve = 'codepipeline:PutApprovalResult';

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
 * A first password must be changed after MFA is set up, so it is given without asking to change it at once.
 */
export function ownMfa(account: string): PolicyStatement[] {
  const user = `arn:aws:iam::${account}:user/\${aws:username}`;
  const device = `arn:aws:iam::${account}:mfa/\${aws:username}`;
  return [
    allow(['iam:GetAccountPasswordPolicy', 'iam:ListVirtualMFADevices'], ['*']),
    allow(['iam:CreateVirtualMFADevice', 'iam:DeleteVirtualMFADevice'], [device]),
    allow(
      [
        'iam:ChangePassword',
        'iam:DeactivateMFADevice',
        'iam:EnableMFADevice',
        'iam:GetMFADevice',
        'iam:GetUser',
        'iam:ListMFADevices',
        'iam:ResyncMFADevice',
      ],
      [user],
    ),
    new PolicyStatement({
      sid: 'NothingElseWithoutMfa',
      effect: Effect.DENY,
      notActions: withoutMfa,
      resources: ['*'],
      // Access keys bring no such key at all, which is as good as false.
      conditions: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    }),
  ];
}

export function readOnly(): PolicyStatement[] {
  return [allow(lookingActions, ['*'])];
}

/** Whatever else someone is allowed, now or later: no contents, and no say in the release that they made or run. */
export function withoutContents(): PolicyStatement[] {
  return [new PolicyStatement({ effect: Effect.DENY, actions: [...contents, approve], resources: ['*'] })];
}

/** Where the pipeline runs in this account; in others, these two name nothing that exists. */
const pipelinesOf = (account: string) => `arn:aws:codepipeline:${delivery.region}:${account}:${namePrefix}`;

export function operation(account: string, environments: readonly Environment[]): PolicyStatement[] {
  const pipeline = pipelinesOf(account);
  return [
    allow(
      [
        'codepipeline:DisableStageTransition',
        'codepipeline:EnableStageTransition',
        'codepipeline:RetryStageExecution',
        'codepipeline:RollbackStage',
        'codepipeline:StartPipelineExecution',
        'codepipeline:StopPipelineExecution',
      ],
      [pipeline, `${pipeline}/*`],
    ),
    ...environments.flatMap((environment) => operationOf(account, environment)),
  ];
}

function operationOf(account: string, environment: Environment): PolicyStatement[] {
  const prefix = prefixOf(environment);
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${environment.region}:${account}:${resource}`;
  return [
    allow(
      ['ecs:StopTask', 'ecs:UpdateService'],
      [arn('ecs', `service/${prefix}/*`), arn('ecs', `task/${prefix}/*`)],
    ),
    new PolicyStatement({
      actions: ['application-autoscaling:RegisterScalableTarget'],
      resources: [arn('application-autoscaling', 'scalable-target/*')],
      conditions: { StringEquals: { 'application-autoscaling:service-namespace': 'ecs' } },
    }),
    allow(
      [
        'codedeploy:ContinueDeployment',
        'codedeploy:CreateDeployment',
        'codedeploy:GetApplicationRevision',
        'codedeploy:RegisterApplicationRevision',
        'codedeploy:StopDeployment',
      ],
      [arn('codedeploy', `application:${prefix}-*`), arn('codedeploy', `deploymentgroup:${prefix}-*`)],
    ),
    allow(
      ['cloudwatch:DisableAlarmActions', 'cloudwatch:EnableAlarmActions', 'cloudwatch:SetAlarmState'],
      [arn('cloudwatch', `alarm:${prefix}-*`)],
    ),
    allow(
      ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:PutParameter'],
      [arn('ssm', `parameter/${namePrefix}/${environment.name}/*`)],
    ),
  ];
}

export function approval(account: string): PolicyStatement[] {
  return [allow([approve], [`${pipelinesOf(account)}/*`])];
}

/** Who belongs to which group, and what they log in with. */
export function administration(account: string, groupArns: readonly string[]): PolicyStatement[] {
  return [
    allow(
      [
        'iam:GenerateCredentialReport',
        'iam:GetCredentialReport',
        'iam:GetGroup',
        'iam:GetLoginProfile',
        'iam:GetUser',
        'iam:ListAccessKeys',
        'iam:ListGroups',
        'iam:ListGroupsForUser',
        'iam:ListMFADevices',
        'iam:ListUsers',
      ],
      ['*'],
    ),
    allow(peopleActions, [...groupArns, `arn:aws:iam::${account}:user/*`, `arn:aws:iam::${account}:mfa/*`]),
    new PolicyStatement({ effect: Effect.DENY, actions: [approve], resources: ['*'] }),
  ];
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
