/** CodeDeploy's deployments of one environment's services. Names are the same in all environments but for the prefix. */
import { setTimeout as sleep } from 'node:timers/promises';
import { containerPort } from '#stacks/services.ts';
import { environmentCli } from '../aws-cli.ts';
import type { Deployer, Deployment } from './deployer.ts';

const PAUSE_MS = 10_000;
/** A deployment shifts traffic for minutes and keeps the old tasks for an hour; 1,080 pauses are three hours. */
const PAUSES_MAX = 1_080;

interface DeploymentInfo {
  readonly status: string;
  readonly errorInformation?: { readonly code: string; readonly message: string };
  readonly rollbackInfo?: { readonly rollbackMessage?: string };
}

interface Services {
  readonly services: readonly {
    readonly taskSets?: readonly { readonly status: string; readonly taskDefinition: string }[];
  }[];
}

export const codeDeploy: Deployer = {
  running(prefix, service) {
    const { services } = environmentCli<Services>(
      'ecs',
      'describe-services',
      ...['--cluster', prefix],
      ...['--services', service],
    );
    return services[0]?.taskSets?.find(({ status }) => status === 'PRIMARY')?.taskDefinition;
  },

  async begin(deployment) {
    const name = `${deployment.prefix}-${deployment.service}`;
    const input = {
      applicationName: name,
      deploymentGroupName: name,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content: appSpec(deployment) } },
    };
    const options = ['--cli-input-json', JSON.stringify(input)];
    return environmentCli<{ deploymentId: string }>('deploy', 'create-deployment', ...options).deploymentId;
  },

  async failure(deploymentId, tell) {
    let told = '';
    for (let pauses = 0; pauses < PAUSES_MAX; pauses++) {
      const { deploymentInfo } = environmentCli<{ deploymentInfo: DeploymentInfo }>(
        'deploy',
        'get-deployment',
        ...['--deployment-id', deploymentId],
      );
      const { status, errorInformation, rollbackInfo } = deploymentInfo;
      if (status !== told) tell(status);
      told = status;
      if (status === 'Succeeded') return undefined;
      if (status === 'Failed' || status === 'Stopped') {
        const { code = status, message = 'no reason given' } = errorInformation ?? {};
        return [`${code}: ${message}`, rollbackInfo?.rollbackMessage].filter(Boolean).join('; ');
      }
      await sleep(PAUSE_MS);
    }
    return 'it did not end within three hours';
  },
};

/**
 * The application specification of a deployment, which CodeDeploy reads as YAML, so as JSON too. The hook looks at the
 * new tasks while only the test listener leads to them.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
 */
function appSpec({ service, taskDefinitionArn, hook }: Deployment): string {
  return JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinitionArn,
            LoadBalancerInfo: { ContainerName: service, ContainerPort: containerPort },
          },
        },
      },
    ],
    Hooks: hook === '' ? [] : [{ AfterAllowTestTraffic: hook }],
  });
}
