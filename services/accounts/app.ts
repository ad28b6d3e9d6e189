/** People, what proves who they are, and their API keys. */
import { Hono } from 'hono';
import { mountRoutes } from '#platform/routes.ts';
import { traceRequests } from '#platform/tracing.ts';
import { apiKeyEndpoints } from './api-key-endpoints.ts';
import { type AccountsDeps, open, refuse } from './endpoint.ts';
import { operatorEndpoints } from './operator-endpoints.ts';
import { refusals } from './refusal.ts';
import { routes } from './routes.ts';
import { sessionEndpoints } from './session-endpoints.ts';
import { signUpEndpoints } from './sign-up-endpoints.ts';
import { twoFactorEndpoints } from './two-factor-endpoints.ts';

/** How long others may verify with the keys that they have: a new one is published for longer before it signs. */
const KEYS_CACHED = { 'Cache-Control': 'public, max-age=300' };

export function createAccountsApp(deps: AccountsDeps): Hono {
  const app = new Hono();
  app.use(traceRequests());
  app.notFound((context) => refuse(deps, refusals.unknownRoute(), context));
  app.onError((error, context) => refuse(deps, error, context));
  mountRoutes(app, routes, {
    jwks: open(deps, 'jwks', async () => ({ json: deps.tokens.keySet, headers: KEYS_CACHED })),
    ...signUpEndpoints(deps),
    ...sessionEndpoints(deps),
    ...twoFactorEndpoints(deps),
    ...apiKeyEndpoints(deps),
    ...operatorEndpoints(deps),
  });
  return app;
}
