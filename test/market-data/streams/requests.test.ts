/** What a stream connection makes of what clients send, however malformed. */
import { describe, expect, it } from '@jest/globals';
import { parseRequest, RequestError } from '#services/market-data/streams/requests.ts';

function refusal(text: string): { code: number; id: unknown } {
  try {
    parseRequest(text);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { code: error.code, id: error.id };
  }
  throw new Error(`not refused: ${text}`);
}

describe('ids', () => {
  it.each([
    ['7', 7],
    ['-7', -7],
    ['null', null],
    ['"seven"', 'seven'],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['-9223372036854775808', -(2n ** 63n)],
  ])('of %s keep type and digits', (json, id) => {
    expect(parseRequest(`{"method":"LIST_SUBSCRIPTIONS","id":${json}}`).id).toBe(id);
  });

  it.each(['9223372036854775808', '1.5', '[1]', '{"a":1}', 'true', `"${'x'.repeat(37)}"`])(
    'of %s are refused, and not repeated',
    (json) => {
      expect(refusal(`{"method":"LIST_SUBSCRIPTIONS","id":${json}}`)).toEqual({ code: 2, id: null });
    },
  );
});

describe('what is no request', () => {
  it.each(['{', '', 'undefined', '['.repeat(60_000)])('is refused with code 3 when it is no JSON', (text) => {
    expect(refusal(text)).toEqual({ code: 3, id: null });
  });

  it.each([
    '1',
    'null',
    '[]',
    '"SUBSCRIBE"',
    '{}',
    '{"method":"subscribe"}',
    '{"method":"SUBSCRIBE","params":"btcusdt@trade"}',
    // Made so that turning it into a text throws.
    '{"method":{"toString":1,"valueOf":1}}',
    '{"method":null}',
  ])('is refused with code 2: %s', (text) => {
    expect(refusal(text).code).toBe(2);
  });
});
