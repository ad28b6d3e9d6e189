import { mkdirSync, writeFileSync } from 'node:fs';
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
  it('writes the digest of each service where its task definitions look, in the account of the environment', async () => {
    const { exitCode, calls } = await runBuildspec(
      'lock.yml',
      variables,
      [configured, { to: 'aws ssm put-parameter', output: { Version: 2 } }],
      withImages,
    );
    expect(exitCode).toBe(0);
    expect(calls).toEqual([
      'aws configure set profile.environment.role_arn arn:aws:iam::222222222222:role/crossbook-staging-release',
      'aws configure set profile.environment.credential_source EcsContainer',
      'aws configure set profile.environment.region eu-central-1',
      `aws ssm put-parameter --name /crossbook/staging/images/orders --value ${digest} --type String --overwrite --profile environment --output json`,
    ]);
  });

  it('fails without the images of a release', async () => {
    const { exitCode, output } = await runBuildspec('lock.yml', variables, [configured]);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('images.json');
  });
});

describe('deploying a service', () => {
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
