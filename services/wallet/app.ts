/** Deposits, withdrawals and transfers of people. */
import type { Hono } from 'hono';
import { peopleApp } from '#platform/people-api/endpoint.ts';
import { mountRoutes } from '#platform/routes.ts';
import type { WalletDeps } from './endpoint.ts';
import { moneyEndpoints } from './money-endpoints.ts';
import { operatorEndpoints } from './operator-endpoints.ts';
import { reservesEndpoints } from './reserves/endpoints.ts';
import { routes } from './routes.ts';
import { withdrawalEndpoints } from './withdrawal-endpoints.ts';

export function createWalletApp(deps: WalletDeps): Hono {
  const app = peopleApp(deps.log);
  mountRoutes(app, routes, {
    ...moneyEndpoints(deps),
    ...withdrawalEndpoints(deps),
    ...operatorEndpoints(deps),
    ...reservesEndpoints(deps),
  });
  return app;
}
