import { expect, it } from '@jest/globals';
import { openSecret, SealError, sealingKey, sealSecret } from '#platform/sealed-secret.ts';

const key = sealingKey('0123456789abcdef'.repeat(4));

it('opens what it sealed, and seals the same secret differently each time', () => {
  const [first, second] = [sealSecret(key, 'api-key', 'sécret'), sealSecret(key, 'api-key', 'sécret')];
  expect(openSecret(key, 'api-key', first)).toBe('sécret');
  expect(openSecret(key, 'api-key', second)).toBe('sécret');
  expect(first.equals(second)).toBe(false);
  expect(first.includes(Buffer.from('sécret'))).toBe(false);
});

it('opens nothing under another key or for another API key', () => {
  const sealed = sealSecret(key, 'api-key', 'secret');
  expect(() => openSecret(sealingKey('f'.repeat(64)), 'api-key', sealed)).toThrow(SealError);
  expect(() => openSecret(key, 'other-key', sealed)).toThrow(SealError);
});

it('opens nothing of which any byte was changed or lost', () => {
  const sealed = sealSecret(key, 'api-key', 'secret');
  for (let at = 0; at < sealed.length; at++) {
    const flipped = Buffer.from(sealed);
    flipped[at]! ^= 1;
    expect(() => openSecret(key, 'api-key', flipped)).toThrow(SealError);
    expect(() => openSecret(key, 'api-key', sealed.subarray(0, at))).toThrow(SealError);
  }
});

it.each(['', 'f'.repeat(63), 'g'.repeat(64), 'f'.repeat(65)])('takes no key such as "%s"', (text) => {
  expect(() => sealingKey(text)).toThrow(SealError);
});
