import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Refusal } from '#platform/people-api/refusal.ts';
import { Passwords } from '#services/accounts/passwords.ts';

const passwords = new Passwords();

describe('passwords', () => {
  it('match the hash that was made of them and no other', async () => {
    const hash = await passwords.hash('a long password');
    expect(await passwords.matches('a long password', hash)).toBe(true);
    expect(await passwords.matches('a long passwore', hash)).toBe(false);
    expect(await passwords.matches('', hash)).toBe(false);
    expect(await passwords.matches('a long password', await passwords.hash('another'))).toBe(false);
  });

  it('match nobody’s', async () => {
    expect(await passwords.matches('a long password')).toBe(false);
    expect(await passwords.matches('')).toBe(false);
  });

  it('match a hash of other parameters, as after those were raised', async () => {
    const nonce = Buffer.from('a salt of before');
    const parameters = { message: 'old', nonce, memory: 4096, passes: 3, parallelism: 2, tagLength: 24 };
    const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const hash = base64(argon2Sync('argon2id', parameters));
    const stored = `$argon2id$v=19$m=4096,t=3,p=2$${base64(nonce)}$${hash}`;
    expect(await passwords.matches('old', stored)).toBe(true);
    expect(await passwords.matches('new', stored)).toBe(false);
  });

  it('are the same however their letters are composed', async () => {
    const hash = await passwords.hash('caf\u00e9 cr\u00e8me');
    expect(await passwords.matches('cafe\u0301 cre\u0300me', hash)).toBe(true);
  });

  it('are refused rather than queued without end', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 66 }, () => passwords.matches('x')));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as Refusal).code)).toEqual(['BUSY', 'BUSY']);
    expect(refused[0]!.reason).toBeInstanceOf(Refusal);
    expect(await passwords.matches('x')).toBe(false);
  });
});
