import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { Session } from '#platform/sessions/session-store.ts';
import { AccessTokens } from '#services/accounts/access-tokens.ts';
import { authorizerBundle } from '#stacks/authorizer-function.ts';
import { writeBundle } from '#stacks/bundle.ts';

const issuer = 'https://exchange.example.com';
const methodArn = 'arn:aws:execute-api:eu-central-1:333333333333:api123/prod/GET/api/users/me';

describe('the one file that Lambda loads', () => {
  it('allows a token that accounts has issued, by the keys that accounts publishes', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const tokens = new AccessTokens({
      signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      otherPublicKey: '',
      issuer,
      lifetimeMs: 60_000,
    });
    const session = { id: 'a-session', account: 42, otpAt: null } as unknown as Session;
    const Authorization = `Bearer ${await tokens.issue(session, 'operator')}`;
    const { answer, log } = await ask({ methodArn, headers: { Authorization } }, tokens.keySet);
    expect(answer.policyDocument.Statement[0].Effect).toBe('Allow');
    expect(answer.context).toEqual({ accountId: 42, sessionId: 'a-session', roles: 'user operator' });
    expect(log).toBe('');
  });

  it('denies another, and says why in one line of JSON', async () => {
    const { answer, log } = await ask(
      { methodArn, headers: { Authorization: 'Bearer a.b.c' } },
      { keys: [] },
    );
    expect(answer.policyDocument.Statement[0].Effect).toBe('Deny');
    expect(JSON.parse(log)).toMatchObject({ service: 'authorizer', msg: 'refused', methodArn });
  });
});

/** Runs the bundle in a process of its own, as Lambda does, against a server with the keys. */
async function ask(event: object, keySet: object) {
  const directory = await mkdtemp(join(tmpdir(), 'authorizer-'));
  const server = createServer((_request, response) => response.end(JSON.stringify(keySet)));
  try {
    writeBundle(authorizerBundle, directory);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const program = `require('./index.js').handler(${JSON.stringify(event)}).then((answer) => console.error(JSON.stringify(answer)))`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', program], {
      cwd: directory,
      env: { JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`, TOKEN_ISSUER: issuer },
    });
    return { answer: JSON.parse(stderr), log: stdout.trim() };
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  }
}
