/** The hook of CodeDeploy and of ECS: it is called while only the test port leads to a release's tasks. */
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { readConfig } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { answerCodeDeploy, type CodeDeployEvent, faultOfDeployment } from './code-deploy-hook.ts';
import { config, releases as parser } from './config.ts';
import { answerEcs, type EcsAnswer, type EcsEvent } from './ecs-hook.ts';

const log = createLog('release-check');
const codeDeploy = new CodeDeployClient();

/** ECS takes what is returned for the answer; CodeDeploy is told by a call. */
export async function handler(event: CodeDeployEvent | EcsEvent): Promise<EcsAnswer | undefined> {
  const releases = parser.parse(readConfig(config).RELEASES);
  if ('executionDetails' in event) return answerEcs(event, { releases, log });
  const check = (deploymentId: string) => faultOfDeployment(deploymentId, codeDeploy, releases);
  await answerCodeDeploy(event, { codeDeploy, check, log });
  return undefined;
}
