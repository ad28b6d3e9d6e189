import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { PipelineStack } from '#pipelines/pipeline-stack.ts';
import { digestOf } from '#pipelines/release/web-release.ts';
import { services } from '#stacks/services.ts';
import { webBucketName } from '#stacks/web-bucket.ts';
import { removeCheckouts, runBuildspec } from '#test/buildspecs/run-buildspec.ts';
import { appWithFlags, propertiesOf } from '#test/stacks/synthesize.ts';

afterAll(removeCheckouts);

const app = appWithFlags();
const template = Template.fromStack(
  new PipelineStack(app, 'crossbook-pipeline', {
    delivery,
    dev,
    staging,
    prod,
    dr,
  }),
);

interface Action {
  readonly Name: string;
  readonly RunOrder: number;
  readonly Namespace?: string;
  readonly Region?: string;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration: Readonly<Record<string, unknown>>;
  readonly InputArtifacts?: readonly { readonly Name: string }[];
  readonly OutputArtifacts?: readonly { readonly Name: string }[];
}

const pipelineNamed = (name: string) =>
  propertiesOf(template, 'AWS::CodePipeline::Pipeline').find(({ Name }) => Name === name);
const pipeline = pipelineNamed('crossbook');
const stages: { Name: string; Actions: Action[] }[] = pipeline.Stages;

function actionsOf(stage: string): Action[] {
  const { Actions } = stages.find(({ Name }) => Name === stage)!;
  return Actions.toSorted((one, other) => one.RunOrder - other.RunOrder);
}

/** What the project of an action is told. */
function variablesOf({ Configuration }: Action): Readonly<Record<string, string>> {
  const { Ref } = Configuration.ProjectName as { readonly Ref: string };
  const { Environment } = template.findResources('AWS::CodeBuild::Project')[Ref]!.Properties;
  const variables: readonly { Name: string; Value: string }[] = Environment.EnvironmentVariables ?? [];
  return Object.fromEntries(variables.map(({ Name, Value }) => [Name, Value]));
}

describe('the pipeline', () => {
  it('updates itself before it deploys, and deploys in order of risk', () => {
    expect(stages.map(({ Name }) => Name)).toEqual([
      'Source',
      'Build',
      'UpdatePipeline',
      'Assets',
      'Images',
      'dev',
      'staging',
      'approve-prod',
      'prod',
      'approve-dr',
      'dr',
    ]);
  });

  it('asks a person before prod and before DR, ahead of every change there, and nowhere before', () => {
    const approvals = stages.flatMap(({ Name, Actions }) =>
      Actions.filter(({ ActionTypeId }) => ActionTypeId.Category === 'Approval').map(
        (action) => `${Name}: ${action.Name}`,
      ),
    );
    expect(approvals).toEqual(['approve-prod: approve-prod', 'approve-dr: approve-dr']);
  });

  it('takes a no for a no: a release that is not approved leaves the environment as it is', () => {
    for (const { name } of [prod, dr]) {
      const stage = pipeline.Stages.find(({ Name }: { Name: string }) => Name === `approve-${name}`);
      expect(stage.OnFailure).toBeUndefined();
      expect(actionsOf(stage.Name).map(({ Name }) => Name)).toEqual([
        `changes-of-${name}`,
        `approve-${name}`,
      ]);
    }
  });

  it('shows what a release changes in every environment before it is changed, from the stacks and images it is made of', () => {
    const folders = propertiesOf(template, 'AWS::CodeBuild::Project')
      .flatMap(({ Environment }) => Environment.EnvironmentVariables ?? [])
      .filter(({ Name }) => Name === 'ASSEMBLY')
      .map(({ Value }) => Value);
    for (const stage of ['dev', 'staging', 'approve-prod', 'approve-dr']) {
      const name = stage.replace('approve-', '');
      const [changes, ...others] = actionsOf(stage);
      expect(changes!.Name).toBe(`changes-of-${name}`);
      for (const { RunOrder } of others) expect(RunOrder).toBeGreaterThan(changes!.RunOrder);
      const [assembly] = actionsOf('Build')[0]!.OutputArtifacts!;
      const [images] = actionsOf('Images').at(-1)!.OutputArtifacts!;
      expect(changes!.InputArtifacts).toEqual(expect.arrayContaining([assembly, images]));
    }
    const synthesized = app.synth().nestedAssemblies.map(({ nestedAssembly }) => nestedAssembly.directory);
    expect(folders.sort()).toEqual(synthesized.map((directory) => `cdk.out/${basename(directory)}`).sort());
  });

  it('deploys the network before the stores, and both, with the load balancers, before the services', () => {
    const orderOf = (stack: string) =>
      actionsOf('dev').find(({ Name }) => Name === `crossbook-dev-${stack}.Deploy`)!.RunOrder;
    expect(orderOf('network')).toBeLessThan(orderOf('data'));
    for (const before of ['data', 'balancing']) expect(orderOf(before)).toBeLessThan(orderOf('services'));
  });

  it('deploys each environment to its own region, and beyond it only copies and what CloudFront needs', () => {
    for (const { name, region } of [dev, staging, prod, dr]) {
      const elsewhere = actionsOf(name)
        .filter(({ ActionTypeId }) => ActionTypeId.Provider === 'CloudFormation')
        .filter(({ Region = delivery.region }) => Region !== region)
        .map(({ Name, Region }) => `${Name.split('.')[0]} in ${Region}`);
      for (const stack of elsewhere)
        expect(stack).toMatch(/^crossbook-prod-replica in eu-west-1$|-edge-[a-z]+ in us-east-1$/);
    }
    expect(dr.region).not.toBe(prod.region);
  });

  it('starts from a push to the branch, through the connection', () => {
    expect(actionsOf('Source')).toMatchObject([
      {
        ActionTypeId: { Provider: 'CodeStarSourceConnection' },
        Configuration: {
          ConnectionArn: delivery.connectionArn,
          FullRepositoryId: delivery.repository,
          BranchName: delivery.branch,
        },
      },
    ]);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
            Effect: 'Allow',
            Resource: delivery.connectionArn,
          },
        ]),
      },
    });
  });

  it('is of the second type', () => {
    expect(pipeline.PipelineType).toBe('V2');
  });

  it('updates itself with the CDK of package.json', async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8'));
    const version = manifest.devDependencies['aws-cdk'];
    expect(version).toMatch(/^2\.\d+\.\d+$/);
    const buildspecs = propertiesOf(template, 'AWS::CodeBuild::Project').map(
      ({ Source }) => Source.BuildSpec,
    );
    const installs = new Set(buildspecs.join('\n').match(/npm install -g \S+@[^\s"]+/g));
    expect([...installs]).toEqual([
      `npm install -g aws-cdk@${version}`,
      expect.stringMatching(/^npm install -g cdk-assets@\d+\.\d+\.\d+$/),
    ]);
  });

  it('runs the files of buildspecs/, as they are', async () => {
    // Those of previews are run by a pipeline of their own.
    const files = (await readdir('buildspecs')).filter((file) => !file.startsWith('preview'));
    const phasesOf = async (file: string) =>
      parse(await readFile(join('buildspecs', file), 'utf8')).phases.build.commands;
    const commands = new Set(
      await Promise.all(files.map(async (file) => JSON.stringify(await phasesOf(file)))),
    );
    const run = propertiesOf(template, 'AWS::CodeBuild::Project')
      .map(({ Source }) => JSON.parse(Source.BuildSpec).phases.build.commands)
      .map((build) => JSON.stringify(build))
      .filter((build) => commands.has(build));
    expect(new Set(run)).toEqual(commands);
    // The construct library writes those that update the pipeline and publish assets, and no other.
    const others = propertiesOf(template, 'AWS::CodeBuild::Project')
      .map(({ Source }) => JSON.parse(Source.BuildSpec))
      .filter(({ phases }) => !commands.has(JSON.stringify(phases.build.commands)));
    for (const { phases } of others)
      expect(phases.install.commands.join(' ')).toMatch(/npm install -g (aws-cdk|cdk-assets)@/);
  });

  it('builds the image of each service once, side by side, before any environment', () => {
    const builds = actionsOf('Images').filter(({ Name }) => Name.startsWith('build-'));
    expect(builds.map(({ Name }) => Name).sort()).toEqual(
      Object.keys(services)
        .map((name) => `build-${name}`)
        .sort(),
    );
    expect(new Set(builds.map(({ RunOrder }) => RunOrder)).size).toBe(1);
    expect(
      stages.flatMap(({ Actions }) => Actions).filter(({ Name }) => Name.startsWith('build-')),
    ).toHaveLength(builds.length);
  });

  it('promotes the same digests through every environment and both regions', () => {
    const [last] = actionsOf('Images').toReversed();
    expect(last?.Name).toBe('release-images');
    const [release] = last!.OutputArtifacts!;
    for (const { name } of [dev, staging, prod, dr]) {
      const steps = actionsOf(name).filter(({ Name }) => /^(lock|deploy)-/.test(Name));
      expect(steps).toHaveLength(1 + Object.keys(services).length);
      // Nothing builds an image or asks for its digest again: all take it from that one artifact.
      for (const { Name, InputArtifacts } of steps)
        expect([Name, InputArtifacts]).toEqual([Name, expect.arrayContaining([release])]);
    }
  });

  it('carries one digest from the build of the images to the tasks of all four environments, in both regions', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const arrived = await Promise.all(
      [dev, staging, prod, dr].map(async (environment) => {
        // The step as the pipeline runs it, with the images.json that all of them get.
        const { exitCode, calls } = await runBuildspec(
          'lock.yml',
          variablesOf(actionsOf(environment.name).find(({ Name }) => Name.startsWith('lock-'))!),
          [
            { to: 'aws configure' },
            { to: 'aws ssm get-parameters-by-path --path /crossbook/quarantine', output: { Parameters: [] } },
            { to: 'aws ssm put-parameter', output: { Version: 1 } },
          ],
          (checkout) => {
            mkdirSync(join(checkout, 'release'));
            writeFileSync(
              join(checkout, 'release/images.json'),
              JSON.stringify({ digests: { orders: digest } }),
            );
          },
        );
        const written = calls.find((call) => call.startsWith('aws ssm put-parameter'))!;
        const [, name, value] = /--name (\S+) --value (\S+)/.exec(written)!;
        return { exitCode, region: environment.region, name, value, deployed: imageOfOrders(environment) };
      }),
    );
    expect(arrived).toEqual(
      [dev, staging, prod, dr].map(({ name, region }) => ({
        exitCode: 0,
        region,
        name: `/crossbook/${name}/images/orders`,
        value: digest,
        // What the task runs is what was written, and nothing else can be put there but a digest.
        deployed: { parameter: `/crossbook/${name}/images/orders`, joined: '/crossbook/orders@' },
      })),
    );
    expect(new Set(arrived.map(({ region }) => region)).size).toBe(2);
  }, 60_000);

  it('puts the same pages, bundled once, into every environment and both regions', () => {
    const bundles = stages.flatMap(({ Actions }) => Actions).filter(({ Name }) => Name === 'bundle-web');
    expect(bundles).toHaveLength(1);
    const [bundle] = bundles[0]!.OutputArtifacts!;
    const put = [dev, staging, prod, dr].map(({ name }) => {
      const steps = actionsOf(name).filter(({ Name }) => Name.startsWith('web-to-'));
      // Nothing bundles them again: all take the files, and the digests that they must have, from that one artifact.
      for (const { InputArtifacts } of steps) expect(InputArtifacts).toContainEqual(bundle);
      return steps.map(({ Name }) => Name);
    });
    expect(put).toEqual([['web-to-dev'], ['web-to-staging'], ['web-to-prod'], ['web-to-dr']]);
  });

  it('puts the pages once the services that they show are deployed, and before the release is accepted', () => {
    for (const { name } of [dev, staging, prod, dr]) {
      const orders = (pattern: RegExp) =>
        actionsOf(name)
          .filter(({ Name }) => pattern.test(Name))
          .map(({ RunOrder }) => RunOrder);
      const [web] = orders(/^web-to-/);
      expect(web).toBeGreaterThan(Math.max(...orders(/^deploy-/)));
      for (const accept of orders(/^accept-/)) expect(accept).toBeGreaterThan(web!);
    }
  });

  it('tells each environment’s step which bucket and which distribution are its own', () => {
    const { EnvironmentVariables } = actionsOf('dr').find(({ Name }) => Name === 'web-to-dr')!.Configuration;
    const given = JSON.parse(String(EnvironmentVariables)) as { name: string; value: string }[];
    const value = (name: string) => given.find((variable) => variable.name === name)?.value;
    expect(value('DISTRIBUTION')).toMatch(/^#\{\w*drEdge\w+\.DistributionId\}$/);
    expect(value('PAGES_URL')).toMatch(/^#\{\w*drEdge\w+\.PagesUrl\}$/);
    const projects = propertiesOf(template, 'AWS::CodeBuild::Project').map(({ Environment }) =>
      Environment.EnvironmentVariables?.find(({ Name }: { Name: string }) => Name === 'BUCKET'),
    );
    const buckets = projects.filter(Boolean).map(({ Value }) => Value);
    expect(buckets).toEqual([dev, staging, prod, dr].map(webBucketName));
  });

  it('carries the same pages, by digest, to all four environments, each into its own bucket', async () => {
    const page = '<!doctype html>';
    const served = { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'none'" };
    const cloudFront = createServer((_, response) => response.writeHead(200, served).end(page));
    await new Promise<void>((listening) => cloudFront.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(cloudFront.address() as AddressInfo).port}`;
    const index = { digest: digestOf(page), contentType: 'text/html', cacheControl: 'no-cache' };
    const manifest = JSON.stringify({ files: { 'index.html': index } });
    const invalidation = { Invalidation: { Id: 'I1', Status: 'Completed' } };
    const brought = await Promise.all(
      [dev, staging, prod, dr].map(async ({ name }) => {
        const { output, calls } = await runBuildspec(
          'web.yml',
          {
            ...variablesOf(actionsOf(name).find(({ Name }) => Name.startsWith('web-to-'))!),
            DISTRIBUTION: 'E1',
            PAGES_URL: url,
          },
          [
            { to: 'aws configure' },
            { to: 'aws s3api', output: {} },
            { to: 'aws cloudfront', output: invalidation },
          ],
          (checkout) => {
            mkdirSync(join(checkout, 'web'));
            writeFileSync(join(checkout, 'web/index.html'), page);
            writeFileSync(join(checkout, 'web/release.json'), manifest);
          },
        );
        const put = calls.find((call) => call.includes('put-object') && call.includes('--key index.html'))!;
        return [/--bucket (\S+)/.exec(put)![1], /(sha256:\w+) is served/.exec(output)?.[1]];
      }),
    );
    cloudFront.close();
    const digest = digestOf(manifest);
    expect(brought).toEqual([dev, staging, prod, dr].map((at) => [webBucketName(at), digest]));
  }, 60_000);

  it('tells an environment its images before its stacks, and shifts its services after them', () => {
    for (const { name } of [dev, staging, prod, dr]) {
      const orders = (pattern: RegExp) =>
        actionsOf(name)
          .filter(({ Name }) => pattern.test(Name))
          .map(({ RunOrder }) => RunOrder);
      expect(Math.max(...orders(/^lock-/))).toBeLessThan(Math.min(...orders(/\.Prepare$/)));
      expect(Math.max(...orders(/\.Deploy$/))).toBeLessThan(Math.min(...orders(/^deploy-/)));
    }
  });

  it('trades on each environment that runs, once its services are deployed', () => {
    const accepted = [dev, staging, prod, dr].filter(({ name }) => {
      const acceptance = actionsOf(name).filter(({ Name }) => Name.startsWith('accept-'));
      const deployments = actionsOf(name).filter(({ Name }) => Name.startsWith('deploy-'));
      for (const { RunOrder } of acceptance)
        expect(RunOrder).toBeGreaterThan(Math.max(...deployments.map((deployment) => deployment.RunOrder)));
      return acceptance.length === 1;
    });
    expect(accepted).toEqual([dev, staging, prod]);
  });

  it('goes back to the release before when staging, prod or DR fails, and tries nothing again by itself', () => {
    const backs = pipeline.Stages.filter(({ OnFailure }: { OnFailure?: object }) => OnFailure);
    expect(backs).toMatchObject(
      ['staging', 'prod', 'dr'].map((Name) => ({ Name, OnFailure: { Result: 'ROLLBACK' } })),
    );
    for (const { OnFailure } of backs) expect(OnFailure).not.toHaveProperty('RetryConfiguration');
  });

  it('ends a stage when any deployment in it fails: what proves the release comes after all of them', () => {
    const ordersOf = (stage: string, pattern: RegExp) =>
      actionsOf(stage)
        .filter(({ Name }) => pattern.test(Name))
        .map(({ RunOrder }) => RunOrder);
    for (const { name } of [staging, prod]) {
      const deployments = ordersOf(name, /^deploy-/);
      expect(deployments).toHaveLength(Object.keys(services).length);
      const proofs = ordersOf(name, /^(accept|bake|load)-/);
      expect(Math.min(...proofs)).toBeGreaterThan(Math.max(...deployments));
    }
  });

  it('looks at the alarms of staging and prod for some minutes before it goes on, and at none of dev', () => {
    const baked = [dev, staging, prod, dr].map(({ name }) =>
      actionsOf(name).filter(({ Name }) => Name.startsWith('bake-')),
    );
    expect(baked.map((actions) => actions.length)).toEqual([0, 1, 1, 0]);
    const minutesOf = ([action]: Action[]) => variablesOf(action!).BAKE_MINUTES;
    expect(baked.slice(1, 3).map(minutesOf)).toEqual(['5', '10']);
  });

  it('puts a load on staging alone, after bots have traded there', () => {
    const loads = [dev, staging, prod, dr].flatMap(({ name }) =>
      actionsOf(name).filter(({ Name }) => Name.startsWith('load-')),
    );
    expect(loads.map(({ Name }) => Name)).toEqual(['load-staging']);
    const accepted = actionsOf('staging').find(({ Name }) => Name === 'accept-staging')!;
    expect(loads[0]!.RunOrder).toBeGreaterThan(accepted.RunOrder);
  });

  it('asks for a look at new tasks wherever there are any: a pilot light’s would be refused', () => {
    for (const { name } of [dev, staging, prod, dr])
      for (const action of actionsOf(name).filter(({ Name }) => Name.startsWith('deploy-')))
        expect([action.Name, variablesOf(action).HOOK]).toEqual([
          action.Name,
          name === 'dr' ? undefined : `crossbook-${name}-release-check`,
        ]);
  });

  it('drills once a month whether DR could take over, by a role of its own, and tells the approvers', () => {
    const { Stages } = pipelineNamed('crossbook-drill');
    expect(Stages[1].Actions.map(({ Name }: Action) => Name)).toEqual(['drill-of-dr']);
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 8 ? * TUE#1 *)' });
    template.hasResourceProperties('AWS::CodeBuild::Project', {
      Environment: Match.objectLike({
        EnvironmentVariables: Match.arrayWith([
          Match.objectLike({
            Name: 'DRILL_ROLE',
            Value: `arn:aws:iam::${dr.account}:role/crossbook-dr-drill`,
          }),
          Match.objectLike({ Name: 'RPO_SECONDS', Value: '5' }),
        ]),
      }),
    });
    const granted = propertiesOf(template, 'AWS::IAM::Policy')
      .map(({ PolicyDocument }) => PolicyDocument.Statement)
      .find((statements) => JSON.stringify(statements).includes('role/crossbook-dr-drill'));
    for (const expected of [
      { Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${dr.account}:role/crossbook-dr-drill` },
      { Action: 'sns:Publish', Resource: { Ref: expect.stringMatching(/^RecordsApprovals/) } },
    ])
      expect(granted).toContainEqual(expect.objectContaining(expected));
  });

  it('asks the approvers by mail, and tells them commit, account and region, what changes, and where all of it stands', () => {
    const [changes, approval] = actionsOf('approve-prod');
    const variable = (name: string) => `#{${changes!.Namespace}.${name}}`;
    expect(approval!.Configuration).toMatchObject({
      NotificationArn: { Ref: expect.stringMatching(/^RecordsApprovals/) },
      CustomData: expect.stringMatching(/^Release https:\/\/github\.com\/example\/crossbook\/commit\/#\{/),
      ExternalEntityLink: variable('CHANGES_PAGE'),
    });
    for (const part of [`to prod (account ${prod.account}, ${prod.region})?`, variable('CHANGES')])
      expect(approval!.Configuration.CustomData).toContain(part);
    expect(propertiesOf(template, 'AWS::SNS::Subscription').map(({ Endpoint }) => Endpoint)).toEqual(
      delivery.approverEmails,
    );
  });

  it('releases no push that changes documents alone', () => {
    expect(pipeline.Triggers).toEqual([
      {
        ProviderType: 'CodeStarSourceConnection',
        GitConfiguration: {
          SourceActionName: actionsOf('Source')[0]!.Name,
          Push: [
            {
              Branches: { Includes: ['main'] },
              FilePaths: { Excludes: ['docs/**', '*.md', 'LICENSE'] },
            },
          ],
        },
      },
    ]);
    expect(actionsOf('Source')[0]!.Configuration.DetectChanges).toBe(false);
  });

  it('gives a Docker daemon to builds of images only', () => {
    const privileged = propertiesOf(template, 'AWS::CodeBuild::Project')
      .filter(({ Environment }) => Environment.PrivilegedMode)
      .map(({ Source }) => JSON.parse(Source.BuildSpec).phases.build.commands.join(' '));
    expect(privileged).toHaveLength(Object.keys(services).length);
    for (const commands of privileged) expect(commands).toContain('docker build');
  });

  it('reaches into an environment through its release role only, and each step into its own', () => {
    const assumed = propertiesOf(template, 'AWS::IAM::Policy').flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.filter(({ Action }: { Action: string }) => Action === 'sts:AssumeRole').map(
        ({ Resource }: { Resource: unknown }) => JSON.stringify(Resource),
      ),
    );
    const releases = assumed.filter((resource: string) => resource.includes('-release'));
    for (const { account, name } of [dev, staging, prod, dr])
      expect(releases).toContain(JSON.stringify(`arn:aws:iam::${account}:role/crossbook-${name}-release`));
    for (const resource of releases)
      expect(resource).toMatch(/^"arn:aws:iam::\d{12}:role\/crossbook-\w+-release"$/);
  });

  it('needs no stack in another account to support it', () => {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(450);
    const assembly = app.synth();
    expect(assembly.stacks.filter(({ stackName }) => /cross-account-support/.test(stackName))).toEqual([]);
  });

  it('looks every day whether somebody changed an environment by hand, and tells the approvers', () => {
    const { Stages } = pipelineNamed('crossbook-drift');
    expect(Stages[1].Actions.map(({ Name }: Action) => Name)).toEqual([
      'drift-of-dev',
      'drift-of-staging',
      'drift-of-prod',
      'drift-of-dr',
    ]);
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 5 * * ? *)' });
    template.hasResourceProperties('AWS::CodeStarNotifications::NotificationRule', {
      EventTypeIds: ['codepipeline-pipeline-pipeline-execution-failed'],
      Targets: [{ TargetType: 'SNS', TargetAddress: { Ref: Match.stringLikeRegexp('^RecordsApprovals') } }],
    });
  });

  it('tells how well the team delivers, from what becomes of each release in each environment', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'detail-type': ['CodePipeline Stage Execution State Change'],
        detail: {
          pipeline: ['crossbook'],
          stage: ['dev', 'staging', 'prod', 'dr'],
          state: ['SUCCEEDED', 'FAILED'],
        },
      },
    });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  it('keeps its artifacts encrypted under a key of its own, and accepts TLS only', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RecordsArtifactsKey'), 'Arn'] },
            },
          },
        ],
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  });

  it('writes every build into one log that is encrypted and kept for a year', () => {
    const logs = propertiesOf(template, 'AWS::CodeBuild::Project').map(
      ({ LogsConfig }) => LogsConfig?.CloudWatchLogs.GroupName,
    );
    expect(new Set(logs.map((log) => JSON.stringify(log)))).toEqual(
      new Set([
        JSON.stringify({
          Ref: Object.keys(
            template.findResources('AWS::Logs::LogGroup', {
              Properties: { LogGroupName: '/crossbook/pipeline' },
            }),
          )[0],
        }),
      ]),
    );
    for (const { KmsKeyId, RetentionInDays } of propertiesOf(template, 'AWS::Logs::LogGroup'))
      expect([KmsKeyId, RetentionInDays]).toEqual([expect.anything(), 365]);
  });

  it('encrypts its notices, and lets whoever sends them use the key', () => {
    const [topic] = propertiesOf(template, 'AWS::SNS::Topic');
    const [key] = topic.KmsMasterKeyId['Fn::GetAtt'];
    const { Properties } = template.findResources('AWS::KMS::Key')[key]!;
    expect(JSON.stringify(Properties.KeyPolicy)).toContain('codestar-notifications.amazonaws.com');
    const granted = propertiesOf(template, 'AWS::IAM::Policy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().includes('kms:GenerateDataKey*'))
      .map(({ Resource }) => JSON.stringify(Resource));
    expect(granted).toContain(JSON.stringify(topic.KmsMasterKeyId));
  });

  it('keeps who approves apart from who writes and who operates', () => {
    const groups = propertiesOf(template, 'AWS::IAM::Group').map(({ GroupName }) => GroupName);
    expect(groups.sort()).toEqual([
      'crossbook-tools-approvers',
      'crossbook-tools-developers',
      'crossbook-tools-devops',
    ]);
    const policies = propertiesOf(template, 'AWS::IAM::ManagedPolicy');
    const groupsWith = (effect: string) =>
      policies
        .filter(({ PolicyDocument }) =>
          PolicyDocument.Statement.some(
            ({ Effect, Action = [] }: { Effect: string; Action?: string | string[] }) =>
              Effect === effect && [Action].flat().includes('codepipeline:PutApprovalResult'),
          ),
        )
        .flatMap(({ Groups }) => Groups.map(({ Ref }: { Ref: string }) => Ref));
    expect(groupsWith('Allow')).toEqual([expect.stringMatching(/Approvers/)]);
    expect(groupsWith('Deny').sort()).toEqual([
      expect.stringMatching(/DevOps/),
      expect.stringMatching(/Developers/),
    ]);
  });

  it('has a repository of immutable images for every service', () => {
    const repositories = propertiesOf(template, 'AWS::ECR::Repository');
    expect(repositories.map(({ RepositoryName }) => RepositoryName)).toEqual(
      Object.keys(services).map((name) => `crossbook/${name}`),
    );
    for (const repository of repositories)
      expect(repository).toMatchObject({
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
      });
  });
});

/** Where the task definition of `orders` takes its image from: the parameter of the digest, and the text before it. */
function imageOfOrders({ name }: Environment) {
  const { nestedAssembly } = app
    .synth()
    .nestedAssemblies.find(({ displayName }) => displayName === `crossbook-pipeline/${name}`)!;
  const services = nestedAssembly.getStackByName(`crossbook-${name}-services`).template;
  const { ContainerDefinitions } = Object.values<{ Type: string; Properties: Record<string, never> }>(
    services.Resources,
  ).find(
    ({ Type, Properties }) =>
      Type === 'AWS::ECS::TaskDefinition' && Properties.Family === `crossbook-${name}-orders`,
  )!.Properties as unknown as {
    ContainerDefinitions: { Name: string; Image: { 'Fn::Join': [string, unknown[]] } }[];
  };
  const [, parts] = ContainerDefinitions.find((container) => container.Name === 'orders')!.Image['Fn::Join'];
  const [before, { Ref }] = parts.slice(-2) as [string, { Ref: string }];
  return { parameter: services.Parameters[Ref].Default, joined: before };
}

describe('the app', () => {
  it('synthesizes the same assembly twice, without credentials', async () => {
    const first = await digestsBelow(app.synth().directory);
    expect(Object.keys(first).length).toBeGreaterThan(20);
    expect(await synthesizedAnew()).toEqual(first);
  }, 180_000);
});

/** What `cdk synth` makes the app write, in a process of its own. */
async function synthesizedAnew(): Promise<Record<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-assembly-'));
  try {
    await promisify(execFile)(process.execPath, ['pipelines/app.ts'], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify(app.node.getAllContext()),
      },
    });
    return await digestsBelow(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The digest of every file that is deployed or says what is, by its path. */
async function digestsBelow(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const digests = entries
    // These two tell where in which program constructs were made, and deploy nothing.
    .filter((entry) => entry.isFile() && !/metadata\.json$|^validation-report\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(async (file) => {
      const content = await readFile(file);
      return [file.slice(directory.length), createHash('sha256').update(content).digest('hex')];
    });
  return Object.fromEntries(await Promise.all(digests));
}
