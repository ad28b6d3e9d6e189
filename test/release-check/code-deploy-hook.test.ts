import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { expect, it } from '@jest/globals';
import { createLog } from '#platform/log.ts';
import { answerCodeDeploy, faultOfDeployment } from '#services/release-check/code-deploy-hook.ts';
import { serve } from './serve.ts';

const event = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'execution-1' };

/** Stands in for CodeDeploy: what it was told, and whose deployment it says it is. */
class Recorder {
  readonly told: unknown[] = [];
  readonly #group: string;

  constructor(group: string) {
    this.#group = group;
  }

  get client(): Pick<CodeDeployClient, 'send'> {
    return { send: async (command: object) => this.#answer(command) } as Pick<CodeDeployClient, 'send'>;
  }

  #answer(command: object): unknown {
    const { input } = command as { input: object };
    if (command.constructor.name === 'GetDeploymentCommand') {
      expect(input).toEqual({ deploymentId: 'd-1' });
      if (this.#group === '') throw new Error('AccessDenied');
      return { deploymentInfo: { deploymentGroupName: this.#group } };
    }
    expect(command.constructor.name).toBe('PutLifecycleEventHookExecutionStatusCommand');
    this.told.push(input);
    return {};
  }
}

async function answerFor(group: string, statusOfOrders: number): Promise<unknown[]> {
  const orders = await serve(() => statusOfOrders);
  const others = await serve(() => 500);
  const recorder = new Recorder(group);
  const release = { health: '/health', others: [] };
  const releases = {
    'crossbook-prod-orders': { url: orders.url, ...release },
    'crossbook-prod-sub-orders': { url: others.url, ...release },
  };
  await answerCodeDeploy(event, {
    codeDeploy: recorder.client,
    check: (deploymentId) => faultOfDeployment(deploymentId, recorder.client, releases),
    log: createLog('test', 'silent'),
  });
  return recorder.told;
}

const answer = (status: string) => [
  { deploymentId: 'd-1', lifecycleEventHookExecutionId: 'execution-1', status },
];

it('lets a release go on whose own service answers, whatever others do', async () => {
  expect(await answerFor('crossbook-prod-orders', 200)).toEqual(answer('Succeeded'));
});

it('refuses a release that does not answer', async () => {
  expect(await answerFor('crossbook-prod-orders', 503)).toEqual(answer('Failed'));
});

it('refuses a release of a service that it does not know, rather than let CodeDeploy wait an hour', async () => {
  expect(await answerFor('crossbook-prod-unknown', 200)).toEqual(answer('Failed'));
});

it('refuses a release that it may not look up', async () => {
  expect(await answerFor('', 200)).toEqual(answer('Failed'));
});
