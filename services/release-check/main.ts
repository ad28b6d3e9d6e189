/** CodeDeploy's hook: it is called while only the test port leads to a release's tasks. */
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { readConfig } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { config, releases } from './config.ts';
import { answerHook, type HookEvent } from './hook.ts';

const log = createLog('release-check');
const codeDeploy = new CodeDeployClient();

export async function handler(event: HookEvent): Promise<void> {
  await answerHook(event, { codeDeploy, releases: releases.parse(readConfig(config).RELEASES), log });
}
