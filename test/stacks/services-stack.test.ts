import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { type ConfigOf, readConfig, type Variables } from '#platform/env.ts';
import { config as accounts } from '#services/accounts/config.ts';
import { config as engine } from '#services/engine/config.ts';
import { config as marketData } from '#services/market-data/config.ts';
import { config as orders } from '#services/orders/config.ts';
import { config as projector, functionConfig as tableProjector } from '#services/projector/config.ts';
import { config as releaseCheck, releases } from '#services/release-check/config.ts';
import { config as wallet } from '#services/wallet/config.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { type ServiceOf, services } from '#stacks/services.ts';
import { appWithFlags, propertiesOf, synthesize } from './synthesize.ts';

const { services: stack } = synthesize(dev);
const production = synthesize(prod, dr).services;
const names = ['engine', 'orders', 'market-data', 'accounts', 'wallet', 'projector'];
const configs: Record<string, Variables> = {
  engine,
  orders,
  'market-data': marketData,
  accounts,
  wallet,
  projector,
};

interface Entry {
  readonly Name: string;
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
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
    const secrets: Orders['secrets'] = {};
    const at = {
      databaseUrl: 'postgres://db',
      redisUrl: undefined,
      blobStoreUrl: 's3://blobs',
      engineUrl: 'ws://engine:8080',
      streamName: 'events',
      marketDataUrl: 'http://balancer:8082',
      ordersUrl: 'http://balancer:8081',
      sessionsTable: 'sessions',
      keySetUrl: 'http://accounts/keys',
      marketDataTable: 'market-data',
      transactionHistoryTable: 'history',
      publicUrl: 'https://x.example',
      isForPractice: true,
    };
    const source = { ...environment(at), ...secrets, DATABASE_URL: at.databaseUrl };
    expect(() => readConfig(orders, source)).toThrow(
      /^ENGINE_URL is not set.*\nMARKET_DATA_URL is not set.*\nTRANSACTION_HISTORY_TABLE is not set.*\nAPI_KEY_ENCRYPTION_KEY is not set.*\nJWKS_URL is not set/,
    );
  });

  it('refuses an environment that sizes a service which is not in it', () => {
    const environment = { ...dev, taskSizes: { ordres: dev.taskSize } };
    expect(() => new ExchangeStage(appWithFlags(), { environment, registry: delivery })).toThrow(
      'environments/dev.ts: taskSizes.ordres: is no service; put one of engine, orders, market-data, accounts, wallet, projector',
    );
  });
});

describe.each(names)('the task of %s', (name) => {
  const container = () => containerOf(name);

  it('gives the service a configuration that it accepts', () => {
    const plain = container().Environment.map(({ Name, Value }: Entry & { Value: unknown }) => [
      Name,
      // What CloudFormation puts together is a URL in the end.
      typeof Value === 'string' ? Value : 's3://bucket/put-together',
    ]);
    const secret = (container().Secrets ?? []).map(({ Name }: Entry) => [Name, 'secret']);
    const source = Object.fromEntries([...plain, ...secret]);
    const parsed: ConfigOf<Variables> = readConfig(configs[name]!, source);
    expect(parsed).toHaveProperty('PORT', 8080);
  });

  it('gets its secrets by reference, and none of them in plain', () => {
    const secret = Object.keys(configs[name]!).filter((key) => configs[name]![key]!.secret);
    const secrets: { Name: string; ValueFrom: string }[] = container().Secrets ?? [];
    const given = secrets.map(({ Name }) => Name);
    expect(given.sort()).toEqual(secret.sort());
    for (const { ValueFrom } of secrets)
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

  it('has a collector of traces beside it, which may end without it and holds no more rights', () => {
    const [, collector, ...more] = taskOf(name).ContainerDefinitions;
    expect(more).toEqual([]);
    expect(collector).toMatchObject({
      Essential: false,
      Image: expect.stringMatching(
        /^public\.ecr\.aws\/aws-observability\/aws-otel-collector:v\d+\.\d+\.\d+$/,
      ),
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
    });
    expect(container().Memory + collector.Memory).toBe(Number(taskOf(name).Memory));
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
    // Who starts the task reads what it is given; the program itself only the passwords that are rotated.
    const given = Object.values(services[name]!.secrets);
    const start = ofRole(idOf(ExecutionRoleArn)).join();
    const own = ofRole(idOf(TaskRoleArn)).join();
    for (const secret of given) {
      expect(start).toContain(`crossbook/dev/${secret}`);
      expect(own).not.toContain(secret);
    }
    expect(start.includes('secretsmanager')).toBe(given.length > 0);
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

  it('are deployed blue/green behind a load balancer, and else task by task, back when that fails', () => {
    for (const [name, { deployment }] of Object.entries(services)) {
      const { DeploymentController, DeploymentConfiguration } = serviceOf(name);
      if (deployment === 'codedeploy') expect(DeploymentController).toEqual({ Type: 'CODE_DEPLOY' });
      else expect(DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
    }
  });

  it('are never changed by CloudFormation once CodeDeploy has them', () => {
    const blueGreen = (environment: Environment) =>
      propertiesOf(synthesize(environment).services, 'AWS::ECS::Service').filter(
        ({ DeploymentController }) => DeploymentController?.Type === 'CODE_DEPLOY',
      );
    const size = { cpu: 2_048, memoryMiB: 4_096, tasksMin: 3, tasksMax: 9 };
    const larger = { ...dev, taskSize: size, taskSizes: { engine: size } };
    const elsewhere = { ...dev, domain: 'other.dev.exchange.example.com', logRetentionDays: 30 };
    expect(blueGreen(dev)).toHaveLength(5);
    for (const changed of [larger, elsewhere]) expect(blueGreen(changed)).toEqual(blueGreen(dev));
    for (const { TaskDefinition, ServiceName } of blueGreen(dev))
      expect(TaskDefinition).toBe(`crossbook-dev-${ServiceName}`);
  });

  it('may use the stores that their entry in the table names, and there do what services do', () => {
    const actionsOf = (name: string) =>
      propertiesOf(stack, 'AWS::IAM::Policy')
        .filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => idOfRole(name).test(Ref)))
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .flatMap(({ Action }) => Action as string | string[])
        .filter((action) => !action.startsWith('xray:'))
        .sort();
    const read = ['kms:Decrypt', 'secretsmanager:GetSecretValue'];
    expect(new Set(actionsOf('orders'))).toEqual(new Set([...read, 'dynamodb:GetItem', 'dynamodb:Query']));
    const tables = ['BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query', 'Scan'];
    expect(new Set(actionsOf('projector'))).toEqual(
      new Set([...read, ...tables.map((action) => `dynamodb:${action}`)]),
    );
    expect(actionsOf('market-data').filter((action) => action.startsWith('dynamodb:'))).toEqual([
      'dynamodb:Query',
    ]);
    expect(actionsOf('engine').filter((action) => action.startsWith('kinesis:'))).toEqual([
      'kinesis:PutRecords',
    ]);
    expect(actionsOf('engine')).toEqual(
      expect.arrayContaining(['s3:GetObject', 's3:PutObject', 's3:DeleteObject']),
    );
    expect(actionsOf('engine').filter((action) => action.startsWith('dynamodb:'))).toEqual([]);
    expect(actionsOf('accounts')).toEqual(expect.arrayContaining(['dynamodb:PutItem']));
    expect(actionsOf('accounts').filter((action) => action.startsWith('s3:'))).toEqual([]);
    for (const name of names) for (const action of actionsOf(name)) expect(action).not.toContain('*');
  });

  it('reach the database as a user whose password is a secret, over TLS that proves who answers', () => {
    for (const name of names) {
      const { Value } = containerOf(name).Environment.find(({ Name }: Entry) => Name === 'DATABASE_URL');
      const url = JSON.stringify(Value);
      expect(url).toContain('postgres://crossbook@');
      expect(url).toContain('sslmode=verify-full');
      expect(url).toContain('password_secret=');
    }
  });

  it('leave the number of tasks to scaling, except where one must do', () => {
    const scaled = propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalableTarget');
    expect(scaled).toHaveLength(4);
    for (const target of scaled) expect(target).toMatchObject({ MinCapacity: 1, MaxCapacity: 2 });
    for (const name of ['orders', 'market-data', 'accounts', 'wallet'])
      expect(serviceOf(name)).not.toHaveProperty('DesiredCount');
    expect(serviceOf('engine').DesiredCount).toBe(2); // a leader and a standby
    expect(serviceOf('projector').DesiredCount).toBe(1);
  });

  it('scale on CPU, memory, and requests of blue and green together, since releases move from one to the other', () => {
    const policies = propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(
      ({ TargetTrackingScalingPolicyConfiguration }) => TargetTrackingScalingPolicyConfiguration,
    );
    const predefined = policies.map(
      ({ PredefinedMetricSpecification }) => PredefinedMetricSpecification?.PredefinedMetricType,
    );
    expect(predefined.filter((type) => type === 'ECSServiceAverageCPUUtilization')).toHaveLength(4);
    expect(predefined.filter((type) => type === 'ECSServiceAverageMemoryUtilization')).toHaveLength(4);
    const requests = policies.flatMap(
      ({ CustomizedMetricSpecification }) => CustomizedMetricSpecification ?? [],
    );
    expect(requests).toHaveLength(4);
    for (const { Metrics } of requests)
      expect(Metrics).toMatchObject([
        { Id: 'blue', ReturnData: false },
        { Id: 'green', ReturnData: false },
        { Expression: 'FILL(blue, 0) + FILL(green, 0)', ReturnData: true },
      ]);
    expect(policies.find(({ TargetValue }) => TargetValue === 70)).toBeDefined();
  });

  it('have no tasks in a standby that is a pilot light', () => {
    const standby = propertiesOf(synthesize(dr, prod).services, 'AWS::ECS::Service');
    expect(standby.map(({ DesiredCount }) => DesiredCount)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('run in a cluster with Container Insights', () => {
    stack.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterName: 'crossbook-dev',
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enhanced' }],
    });
  });
});

describe('a release', () => {
  const groups = propertiesOf(production, 'AWS::CodeDeploy::DeploymentGroup');
  const groupOf = (name: string) =>
    groups.find(({ DeploymentGroupName }) => DeploymentGroupName === `crossbook-prod-${name}`);

  it('shifts each service behind a load balancer by a group of its own, and no other', () => {
    expect(groups.map(({ DeploymentGroupName }) => DeploymentGroupName).sort()).toEqual(
      ['accounts', 'engine', 'market-data', 'orders', 'wallet'].map((name) => `crossbook-prod-${name}`),
    );
    for (const name of ['accounts', 'engine', 'market-data', 'orders', 'wallet']) {
      const { ECSServices, LoadBalancerInfo } = groupOf(name);
      expect(ECSServices).toHaveLength(1);
      const [{ TargetGroups, ProdTrafficRoute, TestTrafficRoute }] = LoadBalancerInfo.TargetGroupPairInfoList;
      const id = name.replaceAll('-', '');
      const names = ({ Name }: { Name: object }) => JSON.stringify(Name);
      expect(TargetGroups.map(names)).toEqual([
        expect.stringContaining(`${id}blue`),
        expect.stringContaining(`${id}green`),
      ]);
      expect(ProdTrafficRoute.ListenerArns.map((arn: object) => JSON.stringify(arn))).toEqual([
        expect.stringContaining(`${id}live`),
      ]);
      expect(TestTrafficRoute.ListenerArns.map((arn: object) => JSON.stringify(arn))).toEqual([
        expect.stringContaining(`${id}test`),
      ]);
    }
  });

  it('sends a tenth of the requests first in production, and all of the engine at once', () => {
    expect(JSON.stringify(groupOf('orders').DeploymentConfigName)).toContain('ECSCanary10Percent5Minutes');
    expect(JSON.stringify(groupOf('engine').DeploymentConfigName)).toContain('ECSAllAtOnce');
  });

  it('goes back when it fails, is stopped or an alarm rings, as long as the old tasks are kept', () => {
    for (const name of ['accounts', 'engine', 'market-data', 'orders', 'wallet']) {
      const { AutoRollbackConfiguration, AlarmConfiguration, BlueGreenDeploymentConfiguration } =
        groupOf(name);
      expect(AutoRollbackConfiguration.Enabled).toBe(true);
      expect(AutoRollbackConfiguration.Events.toSorted()).toEqual([
        'DEPLOYMENT_FAILURE',
        'DEPLOYMENT_STOP_ON_ALARM',
        'DEPLOYMENT_STOP_ON_REQUEST',
      ]);
      const own = Object.entries(production.findResources('AWS::CloudWatch::Alarm'))
        .filter(([, { Properties }]) => Properties.AlarmName.startsWith(`crossbook-prod-${name}-release-`))
        .map(([Ref]) => ({ Name: { Ref } }));
      expect(own.length).toBeGreaterThan(1);
      expect(AlarmConfiguration).toEqual({ Enabled: true, Alarms: own });
      expect(BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess).toEqual({
        Action: 'TERMINATE',
        TerminationWaitTimeInMinutes: 60,
      });
    }
  });

  it('has alarms that stay silent while nobody asks', () => {
    const alarms = propertiesOf(production, 'AWS::CloudWatch::Alarm');
    for (const kind of ['ServerErrors', 'SlowResponses'])
      expect(alarms.filter(({ AlarmName }) => AlarmName.endsWith(kind))).toHaveLength(4);
    for (const kind of ['Divergence', 'FencedWrites'])
      expect(alarms.filter(({ AlarmName }) => AlarmName.endsWith(kind))).toHaveLength(1);
    for (const { TreatMissingData } of alarms) expect(TreatMissingData).toBe('notBreaching');
  });

  it('is done by a role for this one service, which passes on no roles but those of its tasks', () => {
    const roles = production.findResources('AWS::IAM::Role');
    for (const name of ['accounts', 'engine', 'market-data', 'orders', 'wallet']) {
      const id = name.replaceAll('-', '');
      const { Properties } = roles[groupOf(name).ServiceRoleArn['Fn::GetAtt'][0]]!;
      expect(Properties.ManagedPolicyArns).toBeUndefined();
      expect(Properties.AssumeRolePolicyDocument.Statement).toMatchObject([
        {
          Principal: { Service: 'codedeploy.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '333333333333' },
            ArnEquals: {
              'aws:SourceArn': `arn:aws:codedeploy:eu-central-1:333333333333:deploymentgroup:crossbook-prod-${name}/crossbook-prod-${name}`,
            },
          },
        },
      ]);
      const statements: Statement[] = Properties.Policies[0].PolicyDocument.Statement;
      const resourcesOf = (action: string) =>
        statements
          .filter(({ Action }) => [Action].flat().includes(action))
          .flatMap(({ Resource }) => Resource)
          .map((resource) => JSON.stringify(resource));
      expect(resourcesOf('iam:PassRole')).toEqual([
        expect.stringContaining(`${id}taskExecutionRole`),
        expect.stringContaining(`${id}taskTaskRole`),
      ]);
      expect(resourcesOf('elasticloadbalancing:ModifyListener')).toEqual([
        expect.stringContaining(`${id}live`),
        expect.stringContaining(`${id}test`),
      ]);
      expect(resourcesOf('lambda:InvokeFunction')).toEqual([expect.stringContaining('ReleaseCheckFunction')]);
      for (const { Resource, Condition, Action } of statements)
        if (Resource === '*' && Condition === undefined)
          for (const action of [Action].flat()) expect(action).toMatch(/:Describe/);
    }
  });

  it('is looked at through the test ports, by a function in the VPC that knows where each is', () => {
    production.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'crossbook-prod-release-check',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      VpcConfig: Match.objectLike({ SubnetIds: Match.anyValue() }),
    });
    const check = propertiesOf(production, 'AWS::Lambda::Function').find(
      ({ FunctionName }) => FunctionName === 'crossbook-prod-release-check',
    );
    const parts: unknown[] = check.Environment.Variables.RELEASES['Fn::Join'][1];
    const told = parts.map((part) => (typeof part === 'string' ? part : 'host')).join('');
    const known = releases.parse(readConfig(releaseCheck, { RELEASES: told }).RELEASES);
    expect(Object.keys(known).sort()).toEqual(
      groups.map(({ DeploymentGroupName }) => DeploymentGroupName).sort(),
    );
    expect(known['crossbook-prod-orders']).toMatchObject({ url: 'http://host:9081', health: '/health' });
    expect(known['crossbook-prod-engine']).toEqual({
      url: 'http://host:9080',
      health: '/health',
      others: [],
    });
    expect(known['crossbook-prod-market-data']!.others).toContain('/api/v3/exchangeInfo');
    // What cannot be asked for as it stands is not asked for.
    for (const { others } of Object.values(known)) expect(others.join()).not.toMatch(/[:*]|\/ws/);
  });

  it('is answered for by that function for its own deployments only', () => {
    const roles = Object.entries(production.findResources('AWS::IAM::Role'));
    const [, { Properties }] = roles.find(([id]) => id.startsWith('ReleaseCheckRole'))!;
    expect(Properties.ManagedPolicyArns).toBeUndefined();
    expect(Properties.Policies[0].PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['codedeploy:GetDeployment', 'codedeploy:PutLifecycleEventHookExecutionStatus'],
      Resource: ['accounts', 'engine', 'market-data', 'orders', 'wallet'].map(
        (name) =>
          `arn:aws:codedeploy:eu-central-1:333333333333:deploymentgroup:crossbook-prod-${name}/crossbook-prod-${name}`,
      ),
    });
  });
});

/** The logical id of a service's task role. */
function idOfRole(name: string): RegExp {
  return new RegExp(`^${name.replaceAll('-', '')}taskTaskRole`);
}

describe('the function that keeps the tables', () => {
  const template = production;
  const [mapping] = propertiesOf(template, 'AWS::Lambda::EventSourceMapping');
  const roles = Object.entries(template.findResources('AWS::IAM::Role'));
  const [, role] = roles.find(([id]) => /^TableProjectorRole/.test(id))!;
  const statements: Statement[] = role.Properties.Policies[0].PolicyDocument.Statement;
  const resourceOf = (action: string) =>
    JSON.stringify(statements.find(({ Action }) => [Action].flat().includes(action))!.Resource);

  it('takes each lane of the stream in order from its beginning, and again from the record that failed', () => {
    expect(mapping).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      // Records of one partition key stay in order, however many are read side by side.
      ParallelizationFactor: 4,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
    });
    expect(JSON.stringify(mapping.EventSourceArn)).toContain('EventsStream');
    expect(mapping.MaximumRetryAttempts).toBeUndefined();
  });

  it('gives up on a record after a day, while the stream keeps it for a week, and says so in the dead letters', () => {
    expect(mapping.MaximumRecordAgeInSeconds).toBe(24 * 3_600);
    expect(JSON.stringify(mapping.DestinationConfig.OnFailure.Destination)).toContain('EventsDeadLetters');
  });

  it('has a configuration that the program accepts', () => {
    const [{ Environment }] = propertiesOf(template, 'AWS::Lambda::Function').filter(
      ({ FunctionName }) => FunctionName === 'crossbook-prod-table-projector',
    );
    const source = Object.fromEntries(
      // What CloudFormation puts in is a URL or a name in the end.
      Object.keys(Environment.Variables).map((name) => [name, 'https://put.in']),
    );
    expect(Object.keys(readConfig(tableProjector, source)).sort()).toEqual(
      Object.keys(tableProjector).sort(),
    );
  });

  it('may read this stream, write these tables and this queue, and nothing else', () => {
    expect(resourceOf('kinesis:GetRecords')).toContain('EventsStream');
    expect(resourceOf('dynamodb:PutItem')).toContain('MarketData');
    expect(resourceOf('dynamodb:BatchWriteItem')).toContain('TransactionHistory');
    expect(resourceOf('sqs:SendMessage')).toContain('EventsDeadLetters');
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /\*|Delete|Scan/.test(action))).toEqual([]);
    for (const { Resource } of statements) expect(Resource).not.toBe('*');
    const added = propertiesOf(template, 'AWS::IAM::Policy').filter(({ Roles }) =>
      JSON.stringify(Roles).includes('TableProjector'),
    );
    expect(added).toEqual([]);
  });
});
