/** People, what proves who they are, and their API keys. */
import type { Hono } from 'hono';
import { peopleApp } from '#platform/people-api/endpoint.ts';
import { mountRoutes } from '#platform/routes.ts';
import { docsEndpoints } from './api-docs/endpoints.ts';
import { apiKeyEndpoints } from './api-key-endpoints.ts';
import { type AccountsDeps, open } from './endpoint.ts';
import { operatorEndpoints } from './operator-endpoints.ts';
import { routes } from './routes.ts';
import { sessionEndpoints } from './session-endpoints.ts';
import { signUpEndpoints } from './sign-up-endpoints.ts';
import { twoFactorEndpoints } from './two-factor-endpoints.ts';

/** How long others may verify with the keys that they have: a new one is published for longer before it signs. */
const KEYS_CACHED = { 'Cache-Control': 'public, max-age=300' };

export async function createAccountsApp(deps: AccountsDeps): Promise<Hono> {
  const app = peopleApp(deps.log);
  mountRoutes(app, routes, {
    jwks: open(deps, 'jwks', async () => ({ json: deps.tokens.keySet, headers: KEYS_CACHED })),
    ...(await docsEndpoints(deps)),
    ...signUpEndpoints(deps),
    ...sessionEndpoints(deps),
    ...twoFactorEndpoints(deps),
    ...apiKeyEndpoints(deps),
    ...operatorEndpoints(deps),
  });
  return app;
}
