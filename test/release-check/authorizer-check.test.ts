import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, expect, it } from '@jest/globals';
import { remoteKeys } from '#platform/key-set.ts';
import { createLog } from '#platform/log.ts';
import { authorize } from '#services/authorizer/authorize.ts';
import { faultOfAuthorizer } from '#services/release-check/authorizer-check.ts';

const version = 'arn:aws:lambda:eu-central-1:333333333333:function:crossbook-prod-authorizer:7';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Stands in for Lambda: it runs what is called, and tells of an error as Lambda does. */
function lambdaThat(run: (event: never) => unknown): Pick<LambdaClient, 'send'> {
  const send = async (command: object) => {
    const { input } = command as { input: { FunctionName: string; Payload: Uint8Array } };
    expect(input.FunctionName).toBe(version);
    const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    try {
      return { Payload: encode(await run(JSON.parse(new TextDecoder().decode(input.Payload)) as never)) };
    } catch (error) {
      return { FunctionError: 'Unhandled', Payload: encode({ errorMessage: (error as Error).message }) };
    }
  };
  return { send } as Pick<LambdaClient, 'send'>;
}

/** The authorizer itself, with a key set that is answered with this status. */
async function authorizer(status: number): Promise<Pick<LambdaClient, 'send'>> {
  const server = createServer((_, response) => response.writeHead(status).end('{"keys":[]}'));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const options = {
    keys: remoteKeys(`http://127.0.0.1:${port}/.well-known/jwks.json`),
    issuer: 'https://exchange.example.com',
    log: createLog('test', 'silent'),
  };
  return lambdaThat((event) => authorize(event, options));
}

it('lets a version go on that denies whoever it must deny', async () => {
  expect(await faultOfAuthorizer(await authorizer(200), version)).toBeUndefined();
});

it('refuses a version that does not reach the keys of accounts, though it denies who brings none', async () => {
  expect(await faultOfAuthorizer(await authorizer(500), version)).toMatch(
    /^a key unknown: Unhandled .*cannot be had/,
  );
});

it('refuses a version that lets everybody in', async () => {
  const open = lambdaThat(() => ({ policyDocument: { Statement: [{ Effect: 'Allow' }] } }));
  expect(await faultOfAuthorizer(open, version)).toMatch(/^no token: it answers .*Allow/);
});

it('refuses a version that does not start', async () => {
  const broken = lambdaThat(() => {
    throw new Error('JWKS_URL is not set');
  });
  expect(await faultOfAuthorizer(broken, version)).toMatch(/^no token: Unhandled .*JWKS_URL is not set/);
});
