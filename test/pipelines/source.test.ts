import { describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodePipeline, ShellStep } from 'aws-cdk-lib/pipelines';
import { type Delivery, delivery } from '#environments/delivery.ts';
import { commitPage, releaseSource, startOnPush } from '#pipelines/source.ts';
import { propertiesOf } from '#test/stacks/synthesize.ts';

const codeCommit: Delivery = {
  ...delivery,
  provider: 'CodeCommit',
  repository: 'exchange',
  connectionArn: '',
};

/** A pipeline that only fetches and synthesizes. */
function pipelineOf(from: Delivery): Template {
  const stack = new Stack(new App(), 'Pipeline', {
    env: { account: from.account, region: from.region },
  });
  const pipeline = new CodePipeline(stack, 'Pipeline', {
    synth: new ShellStep('Synth', { input: releaseSource(stack, from), commands: [] }),
  });
  pipeline.buildPipeline();
  startOnPush(pipeline.pipeline.node.defaultChild as CfnPipeline, from);
  return Template.fromStack(stack);
}

describe('a repository that a connection reaches', () => {
  const template = pipelineOf({ ...delivery, provider: 'GitLab', repository: 'acme/desks/exchange' });
  const [pipeline] = propertiesOf(template, 'AWS::CodePipeline::Pipeline');
  const [source] = pipeline.Stages[0].Actions;

  it('is fetched by its whole name, groups within groups too', () => {
    expect(source.ActionTypeId.Provider).toBe('CodeStarSourceConnection');
    expect(source.Configuration.FullRepositoryId).toBe('acme/desks/exchange');
  });

  it('starts a release by the filter on pushes alone, which names the source action', () => {
    expect(source.Configuration.DetectChanges).toBe(false);
    expect(pipeline.Triggers[0].GitConfiguration.SourceActionName).toBe(source.Name);
  });
});

describe('a repository of CodeCommit', () => {
  const template = pipelineOf(codeCommit);
  const [pipeline] = propertiesOf(template, 'AWS::CodePipeline::Pipeline');

  it('is fetched by its name, without a connection', () => {
    const [source] = pipeline.Stages[0].Actions;
    expect(source.ActionTypeId.Provider).toBe('CodeCommit');
    expect(source.Configuration).toMatchObject({ RepositoryName: 'exchange', BranchName: 'main' });
    expect(JSON.stringify(template.toJSON())).not.toContain('connections:');
  });

  it('starts a release by the event of a push to the branch', () => {
    expect(pipeline.Triggers).toBeUndefined();
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.codecommit'],
        detail: Match.objectLike({ referenceName: ['main'] }),
      },
    });
  });
});

it.each([
  ['GitHub', 'https://github.com/example/crossbook/commit/abc'],
  ['GitLab', 'https://gitlab.com/example/crossbook/-/commit/abc'],
  ['Bitbucket', 'https://bitbucket.org/example/crossbook/commits/abc'],
] as const)('links to a commit at %s', (provider, page) => {
  expect(commitPage({ ...delivery, provider }, 'abc')).toBe(page);
});

it('links to a commit in the console of CodeCommit', () => {
  expect(commitPage(codeCommit, 'abc')).toBe(
    'https://eu-central-1.console.aws.amazon.com/codesuite/codecommit/repositories/exchange/commit/abc',
  );
});
