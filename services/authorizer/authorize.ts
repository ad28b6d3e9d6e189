/** Decides for API Gateway who may call a route of people: whoever has a valid access token. */
import type { JWTVerifyGetKey } from 'jose';
import { type AccessToken, readAccessToken } from '#platform/access-token.ts';
import type { Log } from '#platform/log.ts';
import { refusalReason } from './refusal-reason.ts';

/** Of the event of a REQUEST authorizer, what is looked at. */
export interface AuthorizerEvent {
  /** The one method that is called, as an ARN. */
  readonly methodArn: string;
  readonly headers: Readonly<Record<string, string | undefined>> | null;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  /** What access logs show of the caller, as `$context.authorizer.…`; absent when refused. */
  readonly context?: { readonly accountId: number; readonly sessionId: string; readonly roles: string };
}

export interface AuthorizerOptions {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly log: Log;
}

/**
 * Allows the one method that is called, or denies it, which API Gateway tells as 401. An answer is a refusal, not an
 * error: those count as failures of the function, and anyone can send bad tokens.
 * @throws {KeysUnavailable} when nobody's token can be checked; API Gateway tells that as 503.
 */
export async function authorize(
  { methodArn, headers }: AuthorizerEvent,
  { keys, issuer, log }: AuthorizerOptions,
): Promise<AuthorizerResult> {
  const token = bearerToken(headers);
  if (token === undefined) {
    log.info({ reason: 'NO_BEARER_TOKEN', methodArn }, 'refused');
    return denied(methodArn);
  }
  const access = await readAccessToken(token, keys, issuer);
  if (access) return allowed(methodArn, access);
  log.info({ reason: await refusalReason(token, keys, issuer), methodArn }, 'refused');
  return denied(methodArn);
}

/** The scheme's name is read whatever its case: RFC 9110, section 11.1. Header names come as the client wrote them. */
function bearerToken(headers: AuthorizerEvent['headers']): string | undefined {
  const [, value = ''] =
    Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return /^bearer +([\w.~+/-]+=*)$/i.exec(value)?.[1];
}

function allowed(methodArn: string, { account, sessionId, roles }: AccessToken): AuthorizerResult {
  const context = { accountId: account, sessionId, roles: roles.join(' ') };
  return { principalId: String(account), policyDocument: policy('Allow', methodArn), context };
}

function denied(methodArn: string): AuthorizerResult {
  return { principalId: 'nobody', policyDocument: policy('Deny', methodArn) };
}

function policy(Effect: 'Allow' | 'Deny', Resource: string): AuthorizerResult['policyDocument'] {
  return { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] };
}
