import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  BackupPlan,
  BackupPlanRule,
  BackupResource,
  BackupVault,
  type IBackupVault,
} from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

const policy = 'service-role/AWSBackupServiceRolePolicyForBackup';

export interface BackupsProps {
  readonly environment: Environment;
  readonly key: IKey;
  /** ARNs of what is backed up. */
  readonly stores: readonly string[];
  /** In another region: every backup is copied there. */
  readonly copyTo?: IBackupVault;
}

/** A backup of every store each night, apart from what the stores do themselves: it outlives them. */
export class Backups extends Construct {
  constructor(scope: Construct, id: string, { environment, key, stores, copyTo }: BackupsProps) {
    super(scope, id);
    const deleteAfter = Duration.days(environment.database.backupDays);
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: prefixOf(environment),
      backupVault: backupVault(this, environment, key),
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'nightly',
          scheduleExpression: Schedule.cron({ hour: '5', minute: '0' }), // UTC
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(8),
          deleteAfter,
          copyActions: copyTo && [{ destinationBackupVault: copyTo, deleteAfter }],
        }),
      ],
    });
    plan.addSelection('Stores', {
      role: this.#role(),
      resources: stores.map((arn) => BackupResource.fromArn(arn)),
      disableDefaultBackupPolicy: true,
    });
  }

  #role(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(policy)],
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
      reason: 'AWS keeps it in step with what AWS Backup does; ours would miss what it learns.',
    });
    return role;
  }
}

/** Where an environment's backups are. Nobody can delete one early from where data is kept. */
export function backupVault(scope: Construct, environment: Environment, key: IKey): BackupVault {
  const { keepsData } = environment;
  return new BackupVault(scope, 'Vault', {
    backupVaultName: `${prefixOf(environment)}-backups`,
    encryptionKey: key,
    blockRecoveryPointDeletion: keepsData,
    removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
