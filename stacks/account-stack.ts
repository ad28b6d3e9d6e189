import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRole, type ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { AuditTrail } from './audit-trail.ts';
import { PasswordPolicy } from './password-policy.ts';
import { PeopleGroups } from './people-groups.ts';
import { permissionBoundary } from './permission-boundary.ts';

export interface AccountStackProps extends StackProps {
  readonly environment: Environment;
  readonly peer?: Environment;
}

/** What an account has once, whatever its regions: people, the bound of all roles, and the record of all calls. */
export class AccountStack extends Stack {
  constructor(scope: Construct, id: string, props: AccountStackProps) {
    super(scope, id, props);
    const { environment, peer } = props;
    if (environment.guards.people) this.#people(environment, peer);
    if (environment.guards.cloudTrail) new AuditTrail(this, 'Trail', environment);
    if (environment.role === 'primary') this.#bound(permissionBoundary(this, environment, peer));
  }

  /** False where all of it is another's: CloudFormation knows no empty stack. */
  static isNeeded({ role, guards }: Environment): boolean {
    return role === 'primary' || guards.people || guards.cloudTrail;
  }

  /** A standby's people are its primary's. */
  #people(environment: Environment, peer?: Environment): void {
    new PeopleGroups(this, 'People', {
      prefix: prefixOf(environment),
      environments: peer ? [environment, peer] : [environment],
    });
    new PasswordPolicy(this, 'PasswordPolicy', environment);
  }

  /** The boundary is put on roles by its name, which tells CloudFormation nothing: here the policy comes first. */
  #bound(boundary: ManagedPolicy): void {
    for (const child of this.node.findAll()) if (child instanceof CfnRole) child.node.addDependency(boundary);
  }
}
