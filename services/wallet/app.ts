/** Deposits, withdrawals and transfers, of people and of their bots. */
import type { Hono } from 'hono';
import { peopleApp } from '#platform/people-api/endpoint.ts';
import { mountRoutes } from '#platform/routes.ts';
import { moneyEndpoints } from './money-endpoints.ts';
import { operatorEndpoints } from './operator-endpoints.ts';
import { reservesEndpoints } from './reserves/endpoints.ts';
import { routes } from './routes.ts';
import { spotEndpoints, type WalletSpotDeps } from './spot-api/endpoints.ts';
import { withdrawalEndpoints } from './withdrawal-endpoints.ts';

export function createWalletApp(deps: WalletSpotDeps): Hono {
  const app = peopleApp(deps.log);
  mountRoutes(app, routes, {
    ...moneyEndpoints(deps),
    ...withdrawalEndpoints(deps),
    ...operatorEndpoints(deps),
    ...reservesEndpoints(deps),
    ...spotEndpoints(deps),
  });
  return app;
}
