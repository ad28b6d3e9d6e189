import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterAll(() => accounts.close());

const signUp = (email: string, password: string, address?: string) =>
  accounts.call('POST', '/api/users', { body: { email, password }, address });
const logIn = (email: string, password: string, address?: string) =>
  accounts.call('POST', '/api/users/login', { body: { email, password }, address });

const WRONG = {
  code: 'WRONG_CREDENTIALS',
  message: 'The e-mail address or the password is wrong: check both.',
};

/** The hashes that Node computes and the queries that are sent until a request is answered. */
async function workOf(request: () => Promise<unknown>): Promise<{ hashes: number; queries: number }> {
  let hashes = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === 'ARGON2REQUEST') hashes++;
    },
  });
  const query = jest.spyOn(pg.Client.prototype, 'query');
  hook.enable();
  try {
    await request();
    return { hashes, queries: query.mock.calls.length };
  } finally {
    hook.disable();
    query.mockRestore();
  }
}

describe('a user', () => {
  it('signs up, logs in and is told who they are', async () => {
    expect(await signUp('ada@example.com', PASSWORD)).toMatchObject({
      status: 202,
      json: { email: 'ada@example.com' },
    });
    const { status, json, headers } = await logIn('ada@example.com', PASSWORD);
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        accessToken: expect.any(String),
        refreshToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
      },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    const me = await accounts.call('GET', '/api/users/me', { token: json.accessToken });
    expect(me).toMatchObject({ status: 200, json: { accountId: 1, email: 'ada@example.com' } });
  });

  it('may write the address in any case', async () => {
    await signUp('Grace@Example.COM', PASSWORD);
    expect((await logIn('gRACE@example.com', PASSWORD)).status).toBe(200);
    await signUp('GRACE@example.com', 'another password');
    expect((await logIn('grace@example.com', 'another password')).status).toBe(401);
  });

  it('learns nothing by signing up with an address that has an account, and changes nothing', async () => {
    await signUp('taken@example.com', PASSWORD);
    const free = await signUp('free@example.com', 'another password');
    const taken = await signUp('taken@example.com', 'another password');
    expect({ ...taken, text: '', json: '' }).toEqual({ ...free, text: '', json: '' });
    expect(taken.json).toEqual({ email: 'taken@example.com' });
    expect((await logIn('taken@example.com', 'another password')).status).toBe(401);
    expect((await logIn('taken@example.com', PASSWORD)).status).toBe(200);
  });

  it('is told the same for a wrong password and for an address without an account', async () => {
    await signUp('known@example.com', PASSWORD);
    const wrong = await logIn('known@example.com', 'wrong password');
    const unknown = await logIn('unknown@example.com', 'wrong password');
    expect(wrong).toMatchObject({ status: 401, json: WRONG });
    expect(unknown).toEqual(wrong);
  });

  it('costs one hash and as many queries whether the address has an account or not', async () => {
    await signUp('worked@example.com', PASSWORD);
    // What goes on in the background is over.
    await accounts.mailedToken('worked@example.com', 'Confirm');
    const known = await workOf(() => logIn('worked@example.com', 'wrong password'));
    const unknown = await workOf(() => logIn('nobody@example.com', 'wrong password'));
    expect(known).toEqual({ hashes: 1, queries: expect.any(Number) });
    expect(unknown).toEqual(known);
  });

  it('costs one hash to sign up whether the address has an account or not', async () => {
    await signUp('slow@example.com', PASSWORD);
    const taken = await workOf(() => signUp('slow@example.com', PASSWORD));
    const fresh = await workOf(() => signUp('fresh@example.com', PASSWORD));
    expect([taken.hashes, fresh.hashes]).toEqual([1, 1]);
  });

  it.each([
    ['of 8 characters', '8 chars!'],
    ['of 64 characters', 'x'.repeat(64)],
    ['of 128 characters', 'y'.repeat(128)],
    ['of spaces and any script', ' пароль 密码 🔑 '],
  ])('may have a password %s', async (what, password) => {
    const email = `password-${what.replaceAll(' ', '-')}@example.com`;
    expect((await signUp(email, password)).status).toBe(202);
    expect((await logIn(email, password)).status).toBe(200);
    expect((await logIn(email, `${password.slice(0, -1)}?`)).status).toBe(401);
  });

  it.each([
    [{ email: 'a@example.com', password: '7 chars' }, 'password must have at least 8 characters.'],
    [{ email: 'a@example.com', password: 'x'.repeat(129) }, 'password must have at most 128 characters.'],
    [{ email: 'a@example.com', password: 12345678 }, 'password must be a text.'],
    [{ email: 'a@example.com' }, 'password must be given.'],
    [{ email: 'nobody', password: PASSWORD }, 'email must be an e-mail address.'],
    [{ email: ' a@example.com', password: PASSWORD }, 'email must be an e-mail address.'],
    [{ email: ['a@example.com'], password: PASSWORD }, 'email must be an e-mail address.'],
    [
      { email: `${'a'.repeat(250)}@example.com`, password: PASSWORD },
      'email must have at most 254 characters.',
    ],
  ])('is refused %j with the mend', async (body, message) => {
    const { status, json } = await accounts.call('POST', '/api/users', { body });
    expect({ status, json }).toEqual({
      status: 400,
      json: { code: 'INVALID_FIELD', message, field: message.split(' ')[0] },
    });
  });

  it('is stored with a hash alone, which differs for equal passwords', async () => {
    await signUp('one@example.com', PASSWORD);
    await signUp('two@example.com', PASSWORD);
    const users = await accounts.db.selectFrom('accounts.users').selectAll().execute();
    expect(JSON.stringify(users)).not.toContain(PASSWORD);
    for (const { password_hash } of users)
      expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(new Set(users.map((user) => user.password_hash)).size).toBe(users.length);
  });
});

describe('guessing', () => {
  /** Time stands still in the middle of a window. */
  async function atRest(run: () => Promise<void>): Promise<void> {
    const windowMs = 300_000;
    const nowMs = Math.floor(Date.now() / windowMs) * windowMs + windowMs / 2;
    const now = jest.spyOn(Date, 'now').mockReturnValue(nowMs);
    await run().finally(() => now.mockRestore());
  }

  it('ends after ten wrong passwords for a user, wherever they come from, also with the right one', async () => {
    await signUp('victim@example.com', PASSWORD);
    await atRest(async () => {
      for (let guess = 0; guess < 10; guess++) {
        const { status } = await logIn('victim@example.com', `guess ${guess}`, `198.51.100.${guess}`);
        expect(status).toBe(401);
      }
      const refused = await logIn('victim@example.com', PASSWORD, '198.51.100.99');
      expect(refused).toMatchObject({ status: 429, json: { code: 'TOO_MANY_ATTEMPTS' } });
      expect(refused.headers.get('retry-after')).toBe('150');
      expect((await logIn('ada@example.com', PASSWORD, '198.51.100.99')).status).toBe(200);
    });
    jest.spyOn(Date, 'now').mockReturnValueOnce(Date.now() + 300_000);
    expect((await logIn('victim@example.com', PASSWORD)).status).toBe(200);
  });

  it('cannot be done at once instead', async () => {
    await signUp('hurried@example.com', PASSWORD);
    await atRest(async () => {
      const replies = await Promise.all(
        Array.from({ length: 25 }, (_, guess) => logIn('hurried@example.com', `guess ${guess}`)),
      );
      expect(replies.filter(({ status }) => status === 401)).toHaveLength(10);
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(15);
    });
  });

  it('ends after a hundred users from one address', async () => {
    await atRest(async () => {
      const guess = (n: number) => logIn(`user${n}@example.com`, 'a common password', '203.0.113.9');
      for (let n = 0; n < 100; n += 20) {
        const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => guess(n + at)));
        expect(replies.every(({ status }) => status === 401)).toBe(true);
      }
      expect((await guess(100)).status).toBe(429);
    });
  });

  it('cannot be done from a network of many addresses instead', async () => {
    await atRest(async () => {
      const guess = (n: number) => logIn(`user${n}@example.org`, 'a common password', `2001:db8:9:9::${n}`);
      const replies = await Promise.all(Array.from({ length: 30 }, (_, n) => guess(n)));
      expect(replies.every(({ status }) => status === 401)).toBe(true);
      for (let n = 30; n < 100; n++) await guess(n);
      expect((await guess(100)).status).toBe(429);
    });
  });

  it('is not what a user does who knows the password', async () => {
    await signUp('often@example.com', PASSWORD);
    for (let times = 0; times < 15; times++) {
      expect((await logIn('often@example.com', PASSWORD)).status).toBe(200);
    }
  });
});
