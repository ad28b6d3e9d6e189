import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { PipelineStack } from '#pipelines/pipeline-stack.ts';
import { services } from '#stacks/services.ts';
import { appWithFlags, propertiesOf } from '#test/stacks/synthesize.ts';

const template = Template.fromStack(
  new PipelineStack(appWithFlags(), 'crossbook-pipeline', {
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
  readonly Region?: string;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration: Readonly<Record<string, string>>;
}

const [pipeline] = propertiesOf(template, 'AWS::CodePipeline::Pipeline');
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
      'dev',
      'staging',
      'prod',
      'dr',
    ]);
  });

  it('asks a person before prod and before DR, ahead of everything else there, and nowhere before', () => {
    const approvals = stages.flatMap(({ Name, Actions }) =>
      Actions.filter(({ ActionTypeId }) => ActionTypeId.Category === 'Approval').map(
        (action) => `${Name}: ${action.Name}`,
      ),
    );
    expect(approvals).toEqual(['prod: approve-prod', 'dr: approve-dr']);
    for (const stage of ['prod', 'dr']) {
      const [first, second] = actionsOf(stage);
      expect(first?.Name).toBe(`approve-${stage}`);
      expect(second?.RunOrder).toBeGreaterThan(first!.RunOrder);
    }
  });

  it('deploys the network before the load balancer before the services', () => {
    const deployed = actionsOf('dev')
      .map(({ Name }) => Name)
      .filter((name) => name.endsWith('.Deploy'));
    expect(deployed).toEqual([
      'crossbook-dev-network.Deploy',
      'crossbook-dev-balancing.Deploy',
      'crossbook-dev-services.Deploy',
    ]);
  });

  it('deploys DR to the region of DR, and the others to their own', () => {
    const regionsOf = (stage: string) =>
      new Set(
        actionsOf(stage)
          .filter(({ ActionTypeId }) => ActionTypeId.Provider === 'CloudFormation')
          .map(({ Region = delivery.region }) => Region),
      );
    for (const { name, region } of [dev, staging, prod, dr])
      expect(regionsOf(name)).toEqual(new Set([region]));
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
    const installs = buildspecs.join('\n').match(/npm install -g \S+@[^\s"]+/g);
    expect(installs).toEqual([
      `npm install -g aws-cdk@${version}`,
      expect.stringMatching(/^npm install -g cdk-assets@\d+\.\d+\.\d+$/),
    ]);
  });

  it('runs only npm scripts to synthesize, tests first', () => {
    const synth = propertiesOf(template, 'AWS::CodeBuild::Project')
      .map(({ Source }) => JSON.parse(Source.BuildSpec))
      .find(({ artifacts }) => artifacts);
    expect(synth.phases).toEqual({
      install: { commands: ['npm ci'] },
      build: { commands: ['npm test', 'npm run synth'] },
    });
  });

  it('keeps its artifacts encrypted under a key of its own, and accepts TLS only', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ArtifactsKey'), 'Arn'] },
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

describe('the app', () => {
  it('synthesizes the same assembly twice, without credentials', async () => {
    const [first, second] = await Promise.all([assembly(), assembly()]);
    expect(Object.keys(first).length).toBeGreaterThan(20);
    expect(second).toEqual(first);
  });
});

/** What `cdk synth` makes the app write: the digest of every file, by its path. */
async function assembly(): Promise<Record<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-assembly-'));
  try {
    const { context } = JSON.parse(await readFile('cdk.json', 'utf8'));
    await promisify(execFile)(process.execPath, ['pipelines/app.ts'], {
      env: { CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const digests = files.map(async (file) => [
      file.slice(directory.length),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ]);
    return Object.fromEntries(await Promise.all(digests));
  } finally {
    await rm(directory, { recursive: true });
  }
}
