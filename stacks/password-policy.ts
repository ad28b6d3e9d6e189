import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgeCaller } from './aws-caller.ts';

/** https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7, and 14 characters as CIS asks. */
const rules = {
  MinimumPasswordLength: 14,
  RequireLowercaseCharacters: true,
  RequireUppercaseCharacters: true,
  RequireNumbers: true,
  RequireSymbols: true,
  AllowUsersToChangePassword: true,
  MaxPasswordAge: 90, // days
  PasswordReusePrevention: 24, // passwords
};

/**
 * The account's rules for passwords of people. CloudFormation has no resource for them, so a call sets them. Nothing
 * takes them back: no account is better off without.
 */
export class PasswordPolicy extends Construct {
  constructor(scope: Construct, id: string, { logRetentionDays }: Environment) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const call = {
      service: 'iam',
      action: 'updateAccountPasswordPolicy',
      parameters: rules,
      physicalResourceId: PhysicalResourceId.of('password-policy'),
    };
    const setting = new AwsCustomResource(this, 'Rules', {
      onCreate: call,
      onUpdate: call,
      logGroup,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ['iam:UpdateAccountPasswordPolicy'], resources: ['*'] }),
      ]),
    });
    acknowledge(
      setting,
      'An account has one policy for passwords, which is no resource to name.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    acknowledgeCaller(this, 'IAM');
  }
}
