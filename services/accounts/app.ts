/** People and their API keys. */
import type { IncomingMessage } from 'node:http';
import { type Context, Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { AccountId } from '#domain/ids.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { type Handler, mountRoutes } from '#platform/routes.ts';
import type { AccessTokens } from './access-tokens.ts';
import { API_KEYS_MAX, createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import type { Attempts } from './attempts.ts';
import { Refusal, refusals } from './refusal.ts';
import { apiKeyRequest, credentials, readBody } from './requests.ts';
import { routes } from './routes.ts';
import { emailOf, logIn, signUp } from './users.ts';

export interface AccountsDeps {
  readonly db: Kysely<Database>;
  readonly tokens: AccessTokens;
  readonly attempts: Attempts;
  /** AES-256 key of the API secrets. */
  readonly encryptionKey: Buffer;
  readonly log: Log;
}

export function createAccountsApp({ db, tokens, attempts, encryptionKey, log }: AccountsDeps): Hono {
  const app = new Hono();
  app.onError((error) => {
    if (error instanceof Refusal) return error.toResponse();
    log.error({ err: error }, 'a request failed');
    return new Refusal(500, 'INTERNAL', 'The request failed here: try again later.').toResponse();
  });
  /** For routes with the security JWT. */
  const authenticated =
    (handle: (context: Context, account: AccountId) => Promise<Response>): Handler =>
    async (context) => {
      const token = /^Bearer ([\w.-]+)$/.exec(context.req.header('authorization') ?? '')?.[1];
      const account = token === undefined ? undefined : await tokens.accountOf(token);
      if (account === undefined) throw refusals.unauthenticated();
      return handle(context, account);
    };

  mountRoutes(app, routes, {
    signUp: async (context) => {
      const body = await readBody(context, credentials);
      attempts.count(body.email, clientOf(context));
      const accountId = await signUp(db, body);
      if (accountId === undefined) throw refusals.emailTaken();
      return context.json({ accountId }, 201);
    },
    logIn: async (context) => {
      const body = await readBody(context, credentials);
      attempts.count(body.email, clientOf(context));
      const account = await logIn(db, body);
      if (account === undefined) throw refusals.wrongCredentials();
      const expiresInSeconds = Math.floor(tokens.lifetimeMs / 1_000);
      return context.json({
        accessToken: await tokens.issue(account),
        tokenType: 'Bearer',
        expiresInSeconds,
      });
    },
    me: authenticated(async (context, accountId) =>
      context.json({ accountId, email: await emailOf(db, accountId) }),
    ),
    createApiKey: authenticated(async (context, account) => {
      const created = await createApiKey(db, encryptionKey, account, await readBody(context, apiKeyRequest));
      if (created === undefined) throw refusals.tooManyApiKeys(API_KEYS_MAX);
      return context.json(created, 201);
    }),
    apiKeys: authenticated(async (context, account) => context.json(await listApiKeys(db, account))),
    revokeApiKey: authenticated(async (context, account) => {
      const id = context.req.param('id') ?? '';
      const isRevoked = /^\d{1,15}$/.test(id) && (await revokeApiKey(db, account, Number(id)));
      if (!isRevoked) throw refusals.unknownApiKey();
      return context.body(null, 204);
    }),
  });
  return app;
}

/** The network address of the client's socket; no header is trusted to name another. */
function clientOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as { incoming?: Partial<IncomingMessage> };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}
