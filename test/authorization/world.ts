/** Who takes part in the tests of who may do what. */

import type { Routes } from '#platform/routes.ts';
import { ADMIN_EMAIL, type EnrolledUser, type TestUser } from '#test/accounts/accounts-service.ts';
import type { Signer } from '#test/orders/signed-client.ts';
import type { ServiceName } from '#test/support/people-exchange.ts';
import { type PeopleExchange, routesOf } from '#test/support/people-exchange.ts';

export interface World {
  readonly exchange: PeopleExchange;
  readonly plain: TestUser;
  /** With a fresh one-time code. */
  readonly enrolled: EnrolledUser;
  readonly operator: EnrolledUser;
  readonly admin: EnrolledUser;
  /** Somebody else, whose things are not for the others. */
  readonly stranger: TestUser;
  readonly strangersOrder: number;
  /** The plain user's API keys: one may do everything, one only trade, one only read. */
  readonly key: Signer;
  readonly tradingKey: Signer;
  readonly readOnlyKey: Signer;
}

let people = 0;
export const newEmail = () => `case${++people}@example.com`;

/** People who have done nothing yet, but that the plain user and the stranger have funds; the admin can be made once. */
export async function newWorld(exchange: PeopleExchange, admin?: EnrolledUser): Promise<World> {
  const { accounts } = exchange;
  const plain = await accounts.newUser(newEmail());
  const stranger = await accounts.newUser(newEmail());
  for (const { account } of [plain, stranger]) await exchange.fund(account);
  return {
    exchange,
    plain,
    enrolled: await accounts.enrolledUser(newEmail()),
    operator: await accounts.operator(newEmail()),
    stranger,
    strangersOrder: await exchange.placeOrder(stranger.account),
    key: await withdrawing(exchange, await newKey(exchange, plain, { canTrade: true })),
    tradingKey: await newKey(exchange, plain, { canTrade: true }),
    readOnlyKey: await newKey(exchange, plain, {}),
    admin: admin ?? (await accounts.enrolledUser(ADMIN_EMAIL)),
  };
}

async function newKey({ accounts }: PeopleExchange, { token }: TestUser, more: object): Promise<Signer> {
  const body = { label: 'key', ...more };
  return (await accounts.call('POST', '/api/users/me/api-keys', { token, body })).json;
}

/** Its owner has no two-factor, and could not have made it so. */
async function withdrawing({ accounts }: PeopleExchange, key: Signer): Promise<Signer> {
  await accounts.db
    .updateTable('accounts.api_keys')
    .set({ can_withdraw: true, ip_allow_list: ['2001:db8::/32', '127.0.0.0/8'] })
    .where('api_key', '=', key.apiKey)
    .execute();
  return key;
}

export interface RouteOf {
  readonly service: ServiceName;
  readonly name: string;
  readonly route: Routes[string];
}

/** Every route of every service that clients reach. */
export const allRoutes: readonly RouteOf[] = Object.entries(routesOf).flatMap(([service, routes]) =>
  Object.entries(routes as Routes).map(([name, route]) => ({ service: service as ServiceName, name, route })),
);
