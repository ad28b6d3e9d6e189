/** The Lambda function that API Gateway asks before each route of people. */
import { readConfig } from '#platform/env.ts';
import { remoteKeys } from '#platform/key-set.ts';
import { createLog } from '#platform/log.ts';
import { type AuthorizerEvent, type AuthorizerResult, authorize } from './authorize.ts';
import { config } from './config.ts';

const values = readConfig(config);
const options = {
  // Outside the handler: one task of Lambda answers many requests with one set of keys.
  keys: remoteKeys(values.JWKS_URL),
  issuer: values.TOKEN_ISSUER,
  log: createLog('authorizer'),
};

export function handler(event: AuthorizerEvent): Promise<AuthorizerResult> {
  return authorize(event, options);
}
