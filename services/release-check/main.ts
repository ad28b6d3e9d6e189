/**
 * CodeDeploy's hook: it is called while only the test port leads to a release's tasks, and its answer decides whether
 * anybody else reaches them. https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
import {
  CodeDeployClient,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from '@aws-sdk/client-codedeploy';
import { readConfig } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { faultOf } from './check.ts';
import { config } from './config.ts';

interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

export async function handler(event: HookEvent): Promise<void> {
  const log = createLog('release-check');
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
  const client = new CodeDeployClient();
  const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId }));
  const group = deploymentInfo?.deploymentGroupName ?? '';
  const urls = readConfig(config).TEST_URLS as Readonly<Record<string, string>>;
  // The group is named crossbook-<environment>-<service>.
  const service = Object.keys(urls).find((name) => group.endsWith(`-${name}`));
  const fault =
    service === undefined ? `${group} is no service that it knows` : await faultOf(urls[service]!);
  log.info(
    { deploymentId, service, fault },
    fault === undefined ? 'the release may go on' : 'the release is refused',
  );
  await client.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId,
      lifecycleEventHookExecutionId,
      status: fault === undefined ? 'Succeeded' : 'Failed',
    }),
  );
}
