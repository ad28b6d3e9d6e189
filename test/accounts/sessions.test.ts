import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { PASSWORD, startTestAccounts, type TestAccounts, type TestUser } from './accounts-service.ts';

let accounts: TestAccounts;
let users = 0;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterAll(() => accounts.close());

const newUser = () => accounts.newUser(`user${++users}@example.com`);
const refresh = (refreshToken: string, headers: Record<string, string> = {}) =>
  accounts.call('POST', '/api/users/refresh', { body: { refreshToken }, headers });
const me = async (token: string) => (await accounts.call('GET', '/api/users/me', { token })).status;
const sessions = async (token: string) =>
  (await accounts.call('GET', '/api/users/me/sessions', { token })).json as {
    id: string;
    current: boolean;
    userAgent: string;
  }[];
const REFUSED = { status: 401, json: { code: 'INVALID_REFRESH_TOKEN' } };

/** Runs at another time of the calendar. */
async function at<T>(nowMs: number, run: () => Promise<T>): Promise<T> {
  freezeClock(nowMs);
  return run().finally(thawClock);
}

describe('a refresh token', () => {
  it('gives a new pair of the same session, and is then worth nothing', async () => {
    const user = await newUser();
    const { status, json, headers } = await refresh(user.refreshToken);
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
    expect(json.refreshToken).not.toBe(user.refreshToken);
    expect(await me(json.accessToken)).toBe(200);
    expect(await sessions(json.accessToken)).toHaveLength(1);
    expect((await refresh(json.refreshToken)).status).toBe(200);
  });

  it('that was used before ends its session, for whoever holds the latest too, and no other', async () => {
    const user = await newUser();
    const elsewhere = (await accounts.logIn(user.email)).json;
    const latest = (await refresh(user.refreshToken)).json;
    expect(await refresh(user.refreshToken)).toMatchObject(REFUSED);
    expect(await refresh(latest.refreshToken)).toMatchObject(REFUSED);
    expect([await me(user.token), await me(latest.accessToken)]).toEqual([401, 401]);
    expect(await me(elsewhere.accessToken)).toBe(200);
    const events = await accounts.call('GET', '/api/users/me/security-events', {
      token: elsewhere.accessToken,
    });
    expect(events.json[0].event).toBe('refresh-token-reused');
  });

  it('used twenty times at once is good at most once, and then for nothing', async () => {
    const user = await newUser();
    const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(user.refreshToken)));
    const good = replies.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    for (const { json } of good) expect(await refresh(json.refreshToken)).toMatchObject(REFUSED);
    expect(await me(user.token)).toBe(401);
  });

  it.each([
    ['nothing', () => ''],
    ['a guess', () => `1.${'A'.repeat(22)}.${'A'.repeat(43)}`],
    ['an access token', (user: TestUser) => user.token],
    ['one with the account of somebody else', (user: TestUser) => user.refreshToken.replace(/^\d+/, '999')],
    ['one cut short', (user: TestUser) => user.refreshToken.slice(0, -1)],
  ])('is not %s', async (_, make) => {
    const user = await newUser();
    expect(await refresh(make(user))).toMatchObject(REFUSED);
    expect(await me(user.token)).toBe(200);
  });

  it('is stored as a hash alone', async () => {
    const plain = await startTestAccounts({ sessions: 'PostgreSQL' });
    const { refreshToken } = await plain.newUser('stored@example.com');
    const rows = await plain.db.selectFrom('accounts.sessions').selectAll().execute();
    await plain.close();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(refreshToken.split('.')[2]);
  });
});

describe('a session', () => {
  it('ends thirty days after its log-in, however often it was refreshed', async () => {
    const user = await newUser();
    const start = Date.now();
    const day = 86_400_000;
    let { refreshToken } = user;
    for (const days of [10, 20, 29.9]) {
      const reply = await at(start + days * day, () => refresh(refreshToken));
      expect(reply.status).toBe(200);
      ({ refreshToken } = reply.json);
    }
    expect(await at(start + 30 * day + 1_000, () => refresh(refreshToken))).toMatchObject(REFUSED);
    expect(
      await at(start + 30 * day + 1_000, async () =>
        sessions((await accounts.logIn(user.email)).json.accessToken),
      ),
    ).toHaveLength(1);
  });

  it('is listed with where and with what it was last seen, the newest first', async () => {
    const user = await newUser();
    const later = Date.now() + 60_000;
    const { json } = await at(later, () => accounts.logIn(user.email));
    await at(later, () => refresh(user.refreshToken, { 'User-Agent': 'a phone' }));
    const listed = await at(later, () => sessions(json.accessToken));
    expect(listed).toEqual([
      expect.objectContaining({ current: true, createdAt: later, refreshedAt: later }),
      expect.objectContaining({
        current: false,
        refreshedAt: later,
        address: '192.0.2.1',
        userAgent: 'a phone',
      }),
    ]);
  });

  it('is refused at once when it was ended from another', async () => {
    const user = await newUser();
    const other = (await accounts.logIn(user.email)).json;
    const id = (await sessions(user.token)).find(({ current }) => !current)!.id;
    const path = `/api/users/me/sessions/${id}`;
    expect((await accounts.call('DELETE', path, { token: user.token })).status).toBe(204);
    expect([await me(other.accessToken), await me(user.token)]).toEqual([401, 200]);
    expect(await refresh(other.refreshToken)).toMatchObject(REFUSED);
    expect(await accounts.call('DELETE', path, { token: user.token })).toMatchObject({
      status: 404,
      json: { code: 'UNKNOWN_SESSION' },
    });
  });

  it('ends with a log-out', async () => {
    const user = await newUser();
    const out = await accounts.call('POST', '/api/users/me/logout', { token: user.token, body: {} });
    expect(out.status).toBe(204);
    expect(await me(user.token)).toBe(401);
    expect(await refresh(user.refreshToken)).toMatchObject(REFUSED);
  });

  it('ends everywhere with one request, also if its row should be left behind', async () => {
    const plain = await startTestAccounts({ sessions: 'PostgreSQL' });
    const user = await plain.newUser('everywhere@example.com');
    const other = (await plain.logIn(user.email)).json;
    const rows = await plain.db.selectFrom('accounts.sessions').selectAll().execute();
    expect(rows).toHaveLength(2);
    const reply = await plain.call('DELETE', '/api/users/me/sessions', { token: user.token });
    expect(reply.status).toBe(204);
    expect(await plain.db.selectFrom('accounts.sessions').selectAll().execute()).toEqual([]);
    // As if the service had ended before it deleted them.
    await plain.db.insertInto('accounts.sessions').values(rows).execute();
    for (const token of [user.token, other.accessToken])
      expect((await plain.call('GET', '/api/users/me', { token })).status).toBe(401);
    for (const { refreshToken } of [user, other])
      expect((await plain.call('POST', '/api/users/refresh', { body: { refreshToken } })).status).toBe(401);
    expect((await plain.logIn(user.email)).status).toBe(200);
    await plain.close();
  });

  it('too many ends the oldest', async () => {
    const user = await newUser();
    const start = Date.now();
    for (let n = 1; n < 50; n++) await at(start + n * 1_000, () => accounts.logIn(user.email));
    const last = start + 50_000;
    await at(last, async () => {
      expect(await me(user.token)).toBe(200);
      const { accessToken } = (await accounts.logIn(user.email)).json;
      expect(await sessions(accessToken)).toHaveLength(50);
      expect(await me(user.token)).toBe(401);
    });
  }, 60_000);
});

describe('a new password', () => {
  const change = (token: string, currentPassword: string, password: string) =>
    accounts.call('PUT', '/api/users/me/password', { token, body: { currentPassword, password } });

  it('ends all sessions and opens another', async () => {
    const user = await newUser();
    const other = (await accounts.logIn(user.email)).json;
    const { status, json } = await change(user.token, PASSWORD, 'a new password');
    expect(status).toBe(200);
    expect([await me(user.token), await me(other.accessToken)]).toEqual([401, 401]);
    expect(await refresh(other.refreshToken)).toMatchObject(REFUSED);
    expect(await me(json.accessToken)).toBe(200);
    expect((await refresh(json.refreshToken)).status).toBe(200);
    expect((await accounts.logIn(user.email)).status).toBe(401);
    expect((await accounts.logIn(user.email, { password: 'a new password' })).status).toBe(200);
    await accounts.mailedToken(user.email, 'Confirm');
    expect(accounts.mails.some(({ to, subject }) => to === user.email && subject.includes('changed'))).toBe(
      true,
    );
  });

  it('needs the old one, which cannot be guessed here either', async () => {
    const user = await newUser();
    const middle = Math.floor(Date.now() / 300_000) * 300_000 + 150_000;
    await at(middle, async () => {
      const { accessToken } = (await accounts.logIn(user.email)).json;
      for (let guess = 0; guess < 10; guess++)
        expect(await change(accessToken, `guess ${guess}`, 'a new password')).toMatchObject({
          status: 403,
          json: { code: 'WRONG_PASSWORD', field: 'currentPassword' },
        });
      expect((await change(accessToken, PASSWORD, 'a new password')).status).toBe(429);
    });
    expect((await at(middle + 300_000, () => accounts.logIn(user.email))).status).toBe(200);
  });
});
