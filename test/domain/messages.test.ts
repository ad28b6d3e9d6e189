/** Numbers that journals and clients already hold. A change here is a change of history: append only. */
import { describe, expect, it } from '@jest/globals';
import { commands } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import {
  CANCEL_REPLACE_MODES,
  CANCEL_RESTRICTIONS,
  MARKET_STATUSES,
  ORDER_LIST_KINDS,
  ORDER_LIST_STATUSES,
  ORDER_STATUSES,
  ORDER_TYPES,
  SELF_TRADE_PREVENTIONS,
  SIDES,
  TIMES_IN_FORCE,
} from '#domain/orders.ts';
import { queries, replies } from '#domain/queries.ts';
import { rejectionName, rejections } from '#domain/rejections.ts';
import type { Field, Shape, Shapes } from '#domain/schema.ts';

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

/** Rules, terms of an order and the like, as several messages have them. */
const rules =
  'priceMin priceMax quantityMin quantityMax marketQuantityMax notionalMin notionalMax bidDown bidUp askDown askUp ' +
  'averageMinutes ordersMax algoOrdersMax icebergOrdersMax orderListsMax icebergPartsMax amendsMax positionMax? ' +
  'trailingAboveMin trailingAboveMax trailingBelowMin trailingBelowMax breakerMove breakerSeconds makerFee takerFee';
const market = `market base quote tick lot ${rules} symbol:48`;
const terms = 'side= orderType= timeInForce= price? quantity? stopPrice? trailingDelta? icebergQuantity?';
const who = 'session request account market';
const order = `${who} ${terms} quoteOrderQty? selfTradePrevention=`;
const leg = (prefix: string) =>
  terms
    .split(' ')
    .map((field) => prefix + field[0]!.toUpperCase() + field.slice(1))
    .join(' ');

/** A field's name, and a mark of what its words are. */
function marked([name, { kind, bytesMax }]: [string, Field<unknown>]): string {
  return name + { int: '', optional: '?', choice: '=', text: `:${bytesMax}` }[kind];
}

function layoutOf({ code, fields }: Shape): string {
  return [code, ...Object.entries(fields).map(marked)].join(' ');
}

/** Commands are the journal; its digests cover events too. */
const journalled = [
  ['listAsset', '1 asset scale name:24'],
  ['listMarket', `2 ${market}`],
  ['deposit', '3 account asset amount reference:64'],
  ['place', `4 ${order} clientOrderId:36`],
  ['cancel', `5 ${who} orderId? restriction= clientOrderId:36 newClientOrderId:36`],
  ['cancelAll', `6 ${who}`],
  ['setMarketRules', `7 market ${rules}`],
  ['setMarketStatus', '8 market status='],
  ['setFeeTier', '9 tier makerFee takerFee'],
  ['setAccountTier', '10 account tier'],
  ['activateLogic', '11 version'],
  ['advanceTime', '12'],
  ['openSession', '13 nonce'],
  ['beginEpoch', '18 epoch'],
  [
    'cancelReplace',
    `14 ${order} mode= cancelOrderId? cancelRestriction= clientOrderId:36 cancelClientOrderId:36 ` +
      'cancelNewClientOrderId:36',
  ],
  ['amend', `15 ${who} orderId? quantity clientOrderId:36 newClientOrderId:36`],
  [
    'placeList',
    `16 ${who} kind= selfTradePrevention= ${leg('first')} ${leg('second')} ${leg('third')} listClientOrderId:36 ` +
      'firstClientOrderId:36 secondClientOrderId:36 thirdClientOrderId:36',
  ],
  ['cancelList', `17 ${who} orderListId? listClientOrderId:36 newClientOrderId:36`],
  ['holdWithdrawal', '19 account asset amount fee reference:64'],
  ['settleWithdrawal', '20 reference:64'],
  ['releaseWithdrawal', '21 reference:64'],
  ['transfer', '22 from to asset amount reference:64'],
  ['assetListed', '64 asset scale name:24'],
  ['marketListed', `65 ${market}`],
  ['deposited', '66 account asset amount reference:64'],
  ['balance', '67 account asset available held'],
  [
    'order',
    '68 orderId account market side= orderType= timeInForce= selfTradePrevention= status= price? quantity quoteOrderQty? ' +
      'executedQuantity executedQuote preventedQuantity stopPrice? trailingDelta? icebergQuantity? orderListId? createdAt ' +
      'workingAt? clientOrderId:36 cancelId:36',
  ],
  [
    'trade',
    '69 market tradeId aggregateId price quantity quoteQuantity takerSide= makerOrderId takerOrderId makerAccount ' +
      'takerAccount makerFee takerFee',
  ],
  ['level', '70 market side= price quantity'],
  ['marketRulesSet', `71 market ${rules}`],
  ['marketStatus', '72 market status='],
  ['feeTierSet', '73 tier makerFee takerFee'],
  ['accountTierSet', '74 account tier'],
  ['logicActivated', '75 version'],
  ['sessionOpened', '76 session nonce'],
  ['epochBegan', '81 epoch'],
  ['amended', '77 account market orderId number quantityBefore quantity clientOrderIdBefore:36'],
  [
    'preventedMatch',
    '78 market preventedMatchId account mode= price takerOrderId makerOrderId takerPreventedQuantity ' +
      'makerPreventedQuantity',
  ],
  [
    'orderList',
    '79 orderListId account market kind= status= firstOrderId secondOrderId thirdOrderId? createdAt listClientOrderId:36',
  ],
  ['cancelReplaced', '80 cancelCode placeCode?'],
  ['withdrawalHeld', '82 account asset amount fee reference:64'],
  ['withdrawalSettled', '83 account asset amount fee reference:64'],
  ['withdrawalReleased', '84 account asset amount fee reference:64'],
  ['transferred', '85 from to asset amount reference:64'],
] as const;

describe('a journalled message', () => {
  it.each(journalled)('%s keeps its code and its fields in their order', (type, layout) => {
    const shapes: Record<string, Shape> = { ...commands, ...events };
    expect(layoutOf(shapes[type]!)).toBe(layout);
  });

  it('is none but these', () => {
    expect(journalled.map(([type]) => type)).toEqual([...Object.keys(commands), ...Object.keys(events)]);
  });

  it('keeps the words of its choices', () => {
    expect(SIDES.slice(0, 2)).toEqual(['BUY', 'SELL']);
    expect(ORDER_TYPES.slice(0, 7)).toEqual([
      'LIMIT',
      'LIMIT_MAKER',
      'MARKET',
      'STOP_LOSS',
      'STOP_LOSS_LIMIT',
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ]);
    expect(TIMES_IN_FORCE.slice(0, 3)).toEqual(['GTC', 'IOC', 'FOK']);
    expect(CANCEL_RESTRICTIONS.slice(0, 3)).toEqual(['NONE', 'ONLY_NEW', 'ONLY_PARTIALLY_FILLED']);
    expect(ORDER_STATUSES.slice(0, 8)).toEqual([
      'NEW',
      'PARTIALLY_FILLED',
      'FILLED',
      'CANCELED',
      'EXPIRED',
      'PENDING_NEW',
      'EXPIRED_IN_MATCH',
      'REJECTED',
    ]);
    expect(SELF_TRADE_PREVENTIONS.slice(0, 5)).toEqual([
      'NONE',
      'EXPIRE_TAKER',
      'EXPIRE_MAKER',
      'EXPIRE_BOTH',
      'DECREMENT',
    ]);
    expect(CANCEL_REPLACE_MODES.slice(0, 2)).toEqual(['STOP_ON_FAILURE', 'ALLOW_FAILURE']);
    expect(ORDER_LIST_KINDS.slice(0, 3)).toEqual(['OCO', 'OTO', 'OTOCO']);
    expect(ORDER_LIST_STATUSES.slice(0, 2)).toEqual(['EXECUTING', 'ALL_DONE']);
    expect(MARKET_STATUSES.slice(0, 4)).toEqual(['TRADING', 'HALT', 'BREAK', 'CANCEL_ONLY']);
  });
});

describe('a question or reply', () => {
  it.each([
    ['position', '128'],
    ['listings', '129'],
    ['balances', '130 account'],
    ['openOrders', '131 account market?'],
    ['openOrder', '132 account market orderId? clientOrderId:36'],
    ['openOrderLists', '134 account'],
    ['fees', '135 account market'],
    ['book', '133 market depthMax'],
    ['accepted', '160 requestId count'],
    ['rejected', '161 requestId code'],
    ['repeated', '164 requestId count'],
    ['answered', '162 requestId count'],
    ['feeRates', '165 makerFee takerFee'],
    ['overloaded', '163 requestId'],
  ])('%s keeps its code and its fields in their order', (type, layout) => {
    const shapes: Record<string, Shape> = { ...queries, ...replies };
    expect(layoutOf(shapes[type]!)).toBe(layout);
  });
});

describe('rejection codes', () => {
  it('stay what they were', () => {
    const known = {
      unknownAsset: 1,
      unknownMarket: 2,
      alreadyListed: 3,
      invalidListing: 4,
      invalidAmount: 5,
      duplicateReference: 6,
      supplyOverflow: 7,
      unknownLogic: 8,
      invalidTier: 9,
      unknownSession: 10,
      forgottenRequest: 11,
      conflictingReference: 12,
      unknownWithdrawal: 13,
      withdrawalEnded: 14,
      insufficientBalance: 20,
      duplicateClientOrderId: 21,
      unknownOrder: 22,
      wouldTake: 23,
      cancelRestricted: 24,
      orderIdMismatch: 25,
      invalidOrder: 26,
      wouldTrigger: 27,
      marketClosed: 28,
      invalidAmend: 29,
      unknownOrderList: 30,
      duplicateListClientOrderId: 31,
      invalidOrderList: 32,
      orderListPrices: 33,
      priceFilter: 40,
      lotSize: 41,
      marketLotSize: 42,
      notional: 43,
      maxNumOrders: 44,
      percentPriceBySide: 45,
      icebergParts: 46,
      maxNumAlgoOrders: 47,
      maxNumIcebergOrders: 48,
      maxNumOrderLists: 49,
      maxPosition: 50,
      trailingDelta: 51,
      maxNumOrderAmends: 52,
    };
    expect(rejections).toMatchObject(known);
  });

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
