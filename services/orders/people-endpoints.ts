/** Orders and trades for people and pages: the use cases of `/api/v3` behind an access token, in JSON. */
import type { AccountId, OrderId, TimeUs, TradeId } from '#domain/ids.ts';
import { type Answer, type Call, type PeopleDeps, peopleEndpoints } from '#platform/people-api/endpoint.ts';
import type { RequestSchema } from '#platform/people-api/requests.ts';
import type { Handler } from '#platform/routes.ts';
import { ApiError } from '#platform/spot-api/errors.ts';
import type { RequestWeights } from '#platform/spot-api/limits.ts';
import { Parameters } from '#platform/spot-api/parameters.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import { cancelOrder } from './cancel-order.ts';
import { ask } from './engine-refusals.ts';
import { listOpenOrders } from './list-open-orders.ts';
import { readTrades } from './own-trades.ts';
import { refusalFrom, refusals } from './people-refusals.ts';
import { placeOrder } from './place-order.ts';
import { queryOrder } from './query-order.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';
import { readStatement, statementCsv } from './statement.ts';
import { readOrdersBefore } from './stored-orders.ts';
import { type Transactions, transactionView } from './transactions.ts';
import type { OrdersDeps, UseCase } from './use-case.ts';

export interface OrdersPeopleDeps extends OrdersDeps, PeopleDeps {
  /** What an address may ask for counts for both APIs together. */
  readonly weights: RequestWeights;
  readonly transactions: Pick<Transactions, 'of'>;
}

const { authenticated } = peopleEndpoints(routes, requests);

type Name = keyof typeof requests;
type CallOf<N extends Name> = Call<(typeof requests)[N] & RequestSchema>;

const clock = { time: (timeUs: TimeUs) => Math.floor(timeUs / 1_000) };
const RECV_WINDOW_US = 5_000_000;

export function ordersPeopleEndpoints(deps: OrdersPeopleDeps) {
  const { engine, listings, db, barrier, weights } = deps;

  /** Weighs as `/api/v3` does, and says its refusals in other words. */
  const weighed = <N extends Name>(
    name: N,
    run: (call: CallOf<N>, account: AccountId) => Promise<Answer & { readonly weightless?: boolean }>,
  ): Handler =>
    authenticated(deps, name, async (call, { user }) => {
      const { address } = call.client;
      const { weight } = routes[name];
      try {
        weights.use(address, weight);
        const { weightless = false, ...answer } = await run(call as CallOf<N>, user.account);
        if (weightless) weights.giveBack(address, weight);
        return answer;
      } catch (error) {
        throw error instanceof ApiError ? refusalFrom(error) : error;
      }
    });

  const use = async (useCase: UseCase, account: AccountId, parameters: Record<string, unknown>) =>
    useCase(deps, requestOf(account, parameters));

  /** Until the read models show all that was acknowledged. */
  const catchUp = async () => {
    const { seq } = await ask(engine, { type: 'position' });
    await barrier.reach(seq);
  };

  return {
    createOrder: weighed('createOrder', async ({ body }, account) => {
      const { json, weightless } = await use(placeOrder, account, { ...body, newOrderRespType: 'FULL' });
      return { status: 201, json, weightless: weightless === true };
    }),

    endOrder: weighed('endOrder', async ({ context, query }, account) => {
      const orderId = readOrderId(context.req.param('orderId'));
      const { json, weightless } = await use(cancelOrder, account, { ...query, orderId });
      return { json, weightless: weightless === true };
    }),

    orderById: weighed('orderById', async ({ context, query }, account) => {
      const orderId = readOrderId(context.req.param('orderId'));
      const { json } = await use(queryOrder, account, { ...query, orderId });
      return { json };
    }),

    /** Open ones, in the order of their placing; or all, the newest first, page by page. */
    listOrders: weighed('listOrders', async ({ query }, account) => {
      const { status, symbol, before, limit } = query;
      if (status === 'open') {
        if (before !== undefined) throw refusals.invalidField('before', 'is for status=all');
        const { json } = await use(listOpenOrders, account, { symbol });
        return { json };
      }
      const markets = symbol === undefined ? listings.markets : [listings.marketOf(symbol)];
      await catchUp();
      return { json: await readOrdersBefore(db, clock, account, markets, before as OrderId, limit) };
    }),

    /** The newest first. */
    listTrades: weighed('listTrades', async ({ query }, account) => {
      const { symbol, orderId, before, limit } = query;
      const market = listings.marketOf(symbol);
      await catchUp();
      const trades = await readTrades(db, clock, account, market, {
        orderId: orderId as OrderId,
        beforeId: before as TradeId,
        limit,
      });
      return { json: trades.reverse() };
    }),

    /** Does not catch up: the table follows the stream, and says so. */
    transactions: weighed('transactions', async ({ query }, account) => {
      const entries = await deps.transactions.of(account, query);
      return { json: entries.map((entry) => transactionView(listings, clock, entry)) };
    }),

    statement: weighed('statement', async ({ query: { format, ...range } }, account) => {
      await catchUp();
      const statement = await readStatement(db, listings, clock, account, range);
      if (format === 'json') return { json: statement };
      const headers = {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="trades-${range.from}-${range.to}.csv"`,
      };
      return { text: statementCsv(statement), headers };
    }),
  };
}

/** A request as the use cases read it, of somebody whom a token made known: nothing in it is signed, or stale. */
function requestOf(account: AccountId, parameters: Record<string, unknown>): SignedRequest {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) form.append(name, String(value));
  const body = form.toString();
  return {
    query: '',
    body,
    parameters: new Parameters(body),
    address: '',
    header: () => undefined,
    ...clock,
    caller: { account, timestamp: (Date.now() * 1_000) as TimeUs, recvWindowUs: RECV_WINDOW_US },
  };
}

function readOrderId(text = ''): string {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refusals.unknownOrder();
  return text;
}
