/** Numbers that journals and clients already hold. A change here is a change of history: append only. */
import { describe, expect, it } from '@jest/globals';
import { commands } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import { CANCEL_RESTRICTIONS, ORDER_TYPES, SIDES, TIMES_IN_FORCE } from '#domain/orders.ts';
import { queries, replies } from '#domain/queries.ts';
import { rejectionName, rejections } from '#domain/rejections.ts';
import type { Shapes } from '#domain/schema.ts';

const codesOf = (shapes: Shapes) => Object.values(shapes).map(({ code }) => code);
const isWithin = (min: number, max: number) => (code: number) => code >= min && code <= max;

describe('message codes', () => {
  it('are used once, and tell commands, events, queries and replies apart', () => {
    const all = [commands, events, queries, replies].flatMap(codesOf);
    expect(new Set(all).size).toBe(all.length);
    expect(codesOf(commands).every(isWithin(1, 63))).toBe(true);
    expect(codesOf(events).every(isWithin(64, 127))).toBe(true);
    expect(codesOf(queries).every(isWithin(128, 159))).toBe(true);
    expect(codesOf(replies).every(isWithin(160, 191))).toBe(true);
  });
});

describe('a journalled command', () => {
  it.each([
    ['listAsset', '1 asset scale name'],
    [
      'listMarket',
      '2 market base quote tick priceMin priceMax lot quantityMin quantityMax marketQuantityMax notionalMin notionalMax ' +
        'ordersMax makerFee takerFee symbol',
    ],
    ['deposit', '3 account asset amount reference'],
    ['place', '4 account market side orderType timeInForce price quantity quoteOrderQty clientOrderId'],
    ['cancel', '5 account market orderId restriction clientOrderId newClientOrderId'],
    ['cancelAll', '6 account market'],
  ] as const)('%s keeps its code and its fields in their order', (type, layout) => {
    const { code, fields } = commands[type];
    expect([code, ...Object.keys(fields)].join(' ')).toBe(layout);
  });

  it('keeps the words of its choices', () => {
    expect(SIDES.slice(0, 2)).toEqual(['BUY', 'SELL']);
    expect(ORDER_TYPES.slice(0, 3)).toEqual(['LIMIT', 'LIMIT_MAKER', 'MARKET']);
    expect(TIMES_IN_FORCE.slice(0, 3)).toEqual(['GTC', 'IOC', 'FOK']);
    expect(CANCEL_RESTRICTIONS.slice(0, 3)).toEqual(['NONE', 'ONLY_NEW', 'ONLY_PARTIALLY_FILLED']);
  });
});

describe('rejection codes', () => {
  it('are used once, positive, and have their names back', () => {
    const codes = Object.entries(rejections);
    expect(new Set(codes.map(([, code]) => code)).size).toBe(codes.length);
    for (const [name, code] of codes) {
      expect(code).toBeGreaterThan(0);
      expect(rejectionName(code)).toBe(name);
    }
  });

  it('that are unknown have no name', () => {
    expect(rejectionName(0)).toBeUndefined();
    expect(rejectionName(65_535)).toBeUndefined();
  });
});
