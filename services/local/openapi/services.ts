/** The services that the description of the API is made of. */
import { answers as accountsAnswers } from '#services/accounts/answers.ts';
import { requests as accountsRequests } from '#services/accounts/requests.ts';
import { routes as accountsRoutes } from '#services/accounts/routes.ts';
import { routes as marketDataRoutes } from '#services/market-data/routes.ts';
import { answers as ordersAnswers } from '#services/orders/answers.ts';
import { requests as ordersRequests } from '#services/orders/requests.ts';
import { routes as ordersRoutes } from '#services/orders/routes.ts';
import { answers as walletAnswers } from '#services/wallet/answers.ts';
import { requests as walletRequests } from '#services/wallet/requests.ts';
import { routes as walletRoutes } from '#services/wallet/routes.ts';
import type { DescribedService } from './describe.ts';
import { marketDataReadings, ordersReadings, walletReadings } from './dialect.ts';

export const describedServices: readonly DescribedService[] = [
  {
    name: 'accounts',
    about: 'People, what proves who they are, and their API keys.',
    routes: accountsRoutes,
    requests: accountsRequests,
    answers: accountsAnswers,
  },
  {
    name: 'orders',
    about: 'Orders, balances and own trades.',
    routes: ordersRoutes,
    requests: ordersRequests,
    answers: ordersAnswers,
    readings: ordersReadings,
  },
  {
    name: 'wallet',
    about: 'Deposits, withdrawals and transfers, and the proof of what the exchange owes.',
    routes: walletRoutes,
    requests: walletRequests,
    answers: walletAnswers,
    readings: walletReadings,
  },
  {
    name: 'market-data',
    about: 'What everyone may see of the markets; streams are at /ws and /stream.',
    routes: marketDataRoutes,
    requests: {},
    readings: marketDataReadings,
  },
];
