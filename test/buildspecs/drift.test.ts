import { afterAll, describe, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const variables = {
  PREFIX: 'crossbook-prod',
  ENVIRONMENT_ROLE: 'arn:aws:iam::333333333333:role/crossbook-prod-release',
  ENVIRONMENT_REGION: 'eu-central-1',
};

const stacks = (...names: string[]): Answer => ({
  to: 'aws cloudformation list-stacks',
  output: { StackSummaries: names.map((StackName) => ({ StackName })) },
});
const detected: Answer[] = [
  { to: 'aws cloudformation detect-stack-drift', output: { StackDriftDetectionId: 'd-1' } },
  {
    to: 'aws cloudformation describe-stack-drift-detection-status',
    output: { DetectionStatus: 'DETECTION_COMPLETE' },
  },
];
const drifted = (...StackResourceDrifts: object[]): Answer => ({
  to: 'aws cloudformation describe-stack-resource-drifts',
  output: { StackResourceDrifts },
});
const modified = (ResourceType: string, PropertyPath: string) => ({
  LogicalResourceId: 'X',
  ResourceType,
  StackResourceDriftStatus: 'MODIFIED',
  PropertyDifferences: [{ PropertyPath, ExpectedValue: 'blue', ActualValue: 'green' }],
});

const check = (...answers: Answer[]) =>
  runBuildspec('drift.yml', variables, [{ to: 'aws configure' }, ...detected, ...answers]);

describe('the drift check', () => {
  it('is content with stacks that are as they were deployed, and looks at no others', async () => {
    const { exitCode, calls } = await check(
      stacks('crossbook-prod-network', 'crossbook-prod-data', 'crossbook-product', 'CDKToolkit'),
      drifted(),
    );
    expect(exitCode).toBe(0);
    const looked = calls.filter((call) => call.includes('detect-stack-drift ')).join(' ');
    expect(looked.match(/--stack-name \S+/g)).toEqual([
      '--stack-name crossbook-prod-network',
      '--stack-name crossbook-prod-data',
    ]);
  });

  it.each([
    [
      'a listener that CodeDeploy moved',
      'AWS::ElasticLoadBalancingV2::Listener',
      '/DefaultActions/0/TargetGroupArn',
    ],
    ['a service that CodeDeploy and scaling run', 'AWS::ECS::Service', '/DesiredCount'],
  ])('passes over %s', async (_, type, path) => {
    const { exitCode } = await check(stacks('crossbook-prod-services'), drifted(modified(type, path)));
    expect(exitCode).toBe(0);
  });

  it.each([
    ['a security group', modified('AWS::EC2::SecurityGroup', '/SecurityGroupIngress/1')],
    ['another property of a listener', modified('AWS::ElasticLoadBalancingV2::Listener', '/Port')],
  ])('names what somebody changed: %s', async (_, drift) => {
    const { exitCode, output } = await check(stacks('crossbook-prod-network'), drifted(drift));
    expect(exitCode).toBe(1);
    const path = drift.PropertyDifferences[0]!.PropertyPath;
    expect(output).toContain(`X (${drift.ResourceType})${path}: it is green, and was to be blue`);
  });

  it('names what somebody deleted', async () => {
    const deleted = {
      LogicalResourceId: 'Trail',
      ResourceType: 'AWS::CloudTrail::Trail',
      StackResourceDriftStatus: 'DELETED',
    };
    const { exitCode, output } = await check(stacks('crossbook-prod-account'), drifted(deleted));
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('Trail (AWS::CloudTrail::Trail) was deleted'),
    ]);
  });

  it('does not take an empty account for one without drift', async () => {
    const { exitCode, output } = await check(stacks());
    expect([exitCode, output]).toEqual([1, expect.stringContaining('no stack is named crossbook-prod-')]);
  });

  it('fails when the detection does', async () => {
    const failed: Answer = {
      to: detected[1]!.to,
      output: { DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: 'throttled' },
    };
    const { exitCode, output } = await runBuildspec('drift.yml', variables, [
      { to: 'aws configure' },
      failed,
      ...detected,
      stacks('crossbook-prod-data'),
    ]);
    expect([exitCode, output]).toEqual([1, expect.stringContaining('crossbook-prod-data: throttled')]);
  });
});
