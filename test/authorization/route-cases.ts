/** For every route of every service a request that is in order, for the generated tests to spoil. */
import type { Routes } from '#platform/routes.ts';
import { PASSWORD, type TestUser } from '#test/accounts/accounts-service.ts';
import type { routesOf, ServiceName } from '#test/support/people-exchange.ts';
import { walletCases } from './wallet-cases.ts';
import { newEmail, type World } from './world.ts';

type Actor = 'plain' | 'enrolled' | 'operator' | 'admin';
/** What a path's parameter is of somebody else, with the refusal. */
type OthersId = readonly [id: string, status: number, code: string];

/** A route of the JSON API: with an access token, or open. */
export interface PeopleCase {
  /** Who may; undefined for a route that is open to everyone. */
  readonly as?: Actor;
  readonly body?: (world: World) => object | Promise<object>;
  /** Without its `?`. */
  readonly query?: string;
  /** The path's parameter, of the caller's own or of whom the caller may act on. */
  readonly id?: (world: World) => string | Promise<string>;
  readonly othersId?: (world: World) => OthersId | Promise<OthersId>;
}

/** A signed or public route of the dialect. */
export interface SpotCase {
  readonly parameters: object;
  /** The refusal of what is somebody else's, where the parameters name an order or a list: its code; 0 for an empty list. */
  readonly others?: number;
  /** What it is given does not matter: the answer is always the same. */
  readonly readsNothing?: true;
}

/** Upgrades to a WebSocket, which takes no parameters that could be wrong. */
type StreamCase = 'stream';

type CaseOf<R extends Routes[string]> = R extends { upgrade: true }
  ? StreamCase
  : R extends { path: `/api/v3/${string}` | `/sapi/v1/${string}` }
    ? SpotCase
    : PeopleCase;
type Cases = {
  readonly [S in ServiceName]: {
    readonly [N in keyof (typeof routesOf)[S]]: (typeof routesOf)[S][N] extends Routes[string]
      ? CaseOf<(typeof routesOf)[S][N]>
      : never;
  };
};

let addresses = 0;
/** How many mails one address may cause is a test of its own. */
const newAddress = () => `2001:db8:1:${(++addresses).toString(16)}::1`;

async function apiKeyId({ exchange: { accounts } }: World, { token }: TestUser): Promise<string> {
  const made = await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'k' } });
  return String(made.json.id);
}

async function sessionId({ exchange: { accounts } }: World, { email }: TestUser): Promise<string> {
  const { accessToken } = (await accounts.logIn(email)).json;
  return (await accounts.call('GET', '/api/users/me', { token: accessToken })).json.sessionId;
}

const newAccount = async ({ exchange: { accounts } }: World) =>
  String((await accounts.newUser(newEmail())).account);
const notBelow = async ({ admin }: World) => [String(admin.account), 403, 'NOT_BELOW_YOU'] as const;

const limitOrder = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.001',
  price: '40000',
};
const named = { symbol: 'BTCUSDT', orderId: 1 };
const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: '1' };
const working = {
  symbol: 'BTCUSDT',
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingPrice: '5',
  workingQuantity: '1',
  workingTimeInForce: 'GTC',
};
const othersOrder = async ({ strangersOrder }: World) =>
  [String(strangersOrder), 404, 'UNKNOWN_ORDER'] as const;

/** A new route does not compile without an entry, and is tried in every way that its security asks for. */
export const cases: Cases = {
  accounts: {
    jwks: {},
    docs: {},
    openapi: {},
    signUp: { body: () => ({ email: newEmail(), password: PASSWORD }) },
    verifyEmail: {
      body: async ({ exchange: { accounts } }) => {
        const address = newEmail();
        await accounts.call('POST', '/api/users', {
          body: { email: address, password: PASSWORD },
          address: newAddress(),
        });
        return { token: await accounts.mailedToken(address, 'Confirm') };
      },
    },
    logIn: { body: ({ plain }) => ({ email: plain.email, password: PASSWORD }) },
    refresh: {
      body: async ({ exchange, plain }) => ({
        refreshToken: (await exchange.accounts.logIn(plain.email)).json.refreshToken,
      }),
    },
    requestPasswordReset: { body: () => ({ email: newEmail() }) },
    resetPassword: {
      body: async ({ exchange: { accounts } }) => {
        const user = await accounts.newUser(newEmail());
        await accounts.call('POST', '/api/users/password-reset', {
          body: { email: user.email },
          address: newAddress(),
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
  },

  orders: {
    placeOrder: { parameters: limitOrder },
    testOrder: { parameters: limitOrder },
    cancelOrder: { parameters: named, others: -2011 },
    cancelOpenOrders: { parameters: { symbol: 'ETHUSDT' } },
    cancelReplace: {
      parameters: { ...limitOrder, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 1 },
      others: -2022,
    },
    amendOrder: { parameters: { ...named, newQty: '1' }, others: -2038 },
    placeOco: {
      parameters: {
        ...oco,
        aboveType: 'LIMIT_MAKER',
        abovePrice: '5',
        belowType: 'STOP_LOSS',
        belowStopPrice: '4',
      },
    },
    placeOto: {
      parameters: { ...working, pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: '1' },
    },
    placeOtoco: {
      parameters: {
        ...working,
        pendingSide: 'SELL',
        pendingQuantity: '1',
        pendingAboveType: 'LIMIT_MAKER',
        pendingAbovePrice: '5',
        pendingBelowType: 'STOP_LOSS',
        pendingBelowStopPrice: '4',
      },
    },
    placeLegacyOco: { parameters: { ...oco, price: '5', stopPrice: '4' } },
    cancelOrderList: { parameters: { symbol: 'BTCUSDT', orderListId: 1 }, others: -2011 },
    placeSorOrder: { parameters: limitOrder },
    testSorOrder: { parameters: limitOrder },
    order: { parameters: named, others: -2013 },
    openOrders: { parameters: {} },
    allOrders: { parameters: { symbol: 'BTCUSDT' } },
    amendments: { parameters: named, others: 0 },
    orderList: { parameters: { orderListId: 1 }, others: -2018 },
    allOrderLists: { parameters: {} },
    openOrderLists: { parameters: {} },
    commission: { parameters: { symbol: 'BTCUSDT' } },
    filters: { parameters: { symbol: 'BTCUSDT' } },
    preventedMatches: { parameters: named, others: 0 },
    account: { parameters: {} },
    myTrades: { parameters: { symbol: 'BTCUSDT' } },
    orderCounts: { parameters: {} },
    allocations: { parameters: { symbol: 'BTCUSDT' } },
    tradeFees: { parameters: {} },
    marginPairs: { parameters: {}, readsNothing: true },
    isolatedMarginPairs: { parameters: {}, readsNothing: true },
    openListenKey: { parameters: {} },
    keepListenKey: { parameters: { listenKey: 'U0' } },
    closeListenKey: { parameters: { listenKey: 'U0' } },
    webSocketApi: 'stream',
    listenKeyStream: 'stream',

    createOrder: { as: 'plain', body: () => limitOrder },
    listOrders: { as: 'plain' },
    orderById: { as: 'plain', query: 'symbol=BTCUSDT', id: placedOrder, othersId: othersOrder },
    endOrder: { as: 'plain', query: 'symbol=BTCUSDT', id: placedOrder, othersId: othersOrder },
    listTrades: { as: 'plain', query: 'symbol=BTCUSDT' },
    transactions: { as: 'plain' },
    statement: { as: 'plain', query: 'from=0&to=1' },
  },

  'market-data': {
    ping: { parameters: {} },
    time: { parameters: {} },
    exchangeInfo: { parameters: {} },
    executionRules: { parameters: {} },
    depth: { parameters: { symbol: 'BTCUSDT' } },
    trades: { parameters: { symbol: 'BTCUSDT' } },
    historicalTrades: { parameters: { symbol: 'BTCUSDT' } },
    aggTrades: { parameters: { symbol: 'BTCUSDT' } },
    klines: { parameters: { symbol: 'BTCUSDT', interval: '1m' } },
    uiKlines: { parameters: { symbol: 'BTCUSDT', interval: '1m' } },
    avgPrice: { parameters: { symbol: 'BTCUSDT' } },
    ticker: { parameters: { symbol: 'BTCUSDT' } },
    tickerTradingDay: { parameters: { symbol: 'BTCUSDT' } },
    ticker24hr: { parameters: { symbol: 'BTCUSDT' } },
    tickerPrice: { parameters: { symbol: 'BTCUSDT' } },
    tickerBook: { parameters: { symbol: 'BTCUSDT' } },
    systemStatus: { parameters: {} },
    stream: 'stream',
    streamNamed: 'stream',
    listenKeyAndMore: 'stream',
    combinedStream: 'stream',
  },

  wallet: walletCases,
};

/** An order of the caller's own. */
async function placedOrder({ exchange, plain }: World): Promise<string> {
  return String(await exchange.placeOrder(plain.account));
}
