/** What a new version of the authorizer must do before any request goes to it. */
import { randomUUID } from 'node:crypto';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { generateKeyPair, SignJWT } from 'jose';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_TYPE } from '#platform/access-token.ts';

/** As API Gateway calls it; no API has this id. */
const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:release-check/check/GET/api/users/me';

/**
 * Why this version is not fit, or undefined. It must deny whoever brings no token, one that is none, and one that is well
 * made and signed by nobody it knows; to know that, it must reach the keys of accounts.
 */
export async function faultOfAuthorizer(
  lambda: Pick<LambdaClient, 'send'>,
  version: string,
): Promise<string | undefined> {
  const cases = {
    'no token': {},
    'no JWT': bearer('a.b.c'),
    'a key unknown': bearer(await strangersToken()),
  };
  for (const [name, headers] of Object.entries(cases)) {
    const fault = await faultAt(lambda, version, headers);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return undefined;
}

async function faultAt(
  lambda: Pick<LambdaClient, 'send'>,
  version: string,
  headers: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const event = { type: 'REQUEST', methodArn, headers };
  const { FunctionError, Payload = new Uint8Array() } = await lambda.send(
    new InvokeCommand({ FunctionName: version, Payload: new TextEncoder().encode(JSON.stringify(event)) }),
  );
  const text = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) return `${FunctionError} ${text.slice(0, 200)}`;
  const answer = JSON.parse(text) as { policyDocument?: { Statement?: readonly { Effect?: string }[] } };
  const effects = answer.policyDocument?.Statement?.map(({ Effect }) => Effect) ?? [];
  return effects.length === 1 && effects[0] === 'Deny' ? undefined : `it answers ${text.slice(0, 200)}`;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function strangersToken(): Promise<string> {
  const { privateKey } = await generateKeyPair(TOKEN_ALGORITHM);
  return new SignJWT({ sid: 'release-check', roles: [] })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: `release-check-${randomUUID()}` })
    .setSubject('1')
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
}
