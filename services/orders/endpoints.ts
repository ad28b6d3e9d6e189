/** What each signed route does, and what it weighs: over HTTP and over the WebSocket API alike. */
import assert from 'node:assert/strict';
import type { Weight } from '#platform/spot-api/endpoint.ts';
import { amendOrder } from './amend-order.ts';
import { cancelOpenOrders } from './cancel-open-orders.ts';
import { cancelOrder } from './cancel-order.ts';
import { cancelOrderList } from './cancel-order-list.ts';
import { cancelReplace } from './cancel-replace.ts';
import { listAllOrderLists } from './list-all-order-lists.ts';
import { listAllOrders } from './list-all-orders.ts';
import { listAllocations } from './list-allocations.ts';
import { listAmendments } from './list-amendments.ts';
import { listMyTrades, myTradesWeight } from './list-my-trades.ts';
import { listOpenOrderLists } from './list-open-order-lists.ts';
import { listOpenOrders, openOrdersWeight } from './list-open-orders.ts';
import { listPreventedMatches, preventedMatchesWeight } from './list-prevented-matches.ts';
import { listTradeFees } from './list-trade-fees.ts';
import { placeOrder } from './place-order.ts';
import { placeLegacyOco, placeOco, placeOto, placeOtoco } from './place-order-list.ts';
import { placeSorOrder } from './place-sor-order.ts';
import { queryOrder } from './query-order.ts';
import { queryOrderList } from './query-order-list.ts';
import { routes } from './routes.ts';
import { showAccount } from './show-account.ts';
import { showCommission } from './show-commission.ts';
import { showFilters } from './show-filters.ts';
import { showOrderCounts } from './show-order-counts.ts';
import { testOrder, testOrderWeight, testSorOrder } from './test-order.ts';
import type { UseCase } from './use-case.ts';

const useCases = {
  placeOrder,
  testOrder,
  cancelOrder,
  cancelOpenOrders,
  cancelReplace,
  amendOrder,
  placeOco,
  placeOto,
  placeOtoco,
  placeLegacyOco,
  cancelOrderList,
  placeSorOrder,
  testSorOrder,
  order: queryOrder,
  openOrders: listOpenOrders,
  allOrders: listAllOrders,
  amendments: listAmendments,
  orderList: queryOrderList,
  allOrderLists: listAllOrderLists,
  openOrderLists: listOpenOrderLists,
  preventedMatches: listPreventedMatches,
  allocations: listAllocations,
  account: showAccount,
  commission: showCommission,
  filters: showFilters,
  myTrades: listMyTrades,
  orderCounts: showOrderCounts,
  tradeFees: listTradeFees,
} satisfies Record<string, UseCase>;

export type EndpointName = keyof typeof useCases;

/** Of those whose weight depends on the parameters. */
const weights: Readonly<Partial<Record<EndpointName, Weight>>> = {
  testOrder: testOrderWeight,
  testSorOrder: testOrderWeight,
  openOrders: openOrdersWeight,
  preventedMatches: preventedMatchesWeight,
  myTrades: myTradesWeight,
};

export const endpointNames = Object.keys(useCases) as EndpointName[];

export function useCaseOf(name: EndpointName): UseCase {
  return useCases[name];
}

export function weightOf(name: EndpointName): Weight {
  const { weight } = routes[name];
  const weighed = weight === 'handler' ? weights[name] : weight;
  assert(weighed !== undefined, `the weight of ${name} depends on its parameters`);
  return weighed;
}
