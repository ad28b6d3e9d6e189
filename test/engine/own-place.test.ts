import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownPlace } from '#services/engine/own-place.ts';

/** As ECS answers a container on Fargate. */
const container = {
  Name: 'engine',
  Labels: {
    'com.amazonaws.ecs.task-definition-family': 'crossbook-prod-engine',
    'com.amazonaws.ecs.task-definition-version': '17',
  },
  Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: ['10.0.16.5'] }],
};
let ecs: Server;
let url: string;

beforeAll(async () => {
  ecs = createServer((_, response) => response.end(JSON.stringify(container)));
  await new Promise<void>((resolve) => ecs.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(ecs.address() as AddressInfo).port}`;
});
afterAll(() => {
  ecs.closeAllConnections();
  ecs.close();
});

describe('the place of a task', () => {
  it('is what ECS says: its own address, and the version of its task definition', async () => {
    const place = await ownPlace({ HOST: '', DEPLOYMENT: '', ECS_CONTAINER_METADATA_URI_V4: url });
    expect(place).toEqual({ host: '10.0.16.5', deployment: '17' });
  });

  it('is what is configured, as far as it is', async () => {
    expect(await ownPlace({ HOST: '', DEPLOYMENT: 'blue', ECS_CONTAINER_METADATA_URI_V4: url })).toEqual({
      host: '10.0.16.5',
      deployment: 'blue',
    });
    expect(
      await ownPlace({ HOST: 'here', DEPLOYMENT: 'blue', ECS_CONTAINER_METADATA_URI_V4: 'http://nobody' }),
    ).toEqual({ host: 'here', deployment: 'blue' });
  });

  it('is this machine where there is no ECS', async () => {
    expect(await ownPlace({ HOST: '', DEPLOYMENT: '', ECS_CONTAINER_METADATA_URI_V4: '' })).toEqual({
      host: '127.0.0.1',
      deployment: 'local',
    });
  });
});
