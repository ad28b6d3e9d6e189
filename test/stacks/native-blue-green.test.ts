/** The switch `codedeploy | native` in the table of services, for services behind a load balancer. */
import { describe, expect, it } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { type ServiceTable, services } from '#stacks/services.ts';
import type { Statement } from './policies.ts';
import { appWithFlags, propertiesOf, synthesize } from './synthesize.ts';

/** The table with the word changed for these. */
const native = (...names: string[]): ServiceTable => ({
  ...services,
  ...Object.fromEntries(names.map((name) => [name, { ...services[name]!, deployment: 'native' }])),
});

const production = synthesize(prod, dr, native('market-data', 'engine')).services;
/** All of them, before production. */
const before = synthesize(dev, undefined, native(...Object.keys(services))).services;
const serviceOf = (name: string, template = production) =>
  propertiesOf(template, 'AWS::ECS::Service').find(({ ServiceName }) => ServiceName === name);
const text = (value: unknown) => JSON.stringify(value);

describe('a service behind a load balancer that ECS deploys itself', () => {
  const { LoadBalancers, DeploymentConfiguration, DeploymentController, TaskDefinition } =
    serviceOf('market-data');
  const [{ AdvancedConfiguration, TargetGroupArn }] = LoadBalancers;

  it('is shifted between the target groups that CodeDeploy would shift it between, over the same two ports', () => {
    expect(DeploymentController?.Type).not.toBe('CODE_DEPLOY');
    expect(text(TargetGroupArn)).toContain('marketdatablue');
    expect(text(AdvancedConfiguration.AlternateTargetGroupArn)).toContain('marketdatagreen');
    const rules = production.findResources('Custom::AWS');
    const listenerOf = (rule: { 'Fn::GetAtt': [string, string] }) => {
      expect(rule['Fn::GetAtt'][1]).toBe('Rules.0.RuleArn');
      return text(rules[rule['Fn::GetAtt'][0]]!.Properties.Create);
    };
    expect(listenerOf(AdvancedConfiguration.ProductionListenerRule)).toMatch(/describeRules.*marketdatalive/);
    expect(listenerOf(AdvancedConfiguration.TestListenerRule)).toMatch(/describeRules.*marketdatatest/);
  });

  it('gets a tenth of the requests first, and keeps the old tasks as long as CodeDeploy would', () => {
    expect(DeploymentConfiguration).toMatchObject({
      Strategy: 'CANARY',
      CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
      BakeTimeInMinutes: 60,
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
    });
    expect(serviceOf('market-data', before).DeploymentConfiguration).toMatchObject({
      Strategy: 'LINEAR',
      LinearConfiguration: { StepPercent: 10, StepBakeTimeInMinutes: 1 },
      BakeTimeInMinutes: 5,
    });
  });

  it('goes back when one of its own alarms rings', () => {
    const own = Object.entries(production.findResources('AWS::CloudWatch::Alarm'))
      .filter(([, { Properties }]) => Properties.AlarmName.startsWith('crossbook-prod-market-data-release-'))
      .map(([Ref]) => ({ Ref }));
    expect(own).toHaveLength(2);
    expect(DeploymentConfiguration.Alarms).toEqual({ AlarmNames: own, Enable: true, Rollback: true });
  });

  it('is looked at by the release check once only the test port leads to the new tasks', () => {
    const [hook, ...more] = DeploymentConfiguration.LifecycleHooks;
    expect(more).toEqual([]);
    expect(hook.LifecycleStages).toEqual(['POST_TEST_TRAFFIC_SHIFT']);
    expect(text(hook.HookTargetArn)).toContain('ReleaseCheckFunction');
    const [check] = propertiesOf(production, 'AWS::Lambda::Function').filter(
      ({ FunctionName }) => FunctionName === 'crossbook-prod-release-check',
    );
    expect(text(check.Environment.Variables.RELEASES)).toContain('crossbook-prod-market-data');
  });

  it('is not looked at in a pilot light, which has no tasks: every release would be refused', () => {
    const standby = serviceOf('market-data', synthesize(dr, prod, native('market-data')).services);
    expect(standby.DeploymentConfiguration).toMatchObject({ Strategy: 'CANARY' });
    expect(standby.DeploymentConfiguration.LifecycleHooks).toBeUndefined();
  });

  it('is deployed by a release, not by CloudFormation: it names no revision, and nothing that a release changes', () => {
    expect(TaskDefinition).toBe('crossbook-prod-market-data');
    expect(serviceOf('projector').TaskDefinition).toBe('crossbook-prod-projector');
    const size = { cpu: 2_048, memoryMiB: 4_096, tasksMin: 3, tasksMax: 9 };
    const larger = synthesize({ ...dev, taskSize: size }, undefined, native('market-data')).services;
    expect(serviceOf('market-data', larger)).toEqual(serviceOf('market-data', before));
  });

  it('is shifted by a role for its own two sides, which may change no other port and call no other function', () => {
    const roles = production.findResources('AWS::IAM::Role');
    const { Properties } = roles[AdvancedConfiguration.RoleArn['Fn::GetAtt'][0]]!;
    expect(Properties.ManagedPolicyArns).toBeUndefined();
    expect(Properties.AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { Service: 'ecs.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '333333333333' } },
      },
    ]);
    const statements: Statement[] = Properties.Policies[0].PolicyDocument.Statement;
    const resourcesOf = (action: string) =>
      statements
        .filter(({ Action }) => [Action].flat().includes(action))
        .flatMap(({ Resource }) => Resource)
        .map(text);
    const sides = (...names: string[]) => names.map((name) => expect.stringContaining(name));
    expect(resourcesOf('elasticloadbalancing:ModifyListener')).toEqual(
      sides('marketdatalive', 'marketdatatest'),
    );
    expect(resourcesOf('elasticloadbalancing:ModifyRule')).toEqual(
      [AdvancedConfiguration.ProductionListenerRule, AdvancedConfiguration.TestListenerRule].map(text),
    );
    for (const action of ['RegisterTargets', 'DeregisterTargets'])
      expect(resourcesOf(`elasticloadbalancing:${action}`)).toEqual(
        sides('marketdatablue', 'marketdatagreen'),
      );
    expect(resourcesOf('lambda:InvokeFunction')).toEqual(sides('ReleaseCheckFunction'));
    for (const { Action, Resource } of statements)
      if (Resource === '*') for (const action of [Action].flat()) expect(action).toMatch(/:Describe/);
  });
});

describe('the engine that ECS deploys itself', () => {
  it('goes over at once, by the listeners of its own load balancer, which have no rules', () => {
    const { LoadBalancers, DeploymentConfiguration } = serviceOf('engine');
    const [{ AdvancedConfiguration }] = LoadBalancers;
    expect(DeploymentConfiguration).toMatchObject({ Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 60 });
    expect(text(AdvancedConfiguration.ProductionListenerRule)).toContain('enginelive');
    expect(text(AdvancedConfiguration.TestListenerRule)).toContain('enginetest');
    expect(text(AdvancedConfiguration.AlternateTargetGroupArn)).toContain('enginegreen');
  });
});

describe('the switch', () => {
  it('takes everything of CodeDeploy away from a service, and nothing from the others', () => {
    const groups = propertiesOf(production, 'AWS::CodeDeploy::DeploymentGroup');
    expect(groups.map(({ DeploymentGroupName }) => DeploymentGroupName).sort()).toEqual(
      ['accounts', 'orders', 'wallet'].map((name) => `crossbook-prod-${name}`),
    );
    expect(serviceOf('orders').LoadBalancers[0].AdvancedConfiguration).toBeUndefined();
    const roles = Object.entries(production.findResources('AWS::IAM::Role'));
    const [, check] = roles.find(([id]) => id.startsWith('ReleaseCheckRole'))!;
    expect(text(check)).not.toMatch(/codedeploy[^"]*crossbook-prod-(market-data|engine)/);
  });

  it('leaves nothing of ECS’s own deployments where all are CodeDeploy’s', () => {
    const template = synthesize(prod, dr).services;
    expect(text(template.toJSON())).not.toMatch(/AdvancedConfiguration|LifecycleHooks|Custom::AWS/);
  });

  it('leaves nothing of CodeDeploy where all are ECS’s', () => {
    expect(text(before.toJSON())).not.toMatch(/codedeploy|CodeDeploy/);
  });

  // Without Guard, which takes a minute: `npm run policy` asks it about the table as it stands.
  it('keeps the rules of cdk-nag wherever it stands', () => {
    const app = appWithFlags();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
    new ExchangeStage(app, {
      environment: dev,
      registry: delivery,
      services: native(...Object.keys(services)),
    });
    expect(() => app.synth()).not.toThrow();
  }, 120_000);
});
