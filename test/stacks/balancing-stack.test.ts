import { describe, expect, it } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { services } from '#stacks/services.ts';
import { propertiesOf, synthesize } from './synthesize.ts';

const { balancing } = synthesize(dev);
const production = synthesize(prod, dr).balancing;
const listeners = propertiesOf(balancing, 'AWS::ElasticLoadBalancingV2::Listener');
const listenerAt = (port: number, protocol: string) =>
  listeners.find(({ Port, Protocol }) => Port === port && Protocol === protocol);

describe('the load balancers', () => {
  it('are private, and refuse deletion in production', () => {
    for (const { Scheme } of propertiesOf(balancing, 'AWS::ElasticLoadBalancingV2::LoadBalancer'))
      expect(Scheme).toBe('internal');
    for (const { LoadBalancerAttributes } of propertiesOf(
      production,
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ))
      expect(LoadBalancerAttributes).toContainEqual({ Key: 'deletion_protection.enabled', Value: 'true' });
  });

  it('log to a bucket of their own', () => {
    for (const { LoadBalancerAttributes } of propertiesOf(
      balancing,
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    ))
      expect(LoadBalancerAttributes).toContainEqual({ Key: 'access_logs.s3.enabled', Value: 'true' });
  });

  it('refuse requests that a service could read otherwise than they do', () => {
    balancing.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Type: 'application',
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'routing.http.desync_mitigation_mode', Value: 'strictest' },
      ]),
    });
  });

  it('reach engines in every zone, as themselves: engines let in their security group and no addresses', () => {
    balancing.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Type: 'network',
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }]),
    });
    const targets = propertiesOf(balancing, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    const ofEngine = targets.filter(({ Protocol }) => Protocol === 'TCP');
    expect(ofEngine).toHaveLength(2);
    for (const { TargetGroupAttributes } of ofEngine)
      expect(TargetGroupAttributes).toContainEqual({ Key: 'preserve_client_ip.enabled', Value: 'false' });
  });

  it('have a live and a test port for each service with routes, which lead to one side of that service each', () => {
    const led = new Set<string>();
    for (const [name, { routes, port }] of Object.entries(services)) {
      if (!routes) continue;
      // ECS refuses a deployment when no port leads to one of the sides.
      for (const [at, side] of [
        [port!, 'blue'],
        [port! + 1_000, 'green'],
      ] as const) {
        const [action] = listenerAt(at, 'HTTP').DefaultActions;
        expect(action.TargetGroupArn.Ref).toMatch(new RegExp(`^${name.replaceAll('-', '')}${side}`));
        led.add(`${at}`);
      }
    }
    expect(listeners.filter(({ Protocol }) => Protocol === 'HTTP')).toHaveLength(led.size);
    // CodeDeploy moves a port's only action; a rule beside it would stay behind.
    balancing.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0);
  });

  it('have a live and a test port for the engine, where whole connections go to one side', () => {
    for (const [port, side] of [
      [8080, 'blue'],
      [9080, 'green'],
    ] as const)
      expect(listenerAt(port, 'TCP').DefaultActions).toMatchObject([
        { Type: 'forward', TargetGroupArn: { Ref: expect.stringMatching(new RegExp(`^engine${side}`)) } },
      ]);
  });

  it('have blue and green targets for each, and ask all of them for their health', () => {
    const targets = propertiesOf(balancing, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(targets).toHaveLength(2 * 5);
    for (const target of targets)
      expect(target).toMatchObject({ HealthCheckPath: '/health', TargetType: 'ip', Port: 8080 });
  });

  it('do not change with an image, a variable or a size: a deployment of this stack would undo what CodeDeploy moved', () => {
    const changed = {
      ...dev,
      taskSize: { cpu: 2_048, memoryMiB: 4_096, tasksMin: 2, tasksMax: 9 },
      taskSizes: {},
      domain: 'other.dev.exchange.example.com',
      alarmEmails: ['other@example.com'],
    };
    expect(synthesize(changed).balancing.toJSON()).toEqual(balancing.toJSON());
  });

  it('are the same to the byte whoever deploys the services behind them, but for what other stacks ask of them', () => {
    const native = Object.entries(services).map(
      ([name, service]) => [name, { ...service, deployment: 'native' }] as const,
    );
    const deployedByEcs = synthesize(dev, undefined, Object.fromEntries(native)).balancing;
    const resourcesOf = (template: Template) => JSON.stringify(template.toJSON().Resources);
    expect(resourcesOf(deployedByEcs)).toBe(resourcesOf(balancing));
  });
});
