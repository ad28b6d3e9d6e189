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
  /** Tells why the release of a deployment is not fit, or undefined. */
  readonly check: (deploymentId: string) => Promise<string | undefined>;
  readonly log: Log;
}

/**
 * Checks the release that `event` names and tells CodeDeploy, which goes on or rolls back.
 * @throws when CodeDeploy cannot be told: without an answer it rolls back too, after an hour.
 */
export async function answerCodeDeploy(
  {
    DeploymentId: deploymentId,
    LifecycleEventHookExecutionId: lifecycleEventHookExecutionId,
  }: CodeDeployEvent,
  { codeDeploy, check, log }: CodeDeployHookOptions,
): Promise<void> {
  // Whatever could not be found out is not known to be well; CodeDeploy would wait for an hour for an answer.
  const fault = await check(deploymentId).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  if (fault === undefined) log.info({ deploymentId }, 'the release may go on');
  else log.error({ deploymentId, fault }, 'the release is refused');
  await codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId,
      lifecycleEventHookExecutionId,
      status: fault === undefined ? 'Succeeded' : 'Failed',
    }),
  );
}

/** Why the tasks of the service that a deployment is of are not fit, or undefined. */
export async function faultOfDeployment(
  deploymentId: string,
  codeDeploy: Pick<CodeDeployClient, 'send'>,
  releases: Readonly<Record<string, Release>>,
): Promise<string | undefined> {
  const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
  const group = deploymentInfo?.deploymentGroupName ?? '';
  const release = releases[group];
  return release === undefined ? `${group} is no deployment group that it knows` : faultOf(release);
}
