import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CommandOf } from '#domain/commands.ts';
import type { MarketId } from '#domain/ids.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { filterFailure } from '#services/orders/filters.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';

const FILTERS = ['priceFilter', 'lotSize', 'marketLotSize', 'icebergParts', 'trailingDelta', 'notional'];

it('says of any order what the engine says of it', async () => {
  const engine = await InProcessEngine.start();
  const listings = await Listings.load(engine);
  listings.close();
  /** Amounts at, around and far from the steps and bounds of BTCUSDT. */
  const amount = (step: number) =>
    fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 2_000_000 }).map((steps) => steps * step),
      fc.integer({ min: 1, max: 2_000_000 }).map((steps) => steps * step + 1),
      fc.maxSafeInteger().filter((value) => value > 0),
    );
  const limit = fc.record({
    orderType: fc.constant('LIMIT'),
    price: amount(10_000),
    quantity: amount(10_000),
  });
  const iceberg = limit.chain((order) =>
    fc.record({
      orderType: fc.constant(order.orderType),
      price: fc.constant(order.price),
      quantity: fc.constant(order.quantity),
      icebergQuantity: fc.integer({ min: 1, max: 200 }).map((parts) => partOf(order.quantity, parts)),
    }),
  );
  const market = fc.record({ orderType: fc.constant('MARKET'), quantity: amount(10_000) });
  const spend = fc.record({ orderType: fc.constant('MARKET'), quoteOrderQty: amount(1_000_000) });
  const stop = fc.record({
    orderType: fc.constantFrom('STOP_LOSS', 'TAKE_PROFIT'),
    quantity: amount(10_000),
    stopPrice: fc.option(amount(10_000)),
    trailingDelta: fc.option(fc.integer({ min: 1, max: 3_000 })),
  });
  const stopLimit = fc.record({
    orderType: fc.constantFrom('STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'),
    price: amount(10_000),
    quantity: amount(10_000),
    stopPrice: amount(10_000),
    trailingDelta: fc.option(fc.integer({ min: 1, max: 3_000 })),
  });
  const side = fc.constantFrom('BUY', 'SELL');
  const seen = new Set<string | null>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(limit, iceberg, market, spend, stop, stopLimit), side, async (terms, side) => {
      const command = {
        type: 'place',
        session: 0,
        request: 0,
        account: 1,
        market: 0,
        side,
        timeInForce: 'GTC',
        price: null,
        quantity: null,
        stopPrice: null,
        trailingDelta: null,
        icebergQuantity: null,
        quoteOrderQty: null,
        selfTradePrevention: 'NONE',
        clientOrderId: 'x',
        ...terms,
      } as CommandOf<'place'>;
      const { rejection } = await engine.execute(command);
      if (rejection === 'invalidOrder') return;
      const expected = rejection !== null && FILTERS.includes(rejection) ? rejection : null;
      expect(filterFailure(listings.market(0 as MarketId), command)).toBe(expected);
      seen.add(expected);
    }),
    { numRuns: 4_000 },
  );
  expect([...seen].map(String).sort()).toEqual([...FILTERS, 'null'].sort());
});

it('says that a market is closed before all else', async () => {
  const engine = await InProcessEngine.start();
  await engine.execute({ type: 'setMarketStatus', market: 0 as MarketId, status: 'CANCEL_ONLY' });
  const listings = await Listings.load(engine);
  listings.close();
  const nothing = { price: 1, quantity: 1 } as unknown as CommandOf<'place'>;
  expect(filterFailure(listings.market(0 as MarketId), nothing)).toBe('marketClosed');
});

/** About a slice of so many, on a lot where that goes. */
function partOf(quantity: number, parts: number): number {
  const part = Math.max(1, Math.ceil(quantity / parts));
  return quantity % 10_000 === 0 ? Math.ceil(part / 10_000) * 10_000 : part;
}
