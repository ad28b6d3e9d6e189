import { Duration, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  Effect,
  Group,
  ManagedPolicy,
  PolicyStatement,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { administration, approval, operation, ownMfa, readOnly, withoutContents } from './people-policies.ts';
import { adminRoleOf } from './permission-boundary.ts';

export interface PeopleGroupsProps {
  /** What names of groups and policies begin with. */
  readonly prefix: string;
  /** What DevOps operates; none in the account of the pipeline, which has no admins either: its roles are bounded to builds. */
  readonly environments: readonly Environment[];
}

/**
 * Who may do what by hand. A person is an IAM user in one group or more, and without MFA may only set up MFA. Where the
 * organization has IAM Identity Center people come from there, and `guards.people` is false.
 *
 * | group      | may                                                                                    |
 * | ---------- | -------------------------------------------------------------------------------------- |
 * | developers | see what runs, its logs, metrics and traces; no secrets, no data                       |
 * | devops     | that, and operate: tasks, deployments, releases, alarms, parameters                    |
 * | approvers  | see it, and say yes or no to a release; not who is in one of the groups before as well |
 * | admins     | become `<prefix>-admin` for an hour: all within the boundary, and people               |
 */
export class PeopleGroups extends Construct {
  readonly #prefix: string;

  constructor(scope: Construct, id: string, { prefix, environments }: PeopleGroupsProps) {
    super(scope, id);
    this.#prefix = prefix;
    const developers = this.#group('Developers');
    const devops = this.#group('DevOps');
    const approvers = this.#group('Approvers');
    const admins = environments.length > 0 ? [this.#group('Admins')] : [];
    const everyone = [developers, devops, approvers, ...admins];

    const { account } = Stack.of(this);
    this.#policy(
      'own-mfa',
      everyone,
      ownMfa(account),
      'Lists of devices and rules for passwords are of all.',
    );
    this.#policy(
      'read-only',
      [developers, devops, approvers],
      readOnly(),
      'Most of it has no resource to name.',
    );
    this.#policy('without-contents', [developers, devops], withoutContents());
    this.#policy(
      'operation',
      [devops],
      operation(account, environments),
      'All of one environment or pipeline.',
    );
    this.#policy('approval', [approvers], approval(account), 'Whatever the pipeline asks approval for.');
    if (admins.length === 0) return;
    const admin = this.#adminRole(everyone);
    this.#policy('become-admin', admins, [
      new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [admin.roleArn] }),
    ]);
  }

  /** Its rights are nobody's at rest: taking them on needs MFA, is in the trail, and is over after an hour. */
  #adminRole(groups: readonly Group[]): Role {
    const { account } = Stack.of(this);
    const role = new Role(this, 'Admin', {
      roleName: adminRoleOf(this.#prefix),
      description: 'For admins, for an hour at a time',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new PrincipalWithConditions(new AccountRootPrincipal(), {
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' }, // seconds
      }),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess')],
    });
    acknowledge(
      role,
      'For what nobody foresaw, such as promoting the standby; the boundary bounds it to the exchange.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/PowerUserAccess]',
    );
    const groupArns = groups.map(({ groupArn }) => groupArn);
    const policy = this.#policy(
      'administration',
      [],
      administration(account, groupArns),
      'People of all groups.',
    );
    role.addManagedPolicy(policy);
    return role;
  }

  /** `whyAll` says why it has resources with a star. Policies name groups and not the other way round: no circle. */
  #policy(name: string, groups: Group[], statements: PolicyStatement[], whyAll?: string): ManagedPolicy {
    const managedPolicyName = `${this.#prefix}-${name}`;
    const policy = new ManagedPolicy(this, name, { managedPolicyName, groups, statements });
    if (!whyAll) return policy;
    const allowed = statements.filter(({ effect }) => effect === Effect.ALLOW);
    const stars = allowed.flatMap(({ resources }) => resources).filter((resource) => resource.includes('*'));
    acknowledge(policy, whyAll, ...new Set(stars.map((star) => `AwsSolutions-IAM5[Resource::${star}]`)));
    return policy;
  }

  #group(name: string): Group {
    return new Group(this, name, { groupName: `${this.#prefix}-${name.toLowerCase()}` });
  }
}
