import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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
import { services } from '#stacks/services.ts';
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
      'prod',
      'dr',
    ]);
  });

  it('asks a person before prod and before DR, ahead of every change there, and nowhere before', () => {
    const approvals = stages.flatMap(({ Name, Actions }) =>
      Actions.filter(({ ActionTypeId }) => ActionTypeId.Category === 'Approval').map(
        (action) => `${Name}: ${action.Name}`,
      ),
    );
    expect(approvals).toEqual(['prod: approve-prod', 'dr: approve-dr']);
    for (const stage of ['prod', 'dr']) {
      const [changes, approval, next] = actionsOf(stage);
      expect([changes?.Name, approval?.Name]).toEqual([`changes-of-${stage}`, `approve-${stage}`]);
      expect(approval!.RunOrder).toBeGreaterThan(changes!.RunOrder);
      expect(next!.RunOrder).toBeGreaterThan(approval!.RunOrder);
    }
  });

  it('shows what a release changes in every environment before it is changed, from the stacks and images it is made of', () => {
    const folders = propertiesOf(template, 'AWS::CodeBuild::Project')
      .flatMap(({ Environment }) => Environment.EnvironmentVariables ?? [])
      .filter(({ Name }) => Name === 'ASSEMBLY')
      .map(({ Value }) => Value);
    for (const { name } of [dev, staging, prod, dr]) {
      const [changes, ...others] = actionsOf(name);
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
      const deployed = Object.entries(services).filter(([, { routes, engine }]) => routes || engine);
      expect(steps).toHaveLength(1 + deployed.length);
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
          variablesOf(`lock-${environment.name}`),
          [{ to: 'aws configure' }, { to: 'aws ssm put-parameter', output: { Version: 1 } }],
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

  it('goes back to the release before when staging, prod or DR fails', () => {
    const backs = pipeline.Stages.filter(({ OnFailure }: { OnFailure?: object }) => OnFailure);
    expect(backs).toMatchObject([
      { Name: 'staging', OnFailure: { Result: 'ROLLBACK' } },
      { Name: 'prod', OnFailure: { Result: 'ROLLBACK' } },
      { Name: 'dr', OnFailure: { Result: 'ROLLBACK' } },
    ]);
  });

  it('asks the approvers by mail, and tells them commit, account and region, what changes, and where all of it stands', () => {
    const [changes, approval] = actionsOf('prod');
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

/** What the project of a step gets from the pipeline. */
function variablesOf(step: string): Record<string, string> {
  const projects = template.findResources('AWS::CodeBuild::Project');
  const [, project] = Object.entries(projects).find(([id]) => id.includes(step.replaceAll('-', '')))!;
  return Object.fromEntries(
    project.Properties.Environment.EnvironmentVariables.map(
      ({ Name, Value }: { Name: string; Value: string }) => [Name, Value],
    ),
  );
}

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
    const { context } = JSON.parse(await readFile('cdk.json', 'utf8'));
    await promisify(execFile)(process.execPath, ['pipelines/app.ts'], {
      // The functions are bundled by esbuild, as npm finds it.
      env: { PATH: process.env.PATH, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
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
