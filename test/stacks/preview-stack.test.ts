import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import type { Previews } from '#environments/previews.ts';
import { PreviewStack } from '#stacks/preview-stack.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

const previews: Previews = {
  within: dev,
  hours: 24,
  countMax: 3,
  budgetDollars: 20,
  reachableFrom: ['203.0.113.0/24', '198.51.100.7/32'],
};
const template = Template.fromStack(
  new PreviewStack(appWithFlags(), {
    previews,
    name: 'new-order-types',
    digest: `sha256:${'ab'.repeat(32)}`,
    expiresAt: new Date('2030-01-02T03:04:05.678Z'),
    registry: delivery,
  }),
);
const only = (type: string) => {
  const [properties, ...others] = propertiesOf(template, type);
  expect(others).toEqual([]);
  return properties;
};

describe('a preview', () => {
  it('deletes itself in time, whatever becomes of its branch', () => {
    const schedule = only('AWS::Scheduler::Schedule');
    expect(schedule.ScheduleExpression).toBe('at(2030-01-02T03:04:05)');
    expect(schedule.Target.Arn).toBe('arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack');
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({ Principal: { Service: 'scheduler.amazonaws.com' } })],
      },
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              { Action: 'cloudformation:DeleteStack', Effect: 'Allow', Resource: { Ref: 'AWS::StackId' } },
            ],
          },
        },
      ],
    });
  });

  it('leaves nothing behind', () => {
    const kept = Object.values(
      template.toJSON().Resources as Record<string, { DeletionPolicy?: string }>,
    ).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
    expect(kept).toEqual([]);
  });

  it('is reached from the networks that are named, by TLS, and from nowhere else', () => {
    const groups = propertiesOf(template, 'AWS::EC2::SecurityGroup');
    const from = groups.flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress);
    expect(from.map(({ CidrIp, FromPort, ToPort }) => [CidrIp, FromPort, ToPort])).toEqual([
      ['203.0.113.0/24', 443, 443],
      ['198.51.100.7/32', 443, 443],
    ]);
    expect(only('AWS::ElasticLoadBalancingV2::Listener').Protocol).toBe('HTTPS');
    expect(only('AWS::Route53::RecordSet').Name).toBe(`new-order-types.preview.${dev.domain}.`);
  });

  it('runs the image of its commit, without a right to anything', () => {
    const { ContainerDefinitions, TaskRoleArn } = only('AWS::ECS::TaskDefinition');
    const [container] = ContainerDefinitions;
    expect(JSON.stringify(container.Image)).toContain(`crossbook/preview@sha256:${'ab'.repeat(32)}`);
    expect(container).toMatchObject({ User: '1000:1000', ReadonlyRootFilesystem: true });
    expect(container.Secrets).toBeUndefined();
    const [role] = TaskRoleArn['Fn::GetAtt'];
    const attached = propertiesOf(template, 'AWS::IAM::Policy').flatMap(({ Roles }) => Roles);
    expect(attached).not.toContainEqual({ Ref: role });
    expect(only('AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe(
      'DISABLED',
    );
  });

  it('tells what it costs before it costs more than it may', () => {
    const { Budget, NotificationsWithSubscribers } = only('AWS::Budgets::Budget');
    expect(Budget).toMatchObject({
      BudgetLimit: { Amount: 20, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:crossbook:preview$new-order-types'] },
    });
    const told = NotificationsWithSubscribers.map(
      ({ Notification, Subscribers }: { Notification: { Threshold: number }; Subscribers: object[] }) => [
        Notification.Threshold,
        Subscribers,
      ],
    );
    const subscribers = dev.alarmEmails.map((Address) => ({ Address, SubscriptionType: 'EMAIL' }));
    expect(told).toEqual([
      [80, subscribers],
      [100, subscribers],
    ]);
  });

  it('bears the tag that bills are told apart by', () => {
    expect(JSON.stringify(only('AWS::EC2::VPC').Tags)).toContain(
      '{"Key":"crossbook:preview","Value":"new-order-types"}',
    );
  });

  it('has roles within the boundary of the environment that it lives in', () => {
    for (const { PermissionsBoundary } of propertiesOf(template, 'AWS::IAM::Role'))
      expect(JSON.stringify(PermissionsBoundary)).toContain('policy/crossbook-dev-boundary');
  });

  it('needs no file beside its template, so that nothing has to be published first', () => {
    expect(propertiesOf(template, 'AWS::Lambda::Function')).toEqual([]);
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(51_200);
  });
});
