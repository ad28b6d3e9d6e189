/** CodeDeploy's deployments of one environment's services. Names are the same in all environments but for the prefix. */
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentCli } from '../aws-cli.ts';
import { appSpec, type TaskDefinition } from './deployment.ts';

const PAUSE_MS = 10_000;
/** A deployment shifts traffic for minutes and keeps the old tasks for an hour; 1,080 pauses are three hours. */
const PAUSES_MAX = 1_080;

interface Deployment {
  readonly status: string;
  readonly errorInformation?: { readonly code: string; readonly message: string };
  readonly rollbackInfo?: { readonly rollbackMessage?: string };
}

/** The newest task definition of a service, which the stacks registered. */
export function newestTaskDefinition(prefix: string, service: string): TaskDefinition {
  return environmentCli<{ taskDefinition: TaskDefinition }>(
    'ecs',
    'describe-task-definition',
    '--task-definition',
    `${prefix}-${service}`,
  ).taskDefinition;
}

/** The task definition whose tasks get the traffic now; undefined before the first deployment. */
export function runningTaskDefinition(prefix: string, service: string): string | undefined {
  const { services } = environmentCli<{
    services: readonly {
      readonly taskSets?: readonly { readonly status: string; readonly taskDefinition: string }[];
    }[];
  }>('ecs', 'describe-services', '--cluster', prefix, '--services', service);
  return services[0]?.taskSets?.find(({ status }) => status === 'PRIMARY')?.taskDefinition;
}

/** Begins a deployment and returns its id. */
export function beginDeployment(
  prefix: string,
  service: string,
  taskDefinitionArn: string,
  hook: string,
): string {
  const input = {
    applicationName: `${prefix}-${service}`,
    deploymentGroupName: `${prefix}-${service}`,
    revision: {
      revisionType: 'AppSpecContent',
      appSpecContent: { content: appSpec(service, taskDefinitionArn, hook) },
    },
  };
  const options = ['--cli-input-json', JSON.stringify(input)];
  return environmentCli<{ deploymentId: string }>('deploy', 'create-deployment', ...options).deploymentId;
}

/** Waits until a deployment has ended, and tells of every change; returns why it failed, or undefined. */
export async function deploymentFailure(
  deploymentId: string,
  tell: (line: string) => void,
): Promise<string | undefined> {
  let told = '';
  for (let pauses = 0; pauses < PAUSES_MAX; pauses++) {
    const { deploymentInfo } = environmentCli<{ deploymentInfo: Deployment }>(
      'deploy',
      'get-deployment',
      '--deployment-id',
      deploymentId,
    );
    const { status, errorInformation, rollbackInfo } = deploymentInfo;
    if (status !== told) tell(status);
    told = status;
    if (status === 'Succeeded') return;
    if (status === 'Failed' || status === 'Stopped') {
      const { code = status, message = 'no reason given' } = errorInformation ?? {};
      return [`${code}: ${message}`, rollbackInfo?.rollbackMessage].filter(Boolean).join('; ');
    }
    await sleep(PAUSE_MS);
  }
  return 'it did not end within three hours';
}
