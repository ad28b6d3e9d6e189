/** For every route a request that is in order, for the tests that are generated from the route table to spoil. */
import type { routes } from '#services/accounts/routes.ts';
import {
  ADMIN_EMAIL,
  type EnrolledUser,
  PASSWORD,
  type TestAccounts,
  type TestUser,
} from './accounts-service.ts';

export interface World {
  readonly accounts: TestAccounts;
  readonly plain: TestUser;
  /** With a fresh one-time code. */
  readonly enrolled: EnrolledUser;
  readonly operator: EnrolledUser;
  readonly admin: EnrolledUser;
  /** Somebody else, whose things are not for the others. */
  readonly stranger: TestUser;
}

type Actor = 'plain' | 'enrolled' | 'operator' | 'admin';

interface RouteCase {
  /** Who may; undefined for a route that is open to everyone. */
  readonly as?: Actor;
  readonly body?: (world: World) => object | Promise<object>;
  /** What `:id` is, of the caller's own or of whom the caller may act on. */
  readonly id?: (world: World) => string | Promise<string>;
  /** What `:id` is of somebody else, with the refusal. */
  readonly othersId?: (world: World) => Promise<readonly [id: string, status: number, code: string]>;
}

let serial = 0;
const email = () => `case${++serial}@example.com`;

async function apiKeyId({ accounts }: World, { token }: TestUser): Promise<string> {
  const made = await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'k' } });
  return String(made.json.id);
}

async function sessionId({ accounts }: World, { email }: TestUser): Promise<string> {
  const { accessToken } = (await accounts.logIn(email)).json;
  return (await accounts.call('GET', '/api/users/me', { token: accessToken })).json.sessionId;
}

const newAccount = async ({ accounts }: World) => String((await accounts.newUser(email())).account);
const notBelow = async ({ admin }: World) => [String(admin.account), 403, 'NOT_BELOW_YOU'] as const;

/** A new route does not compile without an entry. */
export const cases: Readonly<Record<keyof typeof routes, RouteCase>> = {
  jwks: {},
  signUp: { body: () => ({ email: email(), password: PASSWORD }) },
  verifyEmail: {
    body: async ({ accounts }) => {
      const address = email();
      await accounts.call('POST', '/api/users', {
        body: { email: address, password: PASSWORD },
        address: `2001:db8:1:${serial}::1`,
      });
      return { token: await accounts.mailedToken(address, 'Confirm') };
    },
  },
  logIn: { body: ({ plain }) => ({ email: plain.email, password: PASSWORD }) },
  refresh: {
    body: async ({ accounts, plain }) => ({
      refreshToken: (await accounts.logIn(plain.email)).json.refreshToken,
    }),
  },
  requestPasswordReset: { body: () => ({ email: email() }) },
  resetPassword: {
    body: async ({ accounts }) => {
      const user = await accounts.newUser(email());
      await accounts.call('POST', '/api/users/password-reset', {
        body: { email: user.email },
        address: `2001:db8:2:${serial}::1`,
      });
      return { token: await accounts.mailedToken(user.email, 'new password'), password: PASSWORD };
    },
  },

  me: { as: 'plain' },
  resendVerification: { as: 'plain', body: () => ({}) },
  logOut: { as: 'plain', body: () => ({}) },
  sessions: { as: 'plain' },
  endSession: {
    as: 'plain',
    id: (world) => sessionId(world, world.plain),
    othersId: async (world) => [await sessionId(world, world.stranger), 404, 'UNKNOWN_SESSION'],
  },
  endAllSessions: { as: 'plain' },
  stepUp: { as: 'enrolled', body: async ({ enrolled }) => ({ code: await enrolled.nextCode() }) },
  securityEvents: { as: 'plain' },
  changePassword: { as: 'enrolled', body: () => ({ currentPassword: PASSWORD, password: PASSWORD }) },
  startTwoFactor: { as: 'plain', body: () => ({ password: PASSWORD }) },
  enableTwoFactor: { as: 'plain', body: () => ({ code: '000000' }) },
  disableTwoFactor: { as: 'enrolled', body: () => ({ password: PASSWORD }) },
  renewRecoveryCodes: { as: 'enrolled', body: () => ({}) },

  createApiKey: { as: 'enrolled', body: () => ({ label: 'bot' }) },
  apiKeys: { as: 'plain' },
  revokeApiKey: {
    as: 'plain',
    id: (world) => apiKeyId(world, world.plain),
    othersId: async (world) => [await apiKeyId(world, world.stranger), 404, 'UNKNOWN_API_KEY'],
  },

  users: { as: 'operator' },
  freeze: { as: 'operator', id: newAccount, body: () => ({ reason: 'stolen' }), othersId: notBelow },
  unfreeze: { as: 'operator', id: newAccount, body: () => ({ reason: 'found' }), othersId: notBelow },
  setRole: { as: 'admin', id: newAccount, body: () => ({ role: 'operator' }), othersId: notBelow },
  resetTwoFactor: { as: 'admin', id: newAccount, body: () => ({ reason: 'lost' }), othersId: notBelow },
};

/** People who have done nothing yet; the admin can be made once. */
export async function newWorld(accounts: TestAccounts, admin?: EnrolledUser): Promise<World> {
  return {
    accounts,
    plain: await accounts.newUser(email()),
    enrolled: await accounts.enrolledUser(email()),
    operator: await accounts.operator(email()),
    stranger: await accounts.newUser(email()),
    admin: admin ?? (await accounts.enrolledUser(ADMIN_EMAIL)),
  };
}
