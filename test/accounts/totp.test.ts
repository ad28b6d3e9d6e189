import { describe, expect, it } from '@jest/globals';
import { base32, matchingStep, otpauthUri, totpCode, totpStep } from '#services/accounts/totp.ts';
import { fromBase32 } from './accounts-service.ts';

/** RFC 6238, appendix B, for SHA-1; its codes have eight digits, of which these are the last six. */
const secret = Buffer.from('12345678901234567890');
const vectors: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

describe('a one-time code', () => {
  it.each(vectors)('at %d seconds is that of the RFC', (seconds, code) => {
    expect(totpCode(secret, totpStep(seconds * 1_000))).toBe(code);
  });

  it('is known by its step, from thirty seconds before to thirty after, and not beyond', () => {
    const code = totpCode(secret, 1_000);
    const around = [998, 999, 1_000, 1_001, 1_002].map((step) => matchingStep(secret, code, step * 30_000));
    expect(around).toEqual([undefined, 1_000, 1_000, 1_000, undefined]);
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('is not %j', (code) => {
    expect(matchingStep(secret, code, 59_000)).toBeUndefined();
  });
});

describe('a secret for an authenticator app', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('is written as in RFC 4648: %j', (text, written) => {
    expect(base32(Buffer.from(text))).toBe(written);
    expect(fromBase32(written).toString()).toBe(text);
  });

  it('comes as a URI that apps read', () => {
    const uri = new URL(otpauthUri('My Exchange', 'a+b@example.com', 'MZXW6YTB'));
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe('/My Exchange:a+b@example.com');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: 'MZXW6YTB',
      issuer: 'My Exchange',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
