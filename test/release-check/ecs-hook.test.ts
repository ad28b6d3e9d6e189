import { expect, it } from '@jest/globals';
import { createLog } from '#platform/log.ts';
import { answerEcs } from '#services/release-check/ecs-hook.ts';
import { handler } from '#services/release-check/main.ts';
import { serve } from './serve.ts';

const eventOf = (service: string) => ({
  executionDetails: {
    serviceArn: `arn:aws:ecs:eu-central-1:333333333333:service/crossbook-prod/${service}`,
    targetServiceRevisionArn: `arn:aws:ecs:eu-central-1:333333333333:service-revision/crossbook-prod/${service}/1`,
  },
  lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
});

async function answerFor(service: string, statusOfOrders: number) {
  const orders = await serve(() => statusOfOrders);
  const others = await serve(() => 500);
  const release = { health: '/health', others: [] };
  return answerEcs(eventOf(service), {
    releases: {
      'crossbook-prod-orders': { url: orders.url, ...release },
      'crossbook-prod-sub-orders': { url: others.url, ...release },
    },
    log: createLog('test', 'silent'),
  });
}

it('lets a release go on whose own service answers, whatever others do', async () => {
  expect(await answerFor('orders', 200)).toEqual({ hookStatus: 'SUCCEEDED' });
});

it('refuses a release that does not answer', async () => {
  expect(await answerFor('orders', 503)).toEqual({ hookStatus: 'FAILED' });
});

it('refuses a release of a service that it does not know', async () => {
  expect(await answerFor('unknown', 200)).toEqual({ hookStatus: 'FAILED' });
});

it('is what the function answers when ECS calls it, and not CodeDeploy', async () => {
  const { url } = await serve(() => 200);
  process.env.RELEASES = JSON.stringify({ 'crossbook-prod-orders': { url, health: '/health', others: [] } });
  process.env.AWS_REGION ??= 'eu-central-1'; // the client of CodeDeploy is made, and not asked
  try {
    expect(await handler(eventOf('orders'))).toEqual({ hookStatus: 'SUCCEEDED' });
  } finally {
    delete process.env.RELEASES;
  }
});
