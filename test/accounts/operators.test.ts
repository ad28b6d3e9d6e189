import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeys } from '#platform/spot-api/api-keys.ts';
import { until } from '#test/support/until.ts';
import {
  ADMIN_EMAIL,
  type EnrolledUser,
  PASSWORD,
  startTestAccounts,
  type TestAccounts,
} from './accounts-service.ts';

let accounts: TestAccounts;
let operator: EnrolledUser;
let admin: EnrolledUser;

beforeAll(async () => {
  accounts = await startTestAccounts();
  admin = await accounts.enrolledUser(ADMIN_EMAIL);
  operator = await accounts.operator('operator@example.com');
}, 60_000);
afterAll(() => accounts.close());

const act = (by: { token: string }, account: number, what: 'freeze' | 'unfreeze', reason = 'a report') =>
  accounts.call('POST', `/api/users/${account}/${what}`, { token: by.token, body: { reason } });
const setRole = (by: { token: string }, account: number, role: string) =>
  accounts.call('PUT', `/api/users/${account}/role`, { token: by.token, body: { role } });
const list = async (query = '') =>
  (await accounts.call('GET', `/api/users${query}`, { token: operator.token })).json;
const me = async (token: string) => (await accounts.call('GET', '/api/users/me', { token })).status;

describe('an account that an operator froze', () => {
  it('has no sessions, cannot log in, and its API keys sign nothing, until it is unfrozen', async () => {
    const user = await accounts.newUser('frozen@example.com');
    const { apiKey } = (
      await accounts.call('POST', '/api/users/me/api-keys', { token: user.token, body: { label: 'bot' } })
    ).json;
    const findKey = () => new ApiKeys(accounts.db, accounts.encryptionKey).find(apiKey);
    expect(await findKey()).toBeDefined();

    expect((await act(operator, user.account, 'freeze', 'reported stolen')).status).toBe(204);
    expect(await me(user.token)).toBe(401);
    const body = { refreshToken: user.refreshToken };
    expect((await accounts.call('POST', '/api/users/refresh', { body })).status).toBe(401);
    expect(await findKey()).toBeUndefined();
    expect(await accounts.logIn(user.email)).toMatchObject({ status: 403, json: { code: 'ACCOUNT_FROZEN' } });
    // Only to whoever has the password.
    expect((await accounts.logIn(user.email, { password: 'wrong' })).json.code).toBe('WRONG_CREDENTIALS');

    expect((await act(operator, user.account, 'unfreeze', 'it was not')).status).toBe(204);
    expect(await me(user.token)).toBe(401);
    const { accessToken } = (await accounts.logIn(user.email)).json;
    expect(await me(accessToken)).toBe(200);
    expect(await findKey()).toBeDefined();
    const events = await accounts.call('GET', '/api/users/me/security-events', { token: accessToken });
    const byStaff = events.json.filter(({ event }: { event: string }) => event.endsWith('frozen'));
    expect(byStaff).toEqual([
      expect.objectContaining({ event: 'unfrozen', detail: 'it was not', address: '' }),
      expect.objectContaining({ event: 'frozen', detail: 'reported stolen', address: '' }),
    ]);
    const stored = await accounts.db
      .selectFrom('accounts.security_events')
      .select(['actor_id', 'address'])
      .where('event', '=', 'frozen')
      .executeTakeFirstOrThrow();
    expect(stored).toEqual({ actor_id: operator.account, address: '192.0.2.1' });
  });

  it('cannot be thawed by a new password', async () => {
    const user = await accounts.newUser('thaw@example.com');
    await act(operator, user.account, 'freeze');
    await accounts.call('POST', '/api/users/password-reset', { body: { email: user.email } });
    const token = await accounts.mailedToken(user.email, 'new password');
    const password = 'another password';
    const reset = await accounts.call('POST', '/api/users/password-reset/confirm', {
      body: { token, password },
    });
    expect(reset.status).toBe(204);
    expect((await accounts.logIn(user.email, { password })).json.code).toBe('ACCOUNT_FROZEN');
  });
});

describe('a role', () => {
  it('holds from the next log-in on, and no token of before it is good anywhere', async () => {
    const user = await accounts.enrolledUser('promoted@example.com');
    const users = (token: string) => accounts.call('GET', '/api/users', { token });
    const logInAgain = async () =>
      (await accounts.logIn(user.email, { code: await user.nextCode() })).json.accessToken;
    const rolesIn = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).roles;
    expect((await users(user.token)).json.code).toBe('ROLE_REQUIRED');
    expect((await setRole(admin, user.account, 'operator')).status).toBe(204);
    expect((await users(user.token)).status).toBe(401);
    const promoted = await logInAgain();
    expect(rolesIn(promoted)).toEqual(['user', 'operator']);
    expect((await users(promoted)).status).toBe(200);
    expect((await setRole(admin, user.account, 'user')).status).toBe(204);
    expect((await users(promoted)).status).toBe(401);
    const demoted = await logInAgain();
    expect(rolesIn(demoted)).toEqual(['user']);
    expect((await users(demoted)).json.code).toBe('ROLE_REQUIRED');
  });

  it('gives nothing over those who stand as high, oneself least of all', async () => {
    const colleague = await accounts.operator('colleague@example.com');
    for (const account of [colleague.account, operator.account, admin.account])
      expect(await act(operator, account, 'freeze')).toMatchObject({
        status: 403,
        json: { code: 'NOT_BELOW_YOU' },
      });
    expect((await setRole(admin, admin.account, 'user')).json.code).toBe('NOT_BELOW_YOU');
    expect((await act(admin, colleague.account, 'freeze')).status).toBe(204);
    expect(await me(colleague.token)).toBe(401);
  });

  it('is nothing without two-factor', async () => {
    const { email, account } = await accounts.newUser('careless@example.com');
    await setRole(admin, account, 'operator');
    const token = (await accounts.logIn(email)).json.accessToken;
    expect(await accounts.call('GET', '/api/users', { token })).toMatchObject({
      status: 409,
      json: { code: 'TWO_FACTOR_IS_OFF' },
    });
  });

  it('of the first admin is for whoever confirms the address, not for whoever signs up with it', async () => {
    const other = await startTestAccounts();
    await other.call('POST', '/api/users', { body: { email: ADMIN_EMAIL, password: PASSWORD } });
    const { accessToken: token } = (await other.logIn(ADMIN_EMAIL)).json;
    const role = async () => (await other.call('GET', '/api/users/me', { token })).json.role;
    expect(await role()).toBe('user');
    const mailed = await other.mailedToken(ADMIN_EMAIL, 'Confirm');
    await other.call('POST', '/api/users/verify-email', { body: { token: mailed } });
    expect(await role()).toBe('admin');
    await other.close();
  });
});

describe('two-factor of somebody who lost the device', () => {
  it('is taken away by an admin; whoever is logged in then is no more', async () => {
    const user = await accounts.enrolledUser('lost@example.com');
    const path = `/api/users/${user.account}/two-factor/reset`;
    const reset = await accounts.call('POST', path, {
      token: admin.token,
      body: { reason: 'seen the passport' },
    });
    expect(reset.status).toBe(204);
    expect(await me(user.token)).toBe(401);
    const { accessToken: token } = (await accounts.logIn(user.email)).json;
    const events = await accounts.call('GET', '/api/users/me/security-events', { token });
    expect(events.json[1]).toMatchObject({ event: 'two-factor-reset', detail: 'seen the passport' });
    await until(() =>
      accounts.mails.some(({ to, subject }) => to === user.email && subject.includes('our staff')),
    );
  });
});

describe('the list of users', () => {
  it('says who they are and nothing that would let an operator be them', async () => {
    const { account, email } = await accounts.newUser('listed@example.com');
    expect(await list(`?email=${email}`)).toEqual([
      {
        accountId: account,
        email,
        role: 'user',
        emailVerified: true,
        frozen: false,
        createdAt: expect.any(Number),
      },
    ]);
  });

  it('comes in pages, by account', async () => {
    const all = await list();
    expect(all.map(({ accountId }: { accountId: number }) => accountId)).toEqual(
      all.map((_: unknown, index: number) => index + 1),
    );
    expect(await list('?limit=2')).toEqual(all.slice(0, 2));
    expect(await list('?limit=2&after=2')).toEqual(all.slice(2, 4));
    expect((await list('?limit=101')).code).toBe('INVALID_FIELD');
  });
});
