import { afterAll, describe, expect, it } from '@jest/globals';
import { services } from '#stacks/services.ts';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const names = Object.keys(services);
const digestOf = (service: string) => `sha256:${Buffer.from(service).toString('hex').padEnd(64, '0')}`;
const definitionArn = (environment: string, service: string) =>
  `arn:aws:ecs:eu-west-1:333333333333:task-definition/crossbook-${environment}-${service}:7`;
const targetGroup = (service: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:333333333333:targetgroup/${service}-green/1`;
const loadBalancer =
  'arn:aws:elasticloadbalancing:eu-west-1:333333333333:loadbalancer/app/crossbook-dr-api/1';

/** What a service runs, and what its image is. */
const runs = (environment: string, service: string, digest = digestOf(service)): Answer[] => [
  {
    to: `aws ecs describe-services --cluster crossbook-${environment} --services ${service} --profile`,
    output: {
      services: [
        {
          taskDefinition: definitionArn(environment, service),
          taskSets: [{ status: 'PRIMARY', taskDefinition: definitionArn(environment, service) }],
        },
      ],
    },
  },
  {
    to: `aws ecs describe-task-definition --task-definition ${definitionArn(environment, service)}`,
    output: {
      taskDefinition: {
        taskDefinitionArn: definitionArn(environment, service),
        containerDefinitions: [{ name: service, image: `registry/crossbook/${service}@${digest}` }],
      },
    },
  },
];

const lag = (of: string, ...Values: number[]): Answer => ({
  // The times are those of the day; what is asked is in the middle of the call.
  to: 'aws cloudwatch get-metric-data',
  has: of,
  output: { MetricDataResults: [{ Values }] },
});
const databaseLag = (...ms: number[]) => lag('AuroraGlobalDBReplicationLag', ...ms);
const tableLag = (...ms: number[]) => lag("ReceivingRegion = 'eu-west-1'", ...ms);

const writes = (isWriter: boolean): Answer => ({
  to: 'aws rds describe-global-clusters --global-cluster-identifier crossbook-prod',
  output: {
    GlobalClusters: [
      {
        GlobalClusterMembers: [
          {
            DBClusterArn: 'arn:aws:rds:eu-central-1:333333333333:cluster:crossbook-prod-database',
            IsWriter: !isWriter,
          },
          {
            DBClusterArn: 'arn:aws:rds:eu-west-1:333333333333:cluster:crossbook-dr-database',
            IsWriter: isWriter,
          },
        ],
      },
    ],
  },
});

const standbyServices = (desiredCount: (service: string) => number): Answer => ({
  to: `aws ecs describe-services --cluster crossbook-dr --services ${names.join(' ')}`,
  output: {
    services: names.map((serviceName) => ({
      serviceName,
      desiredCount: desiredCount(serviceName),
      taskSets: [{ status: 'PRIMARY', loadBalancers: [{ targetGroupArn: targetGroup(serviceName) }] }],
    })),
  },
});

const balancing: Answer[] = [
  {
    to: 'aws elbv2 describe-target-groups',
    output: { TargetGroups: [{ LoadBalancerArns: [loadBalancer] }] },
  },
  { to: 'aws elbv2 describe-load-balancers', output: { LoadBalancers: [{ State: { Code: 'active' } }] } },
  {
    to: 'aws elbv2 describe-listeners',
    output: {
      Listeners: Object.entries(services).map(([name, { port, engine }]) => ({
        Port: engine ? 8080 : port,
        DefaultActions: [
          { ForwardConfig: { TargetGroups: [{ TargetGroupArn: targetGroup(name), Weight: 100 }] } },
        ],
      })),
    },
  },
];

const scaled: Answer = { to: 'aws ecs update-service --cluster crossbook-dr', output: { service: {} } };
const tasks = (state: (service: string) => object): Answer[] => [
  { to: 'aws ecs list-tasks --cluster crossbook-dr --desired-status RUNNING', output: { taskArns: ['t-1'] } },
  { to: 'aws ecs list-tasks --cluster crossbook-dr --desired-status STOPPED', output: { taskArns: ['t-2'] } },
  {
    to: 'aws ecs describe-tasks --cluster crossbook-dr --tasks t-1 t-2',
    output: {
      tasks: names.map((service) => ({
        group: `service:${service}`,
        createdAt: new Date().toISOString(),
        lastStatus: 'STOPPED',
        ...state(service),
      })),
    },
  },
];
/** As without a database that it may write to: it starts, and ends. */
const ran = () => ({ startedAt: new Date().toISOString(), stopCode: 'EssentialContainerExited' });
const told: Answer[] = [
  { to: 'aws cloudwatch put-metric-data' },
  { to: 'aws sns publish', output: { MessageId: 'm-1' } },
];

/** A drill of a standby that is ready, but for what these answer, which come first. */
const drill = (answers: readonly Answer[] = [], rtoMinutes = 5) =>
  runBuildspec(
    'drill.yml',
    {
      ENVIRONMENT: 'dr',
      ENVIRONMENT_REGION: 'eu-west-1',
      PREFIX: 'crossbook-dr',
      PRIMARY: 'prod',
      PRIMARY_PREFIX: 'crossbook-prod',
      PRIMARY_REGION: 'eu-central-1',
      DRILL_ROLE: 'arn:aws:iam::333333333333:role/crossbook-dr-drill',
      RPO_SECONDS: '5',
      RTO_MINUTES: String(rtoMinutes),
      TOPIC: 'arn:aws:sns:eu-central-1:999999999999:crossbook-pipeline-Approvals',
    },
    [
      { to: 'aws configure' },
      ...answers,
      ...names.flatMap((name) => [...runs('prod', name), ...runs('dr', name)]),
      databaseLag(120, 900),
      tableLag(1_400),
      writes(false),
      standbyServices(() => 0),
      ...balancing,
      scaled,
      ...tasks(() => ran()),
      ...told,
    ],
  );

const ups = (calls: readonly string[]) =>
  calls.filter((call) => / update-service .*--desired-count 1/.test(call));
const downs = (calls: readonly string[]) =>
  calls.filter((call) => / update-service .*--desired-count 0/.test(call));

describe('a drill of a standby', () => {
  it('that is ready says so, in a table, as metrics and by mail, and takes its tasks away again', async () => {
    const { exitCode, output, calls } = await drill();
    expect([exitCode, output]).toEqual([
      0,
      expect.stringMatching(/^digests apart +0 count +at most 0 +well$/m),
    ]);
    expect(output).toMatch(/^database lag +0\.9 seconds +at most 5 +well$/m);
    expect(output).toMatch(/^table lag +1\.4 seconds +at most 5 +well$/m);
    expect(output).toMatch(/^start +[\d.]+ seconds +at most 300 +well$/m);
    expect(ups(calls)).toHaveLength(names.length);
    expect(downs(calls)).toHaveLength(names.length);
    const metrics = calls.find((call) => call.startsWith('aws cloudwatch put-metric-data'))!;
    expect(metrics).toContain('--namespace Crossbook/Drills');
    expect(metrics).toContain(
      '"MetricName":"DatabaseLag","Dimensions":[{"Name":"environment","Value":"dr"}],"Value":0.9',
    );
    expect(metrics).toMatch(/"MetricName":"Failed".*"Value":0\}/);
    expect(calls.find((call) => call.startsWith('aws sns'))).toContain('Drill: dr is ready to take over');
    // It changes nothing of production, and promotes nothing.
    const changing = calls.filter((call) => !/^aws (configure|\w+ (describe|list|get)-)/.test(call));
    const allowed =
      /^aws (ecs update-service --cluster crossbook-dr |cloudwatch put-metric-data |sns publish )/;
    expect(changing.filter((call) => !allowed.test(call))).toEqual([]);
    const looked = calls.lastIndexOf('aws configure set profile.environment.region eu-central-1');
    const changed = calls.findIndex((call) => call.includes('update-service'));
    expect(calls.slice(looked, changed)).toContain('aws configure set profile.environment.region eu-west-1');
  }, 300_000);

  it.each([
    [
      'it is not what production is',
      () => [
        ...runs('dr', 'orders', `sha256:${'cd'.repeat(32)}`),
        databaseLag(5_001),
        tableLag(60_000),
        { to: balancing[2]!.to, output: { Listeners: [] } },
        ...tasks((service) =>
          service === 'orders'
            ? { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError' }
            : ran(),
        ),
      ],
      [
        `orders is sha256:${'cd'.repeat(32)}, and ${digestOf('orders')} at the primary`,
        /^database lag +5 seconds +at most 5 +FAULT$/m,
        /^table lag +60 seconds +at most 5 +FAULT$/m,
        'port 8081 does not lead to the tasks of orders',
        'orders did not start: CannotPullContainerError',
      ],
    ],
    [
      'it does not follow, does not start, or cannot be looked at',
      () => [databaseLag(), { to: 'aws elbv2', error: 'AccessDenied' }, ...tasks(() => ({}))],
      [
        'it does not follow the primary’s',
        'aws elbv2 describe-target-groups: AccessDenied',
        `not started in time: ${names.join(', ')}`,
      ],
    ],
  ])(
    'fails when %s, tells all of it, and takes its tasks away again',
    async (_, answers, messages) => {
      const { exitCode, output, calls } = await drill(answers(), 0.05);
      expect(exitCode).toBe(1);
      for (const message of messages) expect(output).toMatch(message);
      expect(ups(calls)).toHaveLength(names.length);
      expect(downs(calls)).toHaveLength(names.length);
      expect(calls.find((call) => call.startsWith('aws sns'))).toContain(
        'Drill: dr is NOT ready to take over',
      );
      const metrics = calls.find((call) => call.startsWith('aws cloudwatch put-metric-data'));
      expect(metrics).toMatch(/"MetricName":"Failed".*"Value":1\}/);
    },
    300_000,
  );

  it('takes its tasks away even if its program ends before it could tell, and all that can be', async () => {
    const { exitCode, output, calls } = await drill([
      { to: 'aws cloudwatch put-metric-data', error: 'no such endpoint' },
      { to: `${scaled.to} --service orders --desired-count 0`, error: 'throttled' },
    ]);
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('orders keeps its task: aws ecs update-service: throttled'),
    ]);
    expect(downs(calls)).toHaveLength(names.length);
  }, 300_000);

  it.each([
    ['was promoted', [writes(true)], 'it is a standby no longer, and is left alone'],
    [
      'somebody works on',
      [standbyServices((service) => (service === 'engine' ? 2 : 0))],
      'some services have tasks and others none',
    ],
  ])(
    'leaves one alone that %s: it starts nothing, and takes nothing away',
    async (_, answers, message) => {
      const { exitCode, output, calls } = await drill(answers);
      expect([exitCode, output]).toEqual([1, expect.stringContaining(message)]);
      expect(calls.filter((call) => call.includes('update-service'))).toEqual([]);
    },
    300_000,
  );

  it('only looks at a warm one, whose tasks run already', async () => {
    const { exitCode, calls } = await drill([
      standbyServices(() => 2),
      ...tasks(() => ({
        lastStatus: 'RUNNING',
        startedAt: '2026-01-01T00:00:00Z',
        createdAt: '2026-01-01T00:00:00Z',
      })),
    ]);
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => call.includes('update-service'))).toEqual([]);
  }, 300_000);
});
