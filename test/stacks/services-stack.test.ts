import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { type ConfigOf, readConfig, type Variables } from '#platform/env.ts';
import { config as accounts } from '#services/accounts/config.ts';
import { config as engine } from '#services/engine/config.ts';
import { config as marketData } from '#services/market-data/config.ts';
import { config as orders } from '#services/orders/config.ts';
import { config as projector } from '#services/projector/config.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { type ServiceOf, services } from '#stacks/services.ts';
import { appWithFlags, propertiesOf, synthesize } from './synthesize.ts';

const { balancing, services: stack } = synthesize(dev);
const names = ['engine', 'orders', 'market-data', 'accounts', 'projector'];
const configs: Record<string, Variables> = {
  engine,
  orders,
  'market-data': marketData,
  accounts,
  projector,
};

interface Entry {
  readonly Name: string;
}

function taskOf(name: string) {
  const tasks = propertiesOf(stack, 'AWS::ECS::TaskDefinition');
  return tasks.find(({ Family }) => Family === `crossbook-dev-${name}`);
}

function containerOf(name: string) {
  return taskOf(name).ContainerDefinitions[0];
}

describe('the table of services', () => {
  it('names every service that runs', () => {
    expect(Object.keys(services)).toEqual(names);
    stack.resourceCountIs('AWS::ECS::Service', names.length);
    stack.resourceCountIs('AWS::ECS::TaskDefinition', names.length);
  });

  it('does not compile without a variable or a secret that the service asks for', () => {
    type Orders = ServiceOf<typeof orders>;
    // @ts-expect-error ENGINE_URL is missing
    const environment: Orders['environment'] = () => ({});
    // @ts-expect-error API_KEY_ENCRYPTION_KEY is missing
    const secrets: Orders['secrets'] = { DATABASE_URL: 'database-url' };
    const at = { blobStoreUrl: 's3://blobs', engineUrl: 'ws://engine:8080', publicUrl: 'https://x.example' };
    const source = { ...environment(at), ...secrets, DATABASE_URL: 'postgres://db' };
    expect(() => readConfig(orders, source)).toThrow(
      /^ENGINE_URL is not set.*\nAPI_KEY_ENCRYPTION_KEY is not set/,
    );
  });

  it('refuses an environment that sizes a service which is not in it', () => {
    const environment = { ...dev, taskSizes: { ordres: dev.taskSize } };
    expect(() => new ExchangeStage(appWithFlags(), environment, delivery)).toThrow(
      'environments/dev.ts: taskSizes.ordres: is no service; put one of engine, orders, market-data, accounts, projector',
    );
  });
});

describe.each(names)('the task of %s', (name) => {
  const container = () => containerOf(name);

  it('gives the service a configuration that it accepts', () => {
    const plain = container().Environment.map(({ Name, Value }: Entry & { Value: unknown }) => [
      Name,
      // What CloudFormation puts together is a URL in the end.
      typeof Value === 'string' ? Value : 's3://bucket',
    ]);
    const secret = container().Secrets.map(({ Name }: Entry) => [Name, 'postgres://secret']);
    const source = Object.fromEntries([...plain, ...secret]);
    const parsed: ConfigOf<Variables> = readConfig(configs[name]!, source);
    expect(parsed).toHaveProperty('PORT', 8080);
  });

  it('gets its secrets by reference, and none of them in plain', () => {
    const secret = Object.keys(configs[name]!).filter((key) => configs[name]![key]!.secret);
    const given = container().Secrets.map(({ Name }: Entry) => Name);
    expect(given.sort()).toEqual(secret.sort());
    for (const { ValueFrom } of container().Secrets)
      expect(ValueFrom).toMatch(
        /^arn:aws:secretsmanager:eu-central-1:111111111111:secret:crossbook\/dev\/[a-z-]+$/,
      );
    const plain = container().Environment.map(({ Name }: Entry) => Name);
    expect(plain.filter((key: string) => secret.includes(key))).toEqual([]);
  });

  it('is not root, holds no capability and writes to /tmp only', () => {
    expect(container()).toMatchObject({
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
      MountPoints: [{ ContainerPath: '/tmp', SourceVolume: 'tmp' }],
    });
    expect(container().LinuxParameters.Capabilities.Add).toBeUndefined();
    expect(container().Privileged).not.toBe(true);
  });

  it('runs on Graviton at the size that the environment names', () => {
    const size = dev.taskSizes?.[name] ?? dev.taskSize;
    expect(taskOf(name)).toMatchObject({
      Cpu: String(size.cpu),
      Memory: String(size.memoryMiB),
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
  });

  it('runs an image of the tools account by its digest', () => {
    const parts: unknown[] = container().Image['Fn::Join'][1];
    expect(parts[0]).toBe('999999999999.dkr.ecr.eu-central-1.');
    expect(parts[2]).toBe(`/crossbook/${name}@`);
    const parameter = (parts[3] as { Ref: string }).Ref;
    stack.hasParameter(parameter, {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: `/crossbook/dev/images/${name}`,
    });
  });

  it('logs to a group of its own', () => {
    stack.hasResource('AWS::Logs::LogGroup', {
      Properties: {
        LogGroupName: `/ecs/crossbook-dev-${name}`,
        RetentionInDays: 14,
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    expect(container().LogConfiguration.LogDriver).toBe('awslogs');
  });

  it('reads secrets with a role that the program does not have', () => {
    const idOf = (role: { 'Fn::GetAtt': [string] }) => role['Fn::GetAtt'][0];
    const { TaskRoleArn, ExecutionRoleArn } = taskOf(name);
    const policies = propertiesOf(stack, 'AWS::IAM::Policy');
    const ofRole = (id: string) =>
      policies
        .filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref === id))
        .map((policy) => JSON.stringify(policy));
    expect(ofRole(idOf(ExecutionRoleArn)).join()).toContain('secretsmanager:GetSecretValue');
    const own = ofRole(idOf(TaskRoleArn)).join();
    expect(own).not.toContain('secretsmanager');
    // The engine's program reads and writes its own bucket; the others' have no rights at all.
    expect(own.match(/"Action":\[[^\]]*\]/g)?.join() ?? '').toMatch(
      name === 'engine' ? /^"Action":\["s3:/ : /^$/,
    );
  });
});

describe('the services', () => {
  const serviceOf = (name: string) =>
    propertiesOf(stack, 'AWS::ECS::Service').find(({ ServiceName }) => ServiceName === name);

  it('run in private subnets, without public addresses', () => {
    for (const name of names) {
      const { AssignPublicIp, Subnets } = serviceOf(name).NetworkConfiguration.AwsvpcConfiguration;
      expect(AssignPublicIp).toBe('DISABLED');
      expect(Subnets).toHaveLength(3);
      expect(JSON.stringify(Subnets)).not.toMatch(/public|isolated/);
    }
  });

  it('undo a deployment that does not come up', () => {
    for (const name of names)
      expect(serviceOf(name).DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({
        Enable: true,
        Rollback: true,
      });
  });

  it('replace the engine after the next one stands ready: it takes the lead over', () => {
    expect(serviceOf('engine')).toMatchObject({
      DesiredCount: 1,
      DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 200 },
    });
  });

  it('keep the snapshots of the engine private, encrypted, and when the stack goes', () => {
    stack.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{}] },
      },
    });
  });

  it('find the engine by name', () => {
    stack.hasResourceProperties('AWS::ServiceDiscovery::PrivateDnsNamespace', {
      Name: 'crossbook-dev.internal',
    });
    stack.hasResourceProperties('AWS::ServiceDiscovery::Service', { Name: 'engine' });
    expect(containerOf('orders').Environment).toContainEqual({
      Name: 'ENGINE_URL',
      Value: 'ws://engine.crossbook-dev.internal:8080',
    });
  });

  it('leave the number of tasks to scaling on CPU, except where one must do', () => {
    const scaled = propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalableTarget');
    expect(scaled).toHaveLength(3);
    for (const target of scaled) expect(target).toMatchObject({ MinCapacity: 1, MaxCapacity: 2 });
    for (const name of ['orders', 'market-data', 'accounts'])
      expect(serviceOf(name)).not.toHaveProperty('DesiredCount');
    stack.allResourcesProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: Match.objectLike({
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ECSServiceAverageCPUUtilization',
        },
      }),
    });
  });

  it('have no tasks in a standby that is a pilot light', () => {
    const standby = propertiesOf(synthesize(dr).services, 'AWS::ECS::Service');
    expect(standby.map(({ DesiredCount }) => DesiredCount)).toEqual([0, 0, 0, 0, 0]);
  });

  it('run in a cluster with Container Insights', () => {
    stack.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterName: 'crossbook-dev',
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
    });
  });
});

describe('the load balancer', () => {
  const rules = propertiesOf(balancing, 'AWS::ElasticLoadBalancingV2::ListenerRule');

  /** Path patterns by the service they lead to. */
  function patternsOf(service: string): string[] {
    const id = service.replace('-', '');
    return rules
      .filter(({ Actions }) => Actions[0].TargetGroupArn.Ref.startsWith(`${id}targets`))
      .flatMap(({ Conditions }) => Conditions[0].PathPatternConfig.Values);
  }

  function matches(pattern: string, path: string): boolean {
    const [start, rest] = pattern.split('*');
    return rest === undefined ? path === start : path.startsWith(start!);
  }

  it('is private', () => {
    balancing.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
    });
  });

  it('answers 404 to what is no route', () => {
    balancing.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
  });

  it('sends each route to the service that declares it, and to no other', () => {
    for (const [name, { routes }] of Object.entries(services))
      for (const { path } of Object.values(routes ?? {})) {
        const concrete = path.replaceAll(/:\w+/g, 'x').replace('*', 'btcusdt@trade');
        const takers = names.filter((other) =>
          patternsOf(other).some((pattern) => matches(pattern, concrete)),
        );
        expect([path, takers]).toEqual([path, [name]]);
      }
  });

  it('asks for at most five values in a rule, and each priority once', () => {
    for (const { Conditions } of rules)
      expect(Conditions[0].PathPatternConfig.Values.length).toBeLessThanOrEqual(5);
    const priorities = rules.map(({ Priority }) => Priority);
    expect(new Set(priorities).size).toBe(priorities.length);
  });

  it('asks every target for its health', () => {
    balancing.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 3);
    balancing.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health',
      TargetType: 'ip',
      Port: 8080,
    });
  });
});
