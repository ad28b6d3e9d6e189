import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationTargetGroup,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { EdgeAlarmsStack } from '#stacks/edge-alarms.ts';
import { exchangeMetrics } from '#stacks/engine-alarms.ts';
import { ObservabilityStack } from '#stacks/observability-stack.ts';
import { services } from '#stacks/services.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

/** What the other stacks offer, in one plain stack. */
function surroundings(scope: Construct, id: string, { account, region }: Environment) {
  const stack = new Stack(scope, id, { env: { account, region } });
  const vpc = new Vpc(stack, 'Vpc', { availabilityZones: [`${region}a`, `${region}b`] });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const service = (name: string) => {
    const taskDefinition = new FargateTaskDefinition(stack, `${name}-task`);
    taskDefinition.addContainer('main', { image: ContainerImage.fromRegistry('image') });
    const deployment = { circuitBreaker: { enable: true }, minHealthyPercent: 100 };
    return new FargateService(stack, name, { cluster, taskDefinition, serviceName: name, ...deployment });
  };
  const targets = (name: string) =>
    new ApplicationTargetGroup(stack, name, { vpc, targetType: TargetType.IP, port: 8080 });
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('GET', new MockIntegration());
  const rollback = new Alarm(stack, 'Rollback', {
    metric: new Metric({ namespace: 'Test', metricName: 'Rollback' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  const byName = new Map(Object.keys(services).map((name) => [name, service(name)]));
  const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc });
  return {
    data: {
      database: { cluster: { clusterIdentifier: 'database' } },
      tables: {
        marketData: Table.fromTableName(stack, 'MarketData', 'market-data'),
        userSessions: Table.fromTableName(stack, 'UserSessions', 'user-sessions'),
      },
      stream: new Stream(stack, 'Stream'),
      deadLetters: new Queue(stack, 'DeadLetters'),
    },
    balancing: {
      loadBalancer,
      service: (name: string) => ({ blue: targets(`${name}-blue`), green: targets(`${name}-green`) }),
    },
    services: { services: byName, alarms: new Map([['orders', [rollback]]]) },
    edge: {
      api,
      distribution: Distribution.fromDistributionAttributes(stack, 'Distribution', {
        distributionId: 'E123',
        domainName: 'd123.cloudfront.net',
      }),
      healthCheckId: 'check',
    },
  };
}

function observe(environment: Environment, peer?: Environment) {
  const app = appWithFlags();
  const { account, region } = environment;
  const offers = surroundings(app, 'Surroundings', environment);
  const stack = new ObservabilityStack(app, 'Observability', {
    env: { account, region },
    environment,
    peer,
    ...offers,
  });
  const edge = new EdgeAlarmsStack(app, 'EdgeAlarms', {
    env: { account, region: 'us-east-1' },
    environment,
    edge: offers.edge,
  });
  return { own: Template.fromStack(stack), edge: Template.fromStack(edge) };
}

const { own, edge } = observe(prod, dr);
const standby = observe(dr, prod).own;
const templates = { own, edge, standby };

const plain = (template: Template) => propertiesOf(template, 'AWS::CloudWatch::Alarm');
const composite = (template: Template) => propertiesOf(template, 'AWS::CloudWatch::CompositeAlarm');
const all = Object.values(templates).flatMap((template) => [...plain(template), ...composite(template)]);
const kindOf = ({ AlarmName }: { AlarmName: string }): string => AlarmName.split('-').at(-1)!;
const alarm = (template: Template, name: string) =>
  plain(template).find(({ AlarmName }) => AlarmName === `crossbook-${name}`);
const runbook = readFileSync('docs/runbook.md', 'utf8');

describe('every alarm', () => {
  it('tells the topic', () => {
    for (const { AlarmName, AlarmActions } of all)
      expect([AlarmName, AlarmActions]).toEqual([
        AlarmName,
        [{ Ref: expect.stringMatching(/^AlarmsTopic/) }],
      ]);
  });

  it('says what it means and where the runbook says what to do', () => {
    for (const properties of all)
      expect(properties.AlarmDescription).toMatch(
        new RegExp(`^\\w.+\\. What to do: docs/runbook\\.md#${kindOf(properties).toLowerCase()}$`),
      );
  });

  it('has a heading in the runbook, and every heading for an alarm has one', () => {
    const headings = [...runbook.matchAll(/^### (.+)$/gm)].map((match) => match[1]!);
    expect(headings.sort()).toEqual([...new Set(all.map(kindOf))].sort());
  });

  it('says what no data means', () => {
    for (const properties of Object.values(templates).flatMap(plain))
      expect(['breaching', 'notBreaching']).toContain(properties.TreatMissingData);
    const illWhenSilent = plain(own).filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect([...new Set(illWhenSilent.map(kindOf))].sort()).toEqual([
      'CanaryFailed',
      'NoLeader',
      'NoReconciliation',
      'TooFewTasks',
    ]);
  });

  it('has a name of its own, which begins with the prefix of its environment', () => {
    for (const template of Object.values(templates)) {
      const names = [...plain(template), ...composite(template)].map(({ AlarmName }) => AlarmName);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^crossbook-(prod|dr)-/);
    }
  });
});

it('follows no link in the runbook to nowhere', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-');
  const slugs = new Set([...runbook.matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1]!)));
  const links = [...runbook.matchAll(/\(#([^)]+)\)/g)].map((match) => match[1]!);
  expect(links.filter((link) => !slugs.has(link))).toEqual([]);
});

describe('the alarms', () => {
  it('tell of CPU above 80 % for five minutes, as the guide has it, for each service', () => {
    for (const name of Object.keys(services))
      expect(alarm(own, `prod-${name}-HighCpu`)).toMatchObject({
        MetricName: 'CPUUtilization',
        Namespace: 'AWS/ECS',
        Threshold: 80,
        Period: 60,
        EvaluationPeriods: 5,
        ComparisonOperator: 'GreaterThanThreshold',
      });
  });

  it('are combined into one for each service, with those that roll a release back', () => {
    const rules = new Map(
      composite(own).map(({ AlarmName, AlarmRule }) => [AlarmName, JSON.stringify(AlarmRule)]),
    );
    const expected = Object.keys(services).map((name) => `crossbook-prod-${name}-ServiceImpaired`);
    expect([...rules.keys()].sort()).toEqual(expected.sort());
    expect(rules.get('crossbook-prod-orders-ServiceImpaired')).toContain('Rollback');
    expect(rules.get('crossbook-prod-engine-ServiceImpaired')).toContain('NoLeader');
    expect(rules.get('crossbook-prod-projector-ServiceImpaired')).toContain('ConsumerLag');
  });

  it('expect as many tasks as the environment starts, and none of a pilot light', () => {
    expect(alarm(own, 'prod-orders-TooFewTasks')).toMatchObject({
      Threshold: prod.taskSize.tasksMin,
      ComparisonOperator: 'LessThanThreshold',
    });
    expect(alarm(own, 'prod-projector-TooFewTasks')).toMatchObject({ Threshold: 1 });
    const kinds = new Set(plain(standby).map(kindOf));
    expect([...kinds].filter((kind) => ['TooFewTasks', 'NoLeader', 'CanaryFailed'].includes(kind))).toEqual(
      [],
    );
  });

  it('count errors of blue and green together, as a part of all requests', () => {
    const { Metrics } = alarm(own, 'prod-orders-ServerErrors');
    const names = Metrics.flatMap((entry: { MetricStat?: { Metric: { MetricName: string } } }) =>
      entry.MetricStat ? [entry.MetricStat.Metric.MetricName] : [],
    );
    expect(names.sort()).toEqual([
      'HTTPCode_Target_5XX_Count',
      'HTTPCode_Target_5XX_Count',
      'RequestCount',
      'RequestCount',
    ]);
  });

  it('watch replication where it can be seen: the database in the standby, tables in the primary', () => {
    expect(alarm(standby, 'dr-GlobalLag')).toBeDefined();
    expect(alarm(own, 'prod-GlobalLag')).toBeUndefined();
    expect(alarm(own, 'prod-marketData-TableLag')).toMatchObject({
      Dimensions: expect.arrayContaining([{ Name: 'ReceivingRegion', Value: dr.region }]),
    });
    expect(alarm(standby, 'dr-marketData-TableLag')).toBeUndefined();
  });

  it('watch no cache where there is none', () => {
    expect(alarm(own, 'prod-CacheEvictions')).toBeDefined();
    expect(alarm(standby, 'dr-CacheEvictions')).toBeUndefined();
  });

  it('stay within what one alarm may ask: ten metrics', () => {
    for (const { Metrics = [] } of Object.values(templates).flatMap(plain))
      expect(Metrics.length).toBeLessThanOrEqual(10);
  });

  it('watch CloudFront, its firewall and Route 53 in us-east-1, the only region that has their metrics', () => {
    expect(plain(edge).map(kindOf).sort()).toEqual(['BlockedRequests', 'CloudFrontErrors', 'Unreachable']);
    expect(alarm(edge, 'prod-CloudFrontErrors')).toMatchObject({
      MetricName: '5xxErrorRate',
      Dimensions: expect.arrayContaining([{ Name: 'Region', Value: 'Global' }]),
    });
  });
});

describe('the topic', () => {
  it('tells the addresses of the environment', () => {
    const subscriptions = propertiesOf(own, 'AWS::SNS::Subscription');
    expect(subscriptions.map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual(
      prod.alarmEmails.map((address) => ['email', address]),
    );
  });

  it.each(Object.keys(templates))(
    'is encrypted by a key that CloudWatch may use, and rotates, in %s',
    (name) => {
      const template = templates[name as keyof typeof templates];
      template.allResourcesProperties('AWS::SNS::Topic', {
        KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AlarmsKey'), 'Arn'] },
      });
      template.hasResourceProperties('AWS::KMS::Key', {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Condition: { StringEquals: { 'aws:SourceAccount': '333333333333' }, ArnLike: Match.anyValue() },
            }),
          ]),
        },
      });
    },
  );

  it('takes messages of alarms of this environment only, and nothing without TLS', () => {
    const [{ PolicyDocument }] = propertiesOf(own, 'AWS::SNS::TopicPolicy') as [
      { PolicyDocument: { Statement: Record<string, unknown>[] } },
    ];
    expect(PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
    expect(PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    expect(JSON.stringify(PolicyDocument)).toContain('alarm:crossbook-prod-*');
  });
});

describe('the dashboard', () => {
  const [{ DashboardName, DashboardBody }] = propertiesOf(own, 'AWS::CloudWatch::Dashboard') as [
    { DashboardName: string; DashboardBody: unknown },
  ];
  const body = JSON.stringify(DashboardBody);

  it('shows what the guide names', () => {
    expect(DashboardName).toBe('crossbook-prod');
    for (const metric of [
      'CPUUtilization',
      'MemoryUtilization',
      'RequestCount',
      'TargetResponseTime',
      'DatabaseConnections',
      'ReadThrottleEvents',
      'GetRecords.IteratorAgeMilliseconds',
    ])
      expect(body).toContain(metric);
    expect(body).toContain('AWS/RDS');
  });

  it("shows every metric of the exchange's own, and each service", () => {
    for (const names of Object.values(exchangeMetrics))
      for (const metric of Object.values(names)) expect(body).toContain(`\\"Crossbook\\",\\"${metric}\\"`);
    for (const name of Object.keys(services)) expect(body).toContain(name);
  });
});

describe('the saved queries', () => {
  const queries = propertiesOf(own, 'AWS::Logs::QueryDefinition');

  it('ask the logs of all services, or of the engine, by names that the services stack gives them', () => {
    const groups = Object.keys(services).map((name) => `/ecs/crossbook-prod-${name}`);
    for (const { Name, LogGroupNames } of queries) {
      expect(Name).toMatch(/^crossbook-prod\//);
      expect([groups, ['/ecs/crossbook-prod-engine']]).toContainEqual(LogGroupNames);
    }
  });

  it('look for texts that the services write', () => {
    const sources = [
      'engine/leadership',
      'engine/boot',
      'engine/engine-task',
      'engine/snapshot-schedule',
      'engine/main',
      'engine/snapshots',
      'orders/main',
      'market-data/main',
      'accounts/main',
      'projector/main',
    ]
      .map((file) => readFileSync(`services/${file}.ts`, 'utf8'))
      .join('\n');
    const patterns = queries.flatMap(({ QueryString }) => [...QueryString.matchAll(/msg like \/(.+)\//g)]);
    expect(patterns.length).toBeGreaterThan(3);
    for (const text of patterns.flatMap((match) => match[1].split('|'))) expect(sources).toContain(text);
  });
});

describe('the canary', () => {
  it('trades every minute, on a runtime without a browser', () => {
    own.resourceCountIs('AWS::Synthetics::Canary', 1);
    own.hasResourceProperties('AWS::Synthetics::Canary', {
      Name: 'crossbook-prod-trader',
      RuntimeVersion: Match.stringLikeRegexp('^syn-nodejs-\\d+\\.\\d+$'),
      Schedule: { Expression: 'rate(1 minute)' },
      Code: { Handler: 'canary.handler' },
      RunConfig: {
        EnvironmentVariables: {
          EXCHANGE_URL: 'https://exchange.example.com',
          KEY_SECRET: 'crossbook/prod/canary-key',
        },
        TimeoutInSeconds: 50,
      },
    });
  });

  it('does not trade in a standby', () => {
    standby.resourceCountIs('AWS::Synthetics::Canary', 0);
  });

  it('reads its own secret and no other, and writes to its own bucket and log', () => {
    const statements = propertiesOf(own, 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const secrets = statements.filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager'));
    expect(secrets).toHaveLength(1);
    expect(secrets[0].Action).toEqual(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']);
    expect(JSON.stringify(secrets[0].Resource)).toMatch(/secret:crossbook\/prod\/canary-key-\?{6}"/);
    const everywhere = statements.filter(({ Resource }) => Resource === '*');
    expect(everywhere).toEqual([
      {
        Effect: 'Allow',
        Action: 'cloudwatch:PutMetricData',
        Resource: '*',
        Condition: { StringEquals: { 'cloudwatch:namespace': 'CloudWatchSynthetics' } },
      },
    ]);
  });

  it('keeps what it leaves encrypted, private and for a month', () => {
    own.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 30 })] },
    });
    const policy = propertiesOf(own, 'AWS::S3::BucketPolicy');
    expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
  });
});
