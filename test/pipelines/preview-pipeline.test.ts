import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { ImageRepositories } from '#pipelines/image-repositories.ts';
import { PipelineRecords } from '#pipelines/pipeline-records.ts';
import { PreviewPipeline } from '#pipelines/preview-pipeline.ts';
import { appWithFlags, propertiesOf } from '#test/stacks/synthesize.ts';

const { account, region } = delivery;
const stack = new Stack(appWithFlags(), 'crossbook-pipeline', { env: { account, region } });
new PreviewPipeline(stack, 'Previews', {
  delivery,
  previews: { within: dev, hours: 24, countMax: 3, budgetDollars: 20, reachableFrom: ['203.0.113.0/24'] },
  repositories: new ImageRepositories(stack, 'Images', {
    accounts: new Set([dev.account]),
    others: ['preview'],
  }),
  records: new PipelineRecords(stack, 'Records', []),
});
const template = Template.fromStack(stack);
const [pipeline] = propertiesOf(template, 'AWS::CodePipeline::Pipeline');

describe('the pipeline of previews', () => {
  it('starts from a push to a branch preview/…, and from no other', () => {
    expect(pipeline.Triggers).toEqual([
      {
        ProviderType: 'CodeStarSourceConnection',
        GitConfiguration: {
          SourceActionName: pipeline.Stages[0].Actions[0].Name,
          Push: [{ Branches: { Includes: ['preview/**'] } }],
        },
      },
    ]);
    expect(pipeline.Stages[0].Actions[0].Configuration.DetectChanges).toBe(false);
  });

  it('names the preview by the branch that was pushed, and gives it the image of that commit', () => {
    const variables = pipeline.Stages.map(({ Actions }: { Actions: { Configuration: object }[] }) =>
      JSON.stringify(Actions[0]!.Configuration),
    ).join();
    for (const variable of ['#{Source.CommitId}', '#{Source.BranchName}', '#{Image.IMAGE_DIGEST}'])
      expect(variables).toContain(variable);
  });

  it('runs its files of buildspecs/, as they are', () => {
    const run = propertiesOf(template, 'AWS::CodeBuild::Project').map(({ Source }) =>
      JSON.parse(Source.BuildSpec),
    );
    const files = ['preview', 'preview-image'].map((file) =>
      parse(readFileSync(`buildspecs/${file}.yml`, 'utf8')),
    );
    expect(run).toEqual(expect.arrayContaining(files));
    expect(run).toHaveLength(files.length);
  });

  it('gives a Docker daemon to the build of the image only', () => {
    const privileged = propertiesOf(template, 'AWS::CodeBuild::Project').filter(
      ({ Environment }) => Environment.PrivilegedMode,
    );
    expect(privileged.map(({ Description }) => Description)).toEqual(['buildspecs/preview-image.yml']);
  });

  it('reaches into one account and region, through the roles that deploy there', () => {
    const assumed = propertiesOf(template, 'AWS::IAM::Policy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => Action === 'sts:AssumeRole')
      .flatMap(({ Resource }) => Resource)
      .filter((resource) => typeof resource === 'string');
    expect(assumed).toEqual([
      ...['deploy', 'file-publishing', 'lookup'].map(
        (role) => `arn:aws:iam::${dev.account}:role/cdk-*-${role}-role-${dev.account}-${dev.region}`,
      ),
      `arn:aws:iam::${dev.account}:role/crossbook-dev-release`,
    ]);
  });
});
