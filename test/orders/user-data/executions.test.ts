/** What each account is told of its orders, step by step: real commands, folded, as a line for each execution. */
import assert from 'node:assert/strict';
import { afterEach, expect, it } from '@jest/globals';
import type { Event } from '#domain/events.ts';
import type { Seq } from '#domain/ids.ts';
import type { Outcome } from '#platform/engine-client.ts';
import { type Execution, executionsOf, type Order } from '#services/orders/user-data/executions.ts';
import { DrivenEngine } from '#test/engine/matching/driven-engine.ts';
import { randomSteps } from '#test/engine/matching/random-commands.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { ALICE, startTestExchange, type TestExchange } from '../exchange.ts';

type Params = Readonly<Record<string, string | number | null>>;
/** Who does it, by which path, with which parameters; `order` is a LIMIT GTC unless they say otherwise. */
type Step = readonly [who: 'alice' | 'bob', path: string, params: Params];

let exchange: TestExchange | undefined;
afterEach(() => exchange?.close());

/** Prices are in thousands. What the steps bring about: `who side type status last/executed/quantity`, and what else the step tells. */
async function told(steps: readonly Step[]): Promise<string[]> {
  const outcomes: Outcome[] = [];
  exchange = await startTestExchange({ onCommitted: async (outcome) => void outcomes.push(outcome) });
  await exchange.tradeAt(100_000);
  outcomes.length = 0;
  for (const step of steps) await take(exchange, step);
  return outcomes.flatMap(({ events, seq }) => [...executionsOf(events, seq).values()].flat().map(lineOf));
}

async function take(on: TestExchange, [who, path, params]: Step): Promise<void> {
  const [method, name] = path.includes(' ') ? path.split(' ') : ['POST', path];
  const trader = on[who];
  const given = { ...params, symbol: 'BTCUSDT' };
  const { status, json } =
    name === 'order' && method === 'POST'
      ? await trader.order(params)
      : await { POST: trader.post, PUT: trader.put, DELETE: trader.delete }[method as 'POST'](
          `/api/v3/${name}`,
          given as never,
        );
  if (status !== 200) throw new Error(`${who} ${path}: ${JSON.stringify(json)}`);
}

function lineOf({ type, order, originalId, trade, isMaker, prevented }: Execution): string {
  const btc = (units: number) => units / 1e8;
  const line = [
    order.account === ALICE ? 'alice' : 'bob',
    order.side,
    type === order.status ? type : `${type} ${order.status}`,
    `${btc(trade?.quantity ?? 0)}/${btc(order.executedQuantity)}/${btc(order.quantity)}`,
  ];
  if (trade !== undefined) line.push(`at ${trade.price / 1e9}`, isMaker ? 'maker' : 'taker');
  if (prevented !== undefined) line.push(`prevented ${btc(order.preventedQuantity)}`);
  if (originalId !== '')
    line.push(`${originalId} by ${type === 'CANCELED' ? order.cancelId : order.clientOrderId}`);
  return line.join(' ');
}

const sell = (quantity: number, price: number, more: Params = {}): Params => ({
  side: 'SELL',
  quantity,
  price: price * 1_000,
  ...more,
});
const buy = (quantity: number, price: number, more: Params = {}): Params => ({
  ...sell(quantity, price, more),
  side: 'BUY',
});
const market = { type: 'MARKET', timeInForce: null };

const cases: Readonly<Record<string, { readonly steps: readonly Step[]; readonly told: readonly string[] }>> =
  {
    'an order rests': {
      steps: [['alice', 'order', buy(1, 90)]],
      told: ['alice BUY NEW 0/0/1'],
    },
    'a taker trades with two makers: NEW, then each trade, in the order of the trades': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['bob', 'order', sell(2, 102)],
        ['alice', 'order', buy(2, 102)],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'bob SELL NEW 0/0/2',
        'alice BUY NEW 0/0/2',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/2 at 101 taker',
        'bob SELL TRADE FILLED 1/1/1 at 101 maker',
        'alice BUY TRADE FILLED 1/2/2 at 102 taker',
        'bob SELL TRADE PARTIALLY_FILLED 1/1/2 at 102 maker',
      ],
    },
    'a taker trades and the rest of it rests': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['alice', 'order', buy(3, 101)],
        ['bob', 'order', sell(2, 101)],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/3',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/3 at 101 taker',
        'bob SELL TRADE FILLED 1/1/1 at 101 maker',
        'bob SELL NEW 0/0/2',
        'bob SELL TRADE FILLED 2/2/2 at 101 taker',
        'alice BUY TRADE FILLED 2/3/3 at 101 maker',
      ],
    },
    'what is left of an IOC expires after its trades': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['alice', 'order', buy(3, 101, { timeInForce: 'IOC' })],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/3',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/3 at 101 taker',
        'bob SELL TRADE FILLED 1/1/1 at 101 maker',
        'alice BUY EXPIRED 0/1/3',
      ],
    },
    'a FOK that cannot be filled expires without a trade': {
      steps: [['alice', 'order', buy(3, 101, { timeInForce: 'FOK' })]],
      told: ['alice BUY NEW 0/0/3', 'alice BUY EXPIRED 0/0/3'],
    },
    'an amount is spent: the quantity is known at the end': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['alice', 'order', { ...market, side: 'BUY', quoteOrderQty: '50500' }],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/0',
        'alice BUY TRADE FILLED 0.5/0.5/0.5 at 101 taker',
        'bob SELL TRADE PARTIALLY_FILLED 0.5/0.5/1 at 101 maker',
      ],
    },
    'a cancel has an id of its own, the order keeps its name': {
      steps: [
        ['alice', 'order', buy(1, 90, { newClientOrderId: 'mine' })],
        ['alice', 'DELETE order', { origClientOrderId: 'mine', newClientOrderId: 'enough' }],
      ],
      told: ['alice BUY NEW 0/0/1', 'alice BUY CANCELED 0/0/1 mine by enough'],
    },
    'one cancel of all is one cancel, as its reply says': {
      steps: [
        ['alice', 'order', buy(1, 90, { newClientOrderId: 'one' })],
        ['alice', 'order', buy(1, 91, { newClientOrderId: 'two' })],
        ['alice', 'DELETE openOrders', {}],
      ],
      told: [
        'alice BUY NEW 0/0/1',
        'alice BUY NEW 0/0/1',
        expect.stringMatching(/^alice BUY CANCELED 0\/0\/1 one by cancel-all-\d+$/) as unknown as string,
        expect.stringMatching(/^alice BUY CANCELED 0\/0\/1 two by cancel-all-\d+$/) as unknown as string,
      ],
    },
    'an amendment keeps the order and names what it was called': {
      steps: [
        ['alice', 'order', buy(2, 90, { newClientOrderId: 'before' })],
        [
          'alice',
          'PUT order/amend/keepPriority',
          { origClientOrderId: 'before', newQty: 1, newClientOrderId: 'after' },
        ],
      ],
      told: ['alice BUY NEW 0/0/2', 'alice BUY REPLACED NEW 0/0/1 before by after'],
    },
    'a stop is accepted, triggered and filled': {
      steps: [
        ['bob', 'order', sell(1, 103)],
        [
          'alice',
          'order',
          { ...market, side: 'BUY', type: 'STOP_LOSS', quantity: '0.5', stopPrice: 102_000 },
        ],
        ['bob', 'order', sell(0.1, 102)],
        ['alice', 'order', buy(0.1, 102)],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/0.5',
        'bob SELL NEW 0/0/0.1',
        'alice BUY NEW 0/0/0.1',
        'alice BUY TRADE FILLED 0.1/0.1/0.1 at 102 taker',
        'bob SELL TRADE FILLED 0.1/0.1/0.1 at 102 maker',
        'alice BUY NEW 0/0/0.5',
        'alice BUY TRADE FILLED 0.5/0.5/0.5 at 103 taker',
        'bob SELL TRADE PARTIALLY_FILLED 0.5/0.5/1 at 103 maker',
      ],
    },
    'one order of an OCO trades, the other expires': {
      steps: [
        [
          'alice',
          'orderList/oco',
          {
            side: 'SELL',
            quantity: 1,
            aboveType: 'LIMIT_MAKER',
            abovePrice: 110_000,
            belowType: 'STOP_LOSS',
            belowStopPrice: 90_000,
          },
        ],
        ['bob', 'order', buy(1, 110)],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'alice SELL NEW 0/0/1',
        'bob BUY NEW 0/0/1',
        'bob BUY TRADE FILLED 1/1/1 at 110 taker',
        'alice SELL TRADE FILLED 1/1/1 at 110 maker',
        'alice SELL EXPIRED 0/0/1',
      ],
    },
    'cancelling one order of a list cancels the other by the same cancel': {
      steps: [
        [
          'alice',
          'orderList/oco',
          {
            side: 'SELL',
            quantity: 1,
            aboveType: 'LIMIT_MAKER',
            abovePrice: 110_000,
            aboveClientOrderId: 'above',
            belowType: 'STOP_LOSS',
            belowStopPrice: 90_000,
            belowClientOrderId: 'below',
          },
        ],
        ['alice', 'DELETE order', { origClientOrderId: 'above', newClientOrderId: 'both' }],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'alice SELL NEW 0/0/1',
        'alice SELL CANCELED 0/0/1 above by both',
        'alice SELL CANCELED 0/0/1 below by both',
      ],
    },
    'the working order of an OTO is filled, the pending one starts': {
      steps: [
        [
          'alice',
          'orderList/oto',
          {
            workingType: 'LIMIT',
            workingSide: 'BUY',
            workingPrice: 95_000,
            workingQuantity: 1,
            workingTimeInForce: 'GTC',
            pendingType: 'LIMIT_MAKER',
            pendingSide: 'SELL',
            pendingPrice: 105_000,
            pendingQuantity: 0.5,
          },
        ],
        ['bob', 'order', sell(1, 95)],
      ],
      told: [
        'alice BUY NEW 0/0/1',
        'alice SELL NEW PENDING_NEW 0/0/0.5',
        'bob SELL NEW 0/0/1',
        'bob SELL TRADE FILLED 1/1/1 at 95 taker',
        'alice BUY TRADE FILLED 1/1/1 at 95 maker',
        'alice SELL NEW 0/0/0.5',
      ],
    },
    'a pending order that cannot start is rejected': {
      steps: [
        [
          'alice',
          'orderList/oto',
          {
            workingType: 'LIMIT',
            workingSide: 'BUY',
            workingPrice: 95_000,
            workingQuantity: 1,
            workingTimeInForce: 'GTC',
            pendingType: 'LIMIT_MAKER',
            pendingSide: 'SELL',
            pendingPrice: 105_000,
            pendingQuantity: 12,
          },
        ],
        ['bob', 'order', sell(1, 95)],
      ],
      told: [
        'alice BUY NEW 0/0/1',
        'alice SELL NEW PENDING_NEW 0/0/12',
        'bob SELL NEW 0/0/1',
        'bob SELL TRADE FILLED 1/1/1 at 95 taker',
        'alice BUY TRADE FILLED 1/1/1 at 95 maker',
        'alice SELL REJECTED 0/0/12',
      ],
    },
    'an order is cancelled and another placed': {
      steps: [
        ['alice', 'order', buy(1, 90, { newClientOrderId: 'old' })],
        [
          'alice',
          'order/cancelReplace',
          {
            ...buy(2, 91, { type: 'LIMIT', timeInForce: 'GTC' }),
            cancelReplaceMode: 'STOP_ON_FAILURE',
            cancelOrigClientOrderId: 'old',
            cancelNewClientOrderId: 'gone',
          },
        ],
      ],
      told: ['alice BUY NEW 0/0/1', 'alice BUY CANCELED 0/0/1 old by gone', 'alice BUY NEW 0/0/2'],
    },
    'an account trades with itself: both sides of the trade are told, the taker first': {
      steps: [
        ['alice', 'order', sell(1, 101)],
        ['alice', 'order', buy(1, 101)],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'alice BUY NEW 0/0/1',
        'alice BUY TRADE FILLED 1/1/1 at 101 taker',
        'alice SELL TRADE FILLED 1/1/1 at 101 maker',
      ],
    },
    'EXPIRE_TAKER: what the taker still wanted is prevented, after its trades': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['alice', 'order', sell(1, 102)],
        ['alice', 'order', buy(3, 102, { selfTradePreventionMode: 'EXPIRE_TAKER' })],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice SELL NEW 0/0/1',
        'alice BUY NEW 0/0/3',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/3 at 101 taker',
        'bob SELL TRADE FILLED 1/1/1 at 101 maker',
        'alice BUY TRADE_PREVENTION EXPIRED_IN_MATCH 0/1/3 prevented 2',
      ],
    },
    'EXPIRE_MAKER: the maker ends, the taker trades on': {
      steps: [
        ['alice', 'order', sell(1, 101)],
        ['bob', 'order', sell(1, 102)],
        ['alice', 'order', buy(1, 102, { selfTradePreventionMode: 'EXPIRE_MAKER' })],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/1',
        'alice SELL TRADE_PREVENTION EXPIRED_IN_MATCH 0/0/1 prevented 1',
        'alice BUY TRADE FILLED 1/1/1 at 102 taker',
        'bob SELL TRADE FILLED 1/1/1 at 102 maker',
      ],
    },
    'EXPIRE_BOTH: both end': {
      steps: [
        ['alice', 'order', sell(1, 101)],
        ['alice', 'order', buy(2, 101, { selfTradePreventionMode: 'EXPIRE_BOTH' })],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'alice BUY NEW 0/0/2',
        'alice BUY TRADE_PREVENTION EXPIRED_IN_MATCH 0/0/2 prevented 2',
        'alice SELL TRADE_PREVENTION EXPIRED_IN_MATCH 0/0/1 prevented 1',
      ],
    },
    'DECREMENT: the smaller ends, the other goes on with the rest': {
      steps: [
        ['alice', 'order', sell(1, 101)],
        ['bob', 'order', sell(1, 102)],
        ['alice', 'order', buy(3, 102, { selfTradePreventionMode: 'DECREMENT' })],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'bob SELL NEW 0/0/1',
        'alice BUY NEW 0/0/3',
        'alice BUY TRADE_PREVENTION NEW 0/0/3 prevented 1',
        'alice SELL TRADE_PREVENTION EXPIRED_IN_MATCH 0/0/1 prevented 1',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/3 at 102 taker',
        'bob SELL TRADE FILLED 1/1/1 at 102 maker',
      ],
    },
    'DECREMENT: a taker that meets its own order alone rests with less': {
      steps: [
        ['alice', 'order', sell(1, 101)],
        ['alice', 'order', buy(3, 101, { selfTradePreventionMode: 'DECREMENT' })],
      ],
      told: [
        'alice SELL NEW 0/0/1',
        'alice BUY NEW 0/0/3',
        'alice BUY TRADE_PREVENTION NEW 0/0/3 prevented 1',
        'alice SELL TRADE_PREVENTION EXPIRED_IN_MATCH 0/0/1 prevented 1',
      ],
    },
    'DECREMENT: the smaller taker ends after a trade, the maker stays with less': {
      steps: [
        ['bob', 'order', sell(1, 101)],
        ['alice', 'order', sell(3, 102)],
        ['alice', 'order', buy(2, 102, { selfTradePreventionMode: 'DECREMENT' })],
      ],
      told: [
        'bob SELL NEW 0/0/1',
        'alice SELL NEW 0/0/3',
        'alice BUY NEW 0/0/2',
        'alice BUY TRADE PARTIALLY_FILLED 1/1/2 at 101 taker',
        'bob SELL TRADE FILLED 1/1/1 at 101 maker',
        'alice BUY TRADE_PREVENTION EXPIRED_IN_MATCH 0/1/2 prevented 1',
        'alice SELL TRADE_PREVENTION NEW 0/0/3 prevented 1',
      ],
    },
  };

it.each(Object.entries(cases))('%s', async (_, { steps, told: expected }) => {
  expect(await told(steps)).toEqual(expected);
});

/**
 * Any sequence of commands: each order begins with NEW, is told each of its trades once and what they add up to, and
 * stands after each command as the engine says. `CROSSBOOK_SEEDS=1000` tries so many seeds.
 */
it('tells every order all of its steps, whatever happens', () => {
  const seeds = Number(process.env.CROSSBOOK_SEEDS ?? 40);
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      const engine = new DrivenEngine();
      const orders = new Map<number, Order>();
      for (const { command, atUs } of randomSteps(seededRandom(seed), 300)) {
        const events = engine.apply(command, atUs);
        if (typeof events !== 'string') followCommand(events, engine.engine.lastSeq as Seq, orders);
      }
      expect(orders.size).toBeGreaterThan(20);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

const ENDS: readonly string[] = ['FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED'];

/** `orders` are as they were last told. */
function followCommand(events: readonly Event[], seq: Seq, orders: Map<number, Order>): void {
  const executions = [...executionsOf(events, seq).values()].flat();
  for (const { type, order, trade, prevented } of executions) {
    const before = orders.get(order.orderId);
    if (before === undefined) assert.equal(type, 'NEW');
    else assert(!ENDS.includes(before.status), `${order.orderId} is told after its end`);
    const { executedQuantity = 0, preventedQuantity = 0 } = before ?? {};
    assert.equal(order.executedQuantity, executedQuantity + (trade?.quantity ?? 0));
    assert(
      order.preventedQuantity >= preventedQuantity &&
        (prevented !== undefined) === type.includes('PREVENTION'),
    );
    assert.equal(type === 'TRADE', trade !== undefined);
    orders.set(order.orderId, order);
  }
  const trades = events.filter(({ type }) => type === 'trade').length;
  assert.equal(executions.filter(({ type }) => type === 'TRADE').length, 2 * trades);
  const last = new Map(
    events.flatMap((event) => (event.type === 'order' ? [[event.orderId, event] as const] : [])),
  );
  for (const [orderId, { cancelId, ...order }] of last) {
    const { cancelId: _, ...told } = orders.get(orderId)!;
    assert.deepEqual(told, order);
  }
}
