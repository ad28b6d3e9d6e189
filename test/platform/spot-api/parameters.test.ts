import { describe, expect, it } from '@jest/globals';
import { Parameters } from '#platform/spot-api/parameters.ts';

const refusal = (code: number, message?: string) =>
  expect.objectContaining(message === undefined ? { code } : { code, message });
const reading = (query: string, read: (parameters: Parameters) => unknown) => () =>
  read(new Parameters(query));

describe('where parameters come from', () => {
  it('is the query, the body or both, and the query wins', () => {
    const parameters = new Parameters('a=1&b=2', 'b=3&c=4');
    expect(['a', 'b', 'c', 'd'].map((name) => parameters.text(name))).toEqual(['1', '2', '4', undefined]);
    expect(new Parameters('', 'a=1').text('a')).toBe('1');
    expect(new Parameters('').text('a')).toBeUndefined();
  });

  it('is decoded: percent signs, plus signs and scripts of all kinds', () => {
    const parameters = new Parameters('a=%EF%BC%91%2B+b&c%64=x%3Dy=z&&e');
    expect(parameters.text('a')).toBe('１+ b');
    expect(parameters.text('cd')).toBe('x=y=z');
    expect(() => parameters.text('e')).toThrow(refusal(-1105, "Parameter 'e' was empty."));
  });

  it.each(['a=%zz', 'a=%E4', '%=1'])('refuses the encoding of %s', (query) => {
    expect(() => new Parameters(query)).toThrow(refusal(-1100));
  });

  it.each([
    ['a=1&b=2&a=1', ''],
    ['', 'a=1&a=2'],
    ['b=1', 'a=1&a=2'],
  ])('refuses a parameter that comes twice from one place: query "%s", body "%s"', (query, body) => {
    expect(() => new Parameters(query, body)).toThrow(
      refusal(-1101, 'Duplicate values for a parameter detected.'),
    );
  });
});

describe('what nobody reads', () => {
  it('is refused as too many when more came than the endpoint knows', () => {
    const parameters = new Parameters('symbol=A&x=1');
    parameters.text('symbol');
    expect(() => parameters.end()).toThrow(
      refusal(-1101, "Too many parameters; expected '1' and received '2'."),
    );
  });

  it('is refused as unread when the endpoint knows others', () => {
    const parameters = new Parameters('symbol=A&x=1');
    for (const name of ['symbol', 'limit']) parameters.text(name);
    expect(() => parameters.end()).toThrow(
      refusal(-1104, "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."),
    );
  });

  it('does not matter when there is none', () => {
    const parameters = new Parameters('limit=5');
    parameters.integer('limit');
    parameters.symbols();
    expect(() => parameters.end()).not.toThrow();
  });
});

describe('symbols', () => {
  it('come as a list, raw or encoded', () => {
    for (const query of ['symbols=["BTCUSDT","ETHUSDT"]', 'symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D'])
      expect(new Parameters(query).symbols()).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(new Parameters('').symbols()).toBeUndefined();
    expect(new Parameters('symbols=[]').symbols()).toEqual([]);
  });

  it.each(['BTCUSDT', '["btcusdt"]', '["A",]', '["A"', '["A B"]', '[1]', '["\\u0041"]'])(
    'are refused as %s',
    (text) => {
      expect(reading(`symbols=${encodeURIComponent(text)}`, (parameters) => parameters.symbols())).toThrow(
        refusal(-1100),
      );
    },
  );

  it('are refused when one comes twice', () => {
    expect(reading('symbols=["A","B","A"]', (parameters) => parameters.symbols())).toThrow(refusal(-1151));
  });

  it('may be of any script, without small letters', () => {
    expect(new Parameters(`symbol=${encodeURIComponent('这是测试币456')}`).symbol()).toBe('这是测试币456');
    for (const text of ['btc', 'BTC/USDT', 'A'.repeat(51), ''])
      expect(reading(`symbol=${encodeURIComponent(text)}`, (parameters) => parameters.symbol())).toThrow(
        refusal(text === '' ? -1102 : -1100),
      );
  });
});

describe('numbers', () => {
  it('are exact amounts of an asset', () => {
    const decimal = (text: string) => new Parameters(`a=${text}`).decimal('a', 2);
    expect(decimal('1')).toBe(100);
    expect(decimal('0.05')).toBe(5);
    expect(decimal('1.500')).toBe(150);
    expect(() => decimal('0.005')).toThrow(refusal(-1111, "Parameter 'a' has too much precision."));
    expect(() => decimal('99999999999999')).toThrow(refusal(-1108, "Parameter 'a' overflowed."));
    for (const text of ['1e-7', '-1', '.5', '1.', 'NaN', 'Infinity', '0x1', '1,5', '%201'])
      expect(() => decimal(text)).toThrow(refusal(-1100));
  });

  it('are whole, and below 2^53', () => {
    const integer = (text: string) => new Parameters(`a=${text}`).integer('a');
    expect(integer('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => integer('9007199254740992')).toThrow(refusal(-1108));
    for (const text of ['1.0', '-1', '1e3']) expect(() => integer(text)).toThrow(refusal(-1100));
  });

  it('limit a list to what is allowed', () => {
    expect(new Parameters('').limit(500, 1000)).toBe(500);
    expect(new Parameters('limit=5000').limit(500, 1000)).toBe(1000);
    expect(reading('limit=0', (parameters) => parameters.limit(500, 1000))).toThrow(refusal(-1130));
  });
});

it('reads times in milliseconds and microseconds, an end to its last microsecond', () => {
  const parameters = new Parameters('ms=1700000000123&us=1700000000123456');
  expect(parameters.timeUs('ms')).toBe(1_700_000_000_123_000);
  expect(parameters.timeUs('us')).toBe(1_700_000_000_123_456);
  expect(parameters.endTimeUs('ms')).toBe(1_700_000_000_123_999);
  expect(parameters.endTimeUs('us')).toBe(1_700_000_000_123_456);
});
