/** What CodeDeploy asks of a release, and is told. */
import {
  type CodeDeployClient,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from '@aws-sdk/client-codedeploy';
import type { Log } from '#platform/log.ts';
import { faultOf } from './check.ts';
import type { Release } from './config.ts';

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html */
export interface CodeDeployEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

export interface CodeDeployHookOptions {
  readonly codeDeploy: Pick<CodeDeployClient, 'send'>;
  /** By deployment group. */
  readonly releases: Readonly<Record<string, Release>>;
  readonly log: Log;
}

/**
 * Checks the release that `event` names and tells CodeDeploy, which goes on or rolls back.
 * @throws when CodeDeploy cannot be told: without an answer it rolls back too, after an hour.
 */
export async function answerCodeDeploy(
  event: CodeDeployEvent,
  options: CodeDeployHookOptions,
): Promise<void> {
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
  const fault = await faultOfRelease(deploymentId, options);
  if (fault === undefined) options.log.info({ deploymentId }, 'the release may go on');
  else options.log.error({ deploymentId, fault }, 'the release is refused');
  await options.codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId,
      lifecycleEventHookExecutionId,
      status: fault === undefined ? 'Succeeded' : 'Failed',
    }),
  );
}

async function faultOfRelease(
  deploymentId: string,
  { codeDeploy, releases }: CodeDeployHookOptions,
): Promise<string | undefined> {
  try {
    const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    const group = deploymentInfo?.deploymentGroupName ?? '';
    const release = releases[group];
    return release === undefined ? `${group} is no deployment group that it knows` : await faultOf(release);
  } catch (error) {
    // Whatever could not be found out is not known to be well; CodeDeploy would wait for an hour for an answer.
    return error instanceof Error ? error.message : String(error);
  }
}
