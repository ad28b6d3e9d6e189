import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

afterAll(removeCheckouts);

const digest = `sha256:${'ab'.repeat(32)}`;
const variables = {
  ENVIRONMENT: 'staging',
  PREFIX: 'crossbook-staging',
  SERVICE: 'orders',
  HOOK: 'crossbook-staging-release-check:live',
  ENVIRONMENT_ROLE: 'arn:aws:iam::222222222222:role/crossbook-staging-release',
  ENVIRONMENT_REGION: 'eu-central-1',
};
const withImages = (checkout: string) => {
  mkdirSync(join(checkout, 'release'));
  writeFileSync(join(checkout, 'release/images.json'), JSON.stringify({ digests: { orders: digest } }));
};

const definitionArn = (revision: number) =>
  `arn:aws:ecs:eu-central-1:222222222222:task-definition/crossbook-staging-orders:${revision}`;
const configured: Answer = { to: 'aws configure' };
const registered = (of: string): Answer => ({
  to: 'aws ecs describe-task-definition --task-definition crossbook-staging-orders',
  output: {
    taskDefinition: {
      taskDefinitionArn: definitionArn(7),
      containerDefinitions: [
        { name: 'telemetry', image: 'collector:1' },
        { name: 'orders', image: `999999999999.dkr.ecr.eu-central-1.amazonaws.com/crossbook/orders@${of}` },
      ],
    },
  },
});
const running = (revision: number): Answer => ({
  to: 'aws ecs describe-services --cluster crossbook-staging --services orders',
  output: {
    services: [
      {
        taskSets: [
          { status: 'ACTIVE', taskDefinition: definitionArn(1) },
          { status: 'PRIMARY', taskDefinition: definitionArn(revision) },
        ],
      },
    ],
  },
});
const created: Answer = { to: 'aws deploy create-deployment', output: { deploymentId: 'd-1' } };
const ended = (deploymentInfo: object): Answer => ({
  to: 'aws deploy get-deployment --deployment-id d-1',
  output: { deploymentInfo },
});
const quarantined: Answer = { to: 'aws ssm put-parameter', output: { Version: 1 } };

const deploy = (answers: readonly Answer[]) =>
  runBuildspec('deploy.yml', variables, [configured, ...answers], withImages);

describe('locking an environment to a release', () => {
  const noQuarantine: Answer = { to: 'aws ssm get-parameters-by-path', output: { Parameters: [] } };
  const quarantine: Answer = {
    to: noQuarantine.to,
    output: {
      Parameters: [
        {
          Name: `/crossbook/quarantine/${digest.replace(':', '-')}`,
          Value: 'd-9 in crossbook-dev: ALARM_ACTIVE',
        },
      ],
    },
  };
  const locked: Answer = { to: 'aws ssm put-parameter', output: { Version: 2 } };
  const lock = (...answers: Answer[]) =>
    runBuildspec('lock.yml', variables, [configured, locked, ...answers], withImages);

  it('writes the digest of each service where its task definitions look, in the account of the environment', async () => {
    const { exitCode, calls } = await lock(noQuarantine);
    expect(exitCode).toBe(0);
    expect(calls).toEqual([
      'aws configure set profile.environment.role_arn arn:aws:iam::222222222222:role/crossbook-staging-release',
      'aws configure set profile.environment.credential_source EcsContainer',
      'aws configure set profile.environment.region eu-central-1',
      'aws ssm get-parameters-by-path --path /crossbook/quarantine --output json',
      `aws ssm put-parameter --name /crossbook/staging/images/orders --value ${digest} --type String --overwrite --profile environment --output json`,
    ]);
  });

  it.each([
    ['another digest', { output: { Parameter: { Value: `sha256:${'cd'.repeat(32)}` } } }],
    ['none yet', { error: 'An error occurred (ParameterNotFound)' }],
  ])('promotes no digest that went into quarantine meanwhile, where there is %s', async (_, current) => {
    const { exitCode, output, calls } = await lock(quarantine, { to: 'aws ssm get-parameter ', ...current });
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `orders ${digest} does not come to staging: it is in quarantine: d-9 in crossbook-dev: ALARM_ACTIVE`,
    );
    expect(calls.filter((call) => call.startsWith(locked.to))).toEqual([]);
  });

  it('lets an environment stay at a digest that it has already, or it could not go back to it', async () => {
    const { exitCode, calls } = await lock(quarantine, {
      to: 'aws ssm get-parameter --name /crossbook/staging/images/orders --profile environment',
      output: { Parameter: { Value: digest } },
    });
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => call.startsWith(locked.to))).toHaveLength(1);
  });

  it('fails when nobody can say what is in quarantine', async () => {
    const { exitCode, calls } = await lock({ to: noQuarantine.to, error: 'AccessDenied' });
    expect(exitCode).not.toBe(0);
    expect(calls.filter((call) => call.startsWith(locked.to))).toEqual([]);
  });

  it('fails without the images of a release', async () => {
    const { exitCode, output } = await runBuildspec('lock.yml', variables, [configured]);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('images.json');
  });
});

describe('deploying a service by CodeDeploy', () => {
  it('hands the newest task definition to CodeDeploy, with the hook that looks at it first', async () => {
    const { exitCode, calls, output } = await deploy([
      registered(digest),
      running(6),
      created,
      ended({ status: 'Succeeded' }),
    ]);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('Succeeded')]);
    const call = calls.find((one) => one.startsWith(created.to))!;
    const input = JSON.parse(/--cli-input-json (\{.*\}) --profile environment/.exec(call)![1]!);
    expect(input).toMatchObject({
      applicationName: 'crossbook-staging-orders',
      deploymentGroupName: 'crossbook-staging-orders',
    });
    const { Resources, Hooks } = JSON.parse(input.revision.appSpecContent.content);
    expect(Hooks).toEqual([{ AfterAllowTestTraffic: variables.HOOK }]);
    expect(Resources[0].TargetService.Properties).toEqual({
      TaskDefinition: definitionArn(7),
      LoadBalancerInfo: { ContainerName: 'orders', ContainerPort: 8080 },
    });
    expect(calls.some((one) => one.startsWith(quarantined.to))).toBe(false);
  });

  it('asks for no look at the new tasks where a standby runs none', async () => {
    const { HOOK: _, ...without } = variables;
    const answers = [configured, registered(digest), running(6), created, ended({ status: 'Succeeded' })];
    const { exitCode, calls } = await runBuildspec('deploy.yml', without, answers, withImages);
    expect(exitCode).toBe(0);
    const call = calls.find((one) => one.startsWith(created.to))!;
    expect(call).toContain('\\"Hooks\\":[]');
  });

  it('leaves a service alone that runs the release already', async () => {
    const { exitCode, calls, output } = await deploy([registered(digest), running(7)]);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('nothing to deploy')]);
    expect(calls.some((call) => call.startsWith('aws deploy'))).toBe(false);
  });

  it('refuses a task definition of another image than the release', async () => {
    const other = `sha256:${'cd'.repeat(32)}`;
    const { exitCode, calls, output } = await deploy([registered(other), running(6)]);
    expect(exitCode).toBe(1);
    expect(output).toContain(`${definitionArn(7)} runs`);
    expect(output).toContain(`and the release is ${digest}`);
    expect(calls.some((call) => call.startsWith('aws deploy'))).toBe(false);
  });

  it('puts a digest into quarantine when its deployment was rolled back, and says why', async () => {
    const { exitCode, calls, output } = await deploy([
      registered(digest),
      running(6),
      created,
      ended({
        status: 'Stopped',
        errorInformation: { code: 'ALARM_ACTIVE', message: 'crossbook-staging-orders-5xx is in alarm' },
      }),
      quarantined,
    ]);
    expect(exitCode).toBe(1);
    const reason = 'd-1 in crossbook-staging: ALARM_ACTIVE: crossbook-staging-orders-5xx is in alarm';
    expect(output).toContain(reason);
    const name = `/crossbook/quarantine/${digest.replace(':', '-')}`;
    // In the account of the pipeline, which asks for it before the next release.
    expect(calls.at(-1)).toBe(
      `aws ssm put-parameter --name ${name} --value ${reason} --type String --overwrite --output json`,
    );
  });

  it.each([
    ['the task definition', [{ to: registered(digest).to, error: 'AccessDenied' }]],
    [
      'the deployment',
      [registered(digest), running(6), { to: created.to, error: 'DeploymentLimitExceeded' }],
    ],
  ])('fails with %s', async (_, answers) => {
    const { exitCode, output } = await deploy(answers);
    expect(exitCode).not.toBe(0);
    expect(output).toMatch('error' in answers.at(-1)! ? (answers.at(-1) as { error: string }).error : '');
  });
});

describe('deploying a service by ECS itself', () => {
  const arn = (kind: string, id: string) =>
    `arn:aws:ecs:eu-central-1:222222222222:${kind}/crossbook-staging/orders/${id}`;
  const service = '--cluster crossbook-staging --service orders';
  const revisions = (...ids: string[]): Answer => ({
    to: running(0).to,
    output: {
      services: [{ currentServiceRevisions: ids.map((id) => ({ arn: arn('service-revision', id) })) }],
    },
  });
  const revisionRuns = (revision: number): Answer => ({
    to: `aws ecs describe-service-revisions --service-revision-arns ${arn('service-revision', 'r1')}`,
    output: { serviceRevisions: [{ taskDefinition: definitionArn(revision) }] },
  });
  const updated: Answer = { to: `aws ecs update-service ${service}`, output: { service: {} } };
  const listed = (...ids: string[]): Answer => ({
    to: `aws ecs list-service-deployments ${service} --created-at after=`,
    output: {
      serviceDeployments: ids.map((id, index) => ({
        serviceDeploymentArn: arn('service-deployment', id),
        createdAt: `2026-11-0${index + 1}T00:00:00Z`,
        status: 'PENDING',
      })),
    },
  });
  const became = (state: object): Answer => ({
    to: `aws ecs describe-service-deployments --service-deployment-arns ${arn('service-deployment', 'new')}`,
    output: { serviceDeployments: [state] },
  });
  /** The switch of orders in the table, in the checkout that is built. */
  const flipped = (checkout: string) => {
    withImages(checkout);
    const file = join(checkout, 'stacks/services.ts');
    const table = readFileSync(file, 'utf8');
    const entry = /(port: 8081,\s+deployment: )'codedeploy'/;
    expect(table).toMatch(entry);
    writeFileSync(file, table.replace(entry, "$1'native'"));
  };
  const deployNatively = (...answers: Answer[]) =>
    runBuildspec('deploy.yml', variables, [configured, registered(digest), ...answers], flipped);

  it('updates the service to the newest task definition, and waits for its own deployment', async () => {
    const { exitCode, calls, output } = await deployNatively(
      revisions('r1'),
      revisionRuns(6),
      updated,
      listed('old', 'new'),
      { ...became({ status: 'IN_PROGRESS', lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT' }), times: 1 },
      became({ status: 'SUCCESSFUL' }),
    );
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/POST_TEST_TRAFFIC_SHIFT\n.*SUCCESSFUL\n/)]);
    expect(calls.filter((call) => call.startsWith(updated.to))).toEqual([
      `${updated.to} --task-definition ${definitionArn(7)} --force-new-deployment --profile environment --output json`,
    ]);
    expect(calls.some((call) => /^aws (deploy|ssm)/.test(call))).toBe(false);
  }, 60_000);

  it('leaves a service alone that runs the release already', async () => {
    const { exitCode, output, calls } = await deployNatively(revisions('r1'), revisionRuns(7));
    expect([exitCode, output]).toEqual([0, expect.stringContaining('nothing to deploy')]);
    expect(calls.some((call) => call.startsWith(updated.to))).toBe(false);
  });

  it('does not take the target of a deployment under way for what runs', async () => {
    const { calls } = await deployNatively(
      revisions('r1', 'r2'),
      updated,
      listed('new'),
      became({ status: 'SUCCESSFUL' }),
    );
    expect(calls.some((call) => call.startsWith(updated.to))).toBe(true);
  });

  it('refuses a task definition of another image than the release', async () => {
    const answers = [configured, registered(`sha256:${'cd'.repeat(32)}`)];
    const { exitCode, output } = await runBuildspec('deploy.yml', variables, answers, flipped);
    expect([exitCode, output]).toEqual([1, expect.stringContaining(`and the release is ${digest}`)]);
  });

  it.each([
    [
      'an alarm rang',
      {
        status: 'ROLLBACK_SUCCESSFUL',
        rollback: { reason: 'alarm detected' },
        alarms: { triggeredAlarmNames: ['5xx'] },
      },
      'ROLLBACK_SUCCESSFUL: alarm detected; alarms: 5xx',
    ],
    [
      'going back failed',
      { status: 'ROLLBACK_FAILED', statusReason: 'no capacity' },
      'ROLLBACK_FAILED: no capacity',
    ],
    ['somebody stopped it', { status: 'STOPPED' }, 'STOPPED: no reason given'],
  ])('puts a digest into quarantine when %s, and says why', async (_, state, why) => {
    const { exitCode, calls, output } = await deployNatively(
      revisions('r1'),
      revisionRuns(6),
      updated,
      listed('new'),
      became(state),
      quarantined,
    );
    expect(exitCode).toBe(1);
    const reason = `${arn('service-deployment', 'new')} in crossbook-staging: ${why}`;
    expect(output).toContain(reason);
    expect(calls.at(-1)).toBe(
      `aws ssm put-parameter --name /crossbook/quarantine/${digest.replace(':', '-')} --value ${reason} --type String --overwrite --output json`,
    );
  });
});
