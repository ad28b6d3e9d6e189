import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, MarketId, Price, Units } from '#domain/ids.ts';
import { Listings } from '#platform/spot-api/listings.ts';
import { filterFailure } from '#services/orders/filters.ts';
import { InProcessEngine } from '#test/support/in-process-engine.ts';

const FILTERS = ['priceFilter', 'lotSize', 'marketLotSize', 'notional'];

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
  const limit = fc.record({ price: amount(10_000), quantity: amount(10_000) });
  const market = fc.record({ quantity: amount(10_000) });
  const spend = fc.record({ quoteOrderQty: amount(1_000_000) });
  const seen = new Set<string | null>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(limit, market, spend), async (amounts) => {
      const command: CommandOf<'place'> = {
        type: 'place',
        account: 1 as AccountId,
        market: 0 as MarketId,
        side: 'BUY',
        orderType: 'price' in amounts ? 'LIMIT' : 'MARKET',
        timeInForce: 'GTC',
        price: null,
        quantity: null,
        quoteOrderQty: null,
        clientOrderId: 'x',
        ...(amounts as { price?: Price; quantity?: Units; quoteOrderQty?: Units }),
      };
      const { rejection } = await engine.execute(command);
      const expected = rejection !== null && FILTERS.includes(rejection) ? rejection : null;
      expect(filterFailure(listings.market(0 as MarketId), command)).toBe(expected);
      seen.add(expected);
    }),
    { numRuns: 2_000 },
  );
  expect([...seen].map(String).sort()).toEqual([...FILTERS, 'null'].sort());
});
