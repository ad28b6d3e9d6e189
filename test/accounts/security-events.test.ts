import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterAll(() => accounts.close());

const events = async (token: string, query = '') =>
  (await accounts.call('GET', `/api/users/me/security-events${query}`, { token })).json;

describe('the record of security events', () => {
  it('tells the user what happened, from where and with what, the newest first', async () => {
    const { token, email } = await accounts.newUser('ada@example.com');
    await accounts.call('POST', '/api/users/login', {
      body: { email, password: 'wrong' },
      address: '203.0.113.66',
      headers: { 'User-Agent': `${'x'.repeat(300)}` },
    });
    const made = await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'bot' } });
    await accounts.call('DELETE', `/api/users/me/api-keys/${made.json.id}`, { token });
    const listed = await events(token);
    expect(listed.map(({ event, detail }: { event: string; detail: string }) => [event, detail])).toEqual([
      ['api-key-revoked', 'bot'],
      ['api-key-created', 'bot'],
      ['log-in-failed', ''],
      ['logged-in', expect.stringMatching(/^[\w-]{22}$/)],
      ['email-verified', ''],
      ['signed-up', ''],
    ]);
    expect(listed[2]).toEqual({
      id: expect.any(Number),
      event: 'log-in-failed',
      detail: '',
      address: '203.0.113.66',
      userAgent: 'x'.repeat(256),
      happenedAt: expect.any(Number),
    });
    expect(Math.abs(listed[2].happenedAt - Date.now())).toBeLessThan(60_000);
  });

  it('comes in pages', async () => {
    const { token } = await accounts.newUser('pages@example.com');
    const all = await events(token);
    expect(all.length).toBeGreaterThanOrEqual(3);
    const first = await events(token, '?limit=2');
    const second = await events(token, `?limit=2&before=${first[1].id}`);
    expect([...first, ...second].slice(0, 3)).toEqual(all.slice(0, 3));
    for (const query of ['?limit=101', '?limit=x', '?before=-1', '?limit=1&limit=2'])
      expect((await events(token, query)).code).toBe('INVALID_FIELD');
  });

  it('tells nobody of others, and keeps attempts on those who do not exist', async () => {
    const { token } = await accounts.newUser('alone@example.com');
    const before = await events(token);
    await accounts.logIn('nobody@example.com');
    await accounts.newUser('other@example.com');
    expect(await events(token)).toEqual(before);
    const [row] = await accounts.db
      .selectFrom('accounts.security_events')
      .selectAll()
      .where('account_id', 'is', null)
      .execute();
    expect(row).toMatchObject({ event: 'log-in-failed', address: '192.0.2.1' });
  });

  it.each([
    'update accounts.security_events set event = $$x$$',
    'delete from accounts.security_events',
    'truncate accounts.security_events',
  ])('refuses to be changed by %s', async (statement) => {
    await expect(sql.raw(statement).execute(accounts.db)).rejects.toThrow('append only');
  });

  it('has no password, token or code in it', async () => {
    const user = await accounts.enrolledUser('secrets@example.com');
    await accounts.logIn(user.email, { code: user.recoveryCodes[0] });
    await accounts.call('POST', '/api/users/password-reset', { body: { email: user.email } });
    const mailed = await accounts.mailedToken(user.email, 'new password');
    const rows = JSON.stringify(
      await accounts.db.selectFrom('accounts.security_events').selectAll().execute(),
    );
    for (const hidden of [
      PASSWORD,
      user.token,
      user.refreshToken.split('.')[2]!,
      mailed,
      user.recoveryCodes[0]!,
    ])
      expect(rows).not.toContain(hidden);
  });
});
