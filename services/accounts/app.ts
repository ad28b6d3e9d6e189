/** People and their API keys. */
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Kysely } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import { clientAddress } from '#platform/client-address.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import { traceRequests } from '#platform/tracing.ts';
import type { AccessTokens } from './access-tokens.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import type { Attempts } from './attempts.ts';
import type { Passwords } from './passwords.ts';
import { Refusal, refusals } from './refusal.ts';
import { apiKeyRequest, logInRequest, readBody, signUpRequest } from './requests.ts';
import { routes } from './routes.ts';
import { emailOf, logIn, signUp } from './users.ts';

export interface AccountsDeps {
  readonly db: Kysely<Database>;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly attempts: Attempts;
  /** AES-256 key of the API secrets. */
  readonly encryptionKey: Buffer;
  /** Load balancers of ours in front of the service; see `client-address.ts`. */
  readonly trustedHops: number;
  readonly log: Log;
}

/** Tokens and secrets must not stay in a cache on the way: RFC 6749, section 5.1. */
const UNCACHED = { 'Cache-Control': 'no-store' };

export function createAccountsApp({
  db,
  passwords,
  tokens,
  attempts,
  encryptionKey,
  trustedHops,
  log,
}: AccountsDeps): Hono {
  const app = new Hono();
  app.use(traceRequests());
  app.onError((error, context) => {
    if (!(error instanceof Refusal)) log.error({ err: error }, 'a request failed');
    const refusal = error instanceof Refusal ? error : refusals.internal();
    return context.json(refusal.toJSON(), refusal.status as ContentfulStatusCode, {
      ...UNCACHED,
      ...refusal.headers,
    });
  });
  /** For routes with the security JWT. */
  const authenticated =
    (handle: (context: Context, account: AccountId) => Promise<Response>): Handler =>
    async (context) => {
      const token = /^Bearer ([\w.-]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
      const account = token === undefined ? undefined : await tokens.accountOf(token);
      if (account === undefined) throw refusals.unauthenticated();
      return handle(context, account);
    };

  mountRoutes(app, routes, {
    signUp: async (context) => {
      const body = await readBody(context, signUpRequest);
      attempts.signUp(clientAddress(context, trustedHops));
      await signUp(db, passwords, body);
      return context.json({ email: body.email }, 202, UNCACHED);
    },
    logIn: async (context) => {
      const body = await readBody(context, logInRequest);
      const address = clientAddress(context, trustedHops);
      attempts.logIn(body.email, address);
      const account = await logIn(db, passwords, body);
      if (account === undefined) throw refusals.wrongCredentials();
      attempts.loggedIn(body.email, address);
      const accessToken = await tokens.issue(account);
      return context.json(
        { accessToken, tokenType: 'Bearer', expiresIn: tokens.lifetimeSeconds },
        200,
        UNCACHED,
      );
    },
    me: authenticated(async (context, accountId) => {
      const email = await emailOf(db, accountId);
      if (email === undefined) throw refusals.unauthenticated();
      return context.json({ accountId, email }, 200, UNCACHED);
    }),
    createApiKey: authenticated(async (context, account) => {
      const request = await readBody(context, apiKeyRequest);
      return context.json(await createApiKey(db, encryptionKey, account, request), 201, UNCACHED);
    }),
    apiKeys: authenticated(async (context, account) =>
      context.json(await listApiKeys(db, account), 200, UNCACHED),
    ),
    revokeApiKey: authenticated(async (context, account) => {
      const id = context.req.param('id') ?? '';
      const isRevoked = /^\d{1,15}$/.test(id) && (await revokeApiKey(db, account, Number(id)));
      if (!isRevoked) throw refusals.unknownApiKey();
      return context.body(null, 204, UNCACHED);
    }),
  });
  return app;
}
