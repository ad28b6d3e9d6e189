/** Where the code comes from: a repository that a connection reaches, or one of CodeCommit. */
import { Stack } from 'aws-cdk-lib';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-codecommit';
import type { Artifact, CfnPipeline, IAction } from 'aws-cdk-lib/aws-codepipeline';
import {
  CodeCommitSourceAction,
  CodeCommitTrigger,
  CodeStarConnectionsSourceAction,
} from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CodePipelineSource } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Delivery } from '#environments/delivery.ts';

/** A push that changes these alone releases nothing; CodeCommit cannot tell, and every push to its branch is a release. */
const unreleasedPaths = ['docs/**', '*.md', 'LICENSE'];

/** The first action of the pipeline. What starts a release of a connected repository is {@link startOnPush}. */
export function releaseSource(scope: Construct, delivery: Delivery): CodePipelineSource {
  const { branch } = delivery;
  if (delivery.provider === 'CodeCommit')
    return CodePipelineSource.codeCommit(codeCommitRepository(scope, delivery.repository), branch);
  const { repository, connectionArn } = delivery;
  return CodePipelineSource.connection(repository, branch, { connectionArn, triggerOnPush: false });
}

/** The first action of a pipeline that something else starts: a schedule, a person, a filter on branches. */
export function sourceAction(scope: Construct, delivery: Delivery, output: Artifact): IAction {
  const { branch } = delivery;
  const common = { actionName: 'Source', variablesNamespace: 'Source', branch, output };
  if (delivery.provider === 'CodeCommit')
    return new CodeCommitSourceAction({
      ...common,
      repository: codeCommitRepository(scope, delivery.repository),
      trigger: CodeCommitTrigger.NONE,
    });
  const { repository, connectionArn } = delivery;
  // GitLab has groups within groups.
  const [owner = '', ...names] = repository.split('/');
  const repo = names.join('/');
  return new CodeStarConnectionsSourceAction({ ...common, owner, repo, connectionArn, triggerOnPush: false });
}

/**
 * Starts the release at each push to the branch but of documents: the construct knows pushes only, and not what they change.
 * CodeCommit's pushes come as events, which the source action itself listens to.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
 */
export function startOnPush(pipeline: CfnPipeline, delivery: Delivery): void {
  if (delivery.provider === 'CodeCommit') return;
  pipeline.triggers = [
    pushTrigger(delivery.repository.replaceAll('/', '_'), {
      branches: { includes: [delivery.branch] },
      filePaths: { excludes: unreleasedPaths },
    }),
  ];
}

/** A trigger of a connected repository; the action is the one that the construct library or {@link sourceAction} named. */
export function pushTrigger(
  sourceActionName: string,
  push: CfnPipeline.GitPushFilterProperty,
): CfnPipeline.PipelineTriggerDeclarationProperty {
  return {
    providerType: 'CodeStarSourceConnection',
    gitConfiguration: { sourceActionName, push: [push] },
  };
}

/** The construct grants the connection's old name; the service asks for the new one, or the old, by provider. */
export function connectionStatements(delivery: Delivery): PolicyStatement[] {
  if (delivery.provider === 'CodeCommit') return [];
  return [
    new PolicyStatement({
      actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
      resources: [delivery.connectionArn],
    }),
  ];
}

/** Where a person reads a commit. */
export function commitPage({ provider, repository, region }: Delivery, commit: string): string {
  const pages: Readonly<Record<Delivery['provider'], string>> = {
    GitHub: `https://github.com/${repository}/commit/${commit}`,
    GitLab: `https://gitlab.com/${repository}/-/commit/${commit}`,
    Bitbucket: `https://bitbucket.org/${repository}/commits/${commit}`,
    CodeCommit: `https://${region}.console.aws.amazon.com/codesuite/codecommit/repositories/${repository}/commit/${commit}`,
  };
  return pages[provider];
}

function codeCommitRepository(scope: Construct, name: string): IRepository {
  const stack = Stack.of(scope);
  const id = 'Repository';
  return (
    (stack.node.tryFindChild(id) as IRepository | undefined) ?? Repository.fromRepositoryName(stack, id, name)
  );
}
