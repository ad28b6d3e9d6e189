/** CodeDeploy's hook for the authorizer: it is called before the first request goes to a new version. */
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { readConfig } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { faultOfAuthorizer } from './authorizer-check.ts';
import { answerCodeDeploy, type CodeDeployEvent } from './code-deploy-hook.ts';
import { authorizerConfig } from './config.ts';

const log = createLog('authorizer-check');
const codeDeploy = new CodeDeployClient();
const lambda = new LambdaClient();

export async function handler(event: CodeDeployEvent): Promise<void> {
  const { NEW_VERSION } = readConfig(authorizerConfig);
  await answerCodeDeploy(event, { codeDeploy, check: () => faultOfAuthorizer(lambda, NEW_VERSION), log });
}
