import { Aspects, CfnResource, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says why a rule of the policy checks does not hold for one construct. Each is counted by a test: mend, if you can. */
export function acknowledge(construct: IConstruct, reason: string, ...ids: readonly string[]): void {
  for (const id of ids) Validations.of(construct).acknowledge({ id, reason });
}

interface Decision {
  readonly types: readonly string[];
  readonly id: string;
  readonly reason: string;
}

/** Rules that this project does not follow anywhere, each with why. */
export const decisions: readonly Decision[] = [
  {
    types: ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::IAM::Group'],
    id: 'NIST.800.53.R5-IAMNoInlinePolicy',
    reason: 'A policy of one role lives and dies with it, and nobody can attach it to another.',
  },
  {
    types: ['AWS::Logs::LogGroup'],
    id: 'cdk-validator-cfnguard::cloudwatch_log_group_retention_period_check',
    reason: 'How long logs are kept is said by the environment: a year in production, less before it.',
  },
  {
    types: ['AWS::Logs::LogGroup'],
    id: 'cdk-validator-cfnguard::cloudwatch_log_group_encrypted_check',
    reason: 'Each has a key; the rule does not know the reference to one in another stack.',
  },
  {
    types: ['AWS::S3::Bucket'],
    id: 'cdk-validator-cfnguard::s3_bucket_object_lock_enabled_check',
    reason:
      'What must not be lost is versioned and copied; most of what is written has to be deleted in time.',
  },
  {
    types: ['AWS::S3::Bucket'],
    id: 'cdk-validator-cfnguard::s3_event_notifications_enabled_check',
    reason: 'Nobody acts on a new object.',
  },
];

/** Acknowledges the {@link decisions} for everything below `scope`. */
export function acknowledgeDecisions(scope: IConstruct): void {
  Aspects.of(scope).add({
    visit(node) {
      if (!(node instanceof CfnResource)) return;
      for (const { types, id, reason } of decisions)
        if (types.includes(node.cfnResourceType)) acknowledge(node, reason, id);
    },
  });
}
