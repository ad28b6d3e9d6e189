import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openSecret } from '#platform/sealed-secret.ts';
import { totpCode, totpStep } from '#services/accounts/totp.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { fromBase32, PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
let users = 0;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterEach(thawClock);
afterAll(() => accounts.close());

const newEmail = () => `user${++users}@example.com`;
const post = (path: string, token: string, body: object = {}) =>
  accounts.call('POST', `/api/users/me/${path}`, { token, body });
const REQUIRED = { status: 401, json: { code: 'TWO_FACTOR_REQUIRED', field: 'code' } };
const WRONG = { status: 403, json: { code: 'WRONG_CODE', field: 'code' } };

/** Time stands still in the middle of the next five minutes: tokens made before are valid then. */
async function atRest(run: () => Promise<void>): Promise<void> {
  const nowMs = Math.ceil(Date.now() / 300_000) * 300_000 + 150_000;
  freezeClock(nowMs);
  await run().finally(thawClock);
}

describe('two-factor', () => {
  it('is on once a code shows that the secret arrived, and not before', async () => {
    const { token, email } = await accounts.newUser(newEmail());
    const started = await post('two-factor', token, { password: PASSWORD });
    expect(started).toMatchObject({
      status: 201,
      json: {
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        uri: expect.stringMatching(/^otpauth:\/\/totp\/Crossbook:/),
      },
    });
    expect((await accounts.logIn(email)).status).toBe(200);
    expect(await post('two-factor/enable', token, { code: '000000' })).toMatchObject(WRONG);
    const code = totpCode(fromBase32(started.json.secret), totpStep(Date.now()));
    const enabled = await post('two-factor/enable', token, { code });
    expect(enabled.json.recoveryCodes).toHaveLength(10);
    for (const recoveryCode of enabled.json.recoveryCodes)
      expect(recoveryCode).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    expect(await accounts.logIn(email)).toMatchObject(REQUIRED);
    expect((await accounts.call('GET', '/api/users/me', { token })).json.twoFactor).toBe(true);
    // The code that turned it on was used.
    expect(await accounts.logIn(email, { code })).toMatchObject(WRONG);
    expect(await post('two-factor', token, { password: PASSWORD })).toMatchObject({
      status: 409,
      json: { code: 'TWO_FACTOR_IS_ON' },
    });
  });

  it('needs the password and a confirmed address to start', async () => {
    const { token } = await accounts.newUser(newEmail());
    expect(await post('two-factor', token, { password: 'wrong' })).toMatchObject({
      status: 403,
      json: { code: 'WRONG_PASSWORD' },
    });
    const email = newEmail();
    await accounts.call('POST', '/api/users', { body: { email, password: PASSWORD } });
    const unconfirmed = (await accounts.logIn(email)).json.accessToken;
    expect(await post('two-factor', unconfirmed, { password: PASSWORD })).toMatchObject({
      status: 403,
      json: { code: 'EMAIL_NOT_VERIFIED' },
    });
  });

  it('says that a code is missing only to whoever has the password', async () => {
    const { email } = await accounts.enrolledUser(newEmail());
    expect(await accounts.logIn(email)).toMatchObject(REQUIRED);
    expect((await accounts.logIn(email, { password: 'wrong' })).json.code).toBe('WRONG_CREDENTIALS');
    expect((await accounts.logIn(email, { password: 'wrong', code: '123456' })).json.code).toBe(
      'WRONG_CREDENTIALS',
    );
  });

  it('keeps its secret sealed for its own account, and its recovery codes as hashes', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const other = await accounts.enrolledUser(newEmail());
    const rows = await accounts.db.selectFrom('accounts.two_factor').selectAll().execute();
    const sealed = rows.find((row) => row.account_id === other.account)!.sealed_secret;
    expect(openSecret(accounts.encryptionKey, `two-factor:${other.account}`, sealed)).toMatch(
      /^[0-9a-f]{40}$/,
    );
    expect(() => openSecret(accounts.encryptionKey, `two-factor:${user.account}`, sealed)).toThrow(
      'does not open',
    );
    const codes = await accounts.db.selectFrom('accounts.recovery_codes').selectAll().execute();
    for (const { code_hash } of codes) expect(code_hash).toHaveLength(32);
  });

  it('is turned off with the password and a new code', async () => {
    const user = await accounts.enrolledUser(newEmail());
    expect((await post('two-factor/disable', user.token, { password: 'wrong' })).status).toBe(403);
    expect((await post('two-factor/disable', user.token, { password: PASSWORD })).status).toBe(204);
    expect((await accounts.logIn(user.email)).status).toBe(200);
    const left = await accounts.db
      .selectFrom('accounts.recovery_codes')
      .selectAll()
      .where('account_id', '=', user.account as never)
      .execute();
    expect(left).toEqual([]);
    expect(await post('step-up', user.token, { code: '123456' })).toMatchObject({
      status: 409,
      json: { code: 'TWO_FACTOR_IS_OFF' },
    });
  });
});

describe('a code', () => {
  it('is good once, though five bring it at the same time', async () => {
    const user = await accounts.enrolledUser(newEmail());
    await atRest(async () => {
      const code = await user.nextCode();
      const replies = await Promise.all(
        Array.from({ length: 5 }, () => accounts.logIn(user.email, { code })),
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
      expect(await accounts.logIn(user.email, { code })).toMatchObject(WRONG);
    });
  });

  it('of before the last that was used is not good either', async () => {
    const { token, email } = await accounts.newUser(newEmail());
    const { secret } = (await post('two-factor', token, { password: PASSWORD })).json;
    await atRest(async () => {
      const codeOf = (aside: number) => totpCode(fromBase32(secret), totpStep(Date.now()) + aside);
      expect((await post('two-factor/enable', token, { code: codeOf(0) })).status).toBe(200);
      expect(await accounts.logIn(email, { code: codeOf(-1) })).toMatchObject(WRONG);
      expect((await accounts.logIn(email, { code: codeOf(1) })).status).toBe(200);
    });
  });

  it('cannot be guessed: five wrong ones shut the door, with the right one too', async () => {
    const user = await accounts.enrolledUser(newEmail());
    await atRest(async () => {
      const right = await user.nextCode();
      for (let guess = 0; guess < 5; guess++) {
        const code = String((Number(right) + 1 + guess) % 1_000_000).padStart(6, '0');
        expect((await accounts.logIn(user.email, { code })).status).toBe(403);
      }
      expect((await accounts.logIn(user.email, { code: right })).status).toBe(429);
      expect((await post('step-up', user.token, { code: right })).status).toBe(429);
    });
  });

  it('cannot be guessed for days: fifty wrong ones in a day shut it until the next', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const day = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const statuses: number[] = [];
    for (let guess = 0; guess < 55; guess++) {
      freezeClock(day + Math.floor(guess / 5) * 300_000);
      statuses.push((await accounts.logIn(user.email, { code: `guess ${guess}` })).status);
    }
    expect(statuses.slice(0, 50).every((status) => status === 403)).toBe(true);
    expect(statuses.slice(50)).toEqual([429, 429, 429, 429, 429]);
  });
});

describe('a recovery code', () => {
  it('stands in for the device once, however it is typed, and its owner is told', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const [first, second] = user.recoveryCodes as [string, string];
    expect((await accounts.logIn(user.email, { code: first })).status).toBe(200);
    expect(await accounts.logIn(user.email, { code: first })).toMatchObject(WRONG);
    const typed = second.replaceAll('-', ' ').toLowerCase();
    expect((await accounts.logIn(user.email, { code: typed })).status).toBe(200);
    const events = await accounts.call('GET', '/api/users/me/security-events', { token: user.token });
    const names = events.json.map(({ event }: { event: string }) => event);
    expect(names.filter((name: string) => name === 'recovery-code-used')).toHaveLength(2);
  });

  it('is good for its own account alone, and no more when new ones were made', async () => {
    const [user, other] = [await accounts.enrolledUser(newEmail()), await accounts.enrolledUser(newEmail())];
    expect(await accounts.logIn(other.email, { code: user.recoveryCodes[0] })).toMatchObject(WRONG);
    const renewed = await post('two-factor/recovery-codes', user.token);
    expect(renewed.json.recoveryCodes).toHaveLength(10);
    expect(await accounts.logIn(user.email, { code: user.recoveryCodes[0] })).toMatchObject(WRONG);
    expect((await accounts.logIn(user.email, { code: renewed.json.recoveryCodes[0] })).status).toBe(200);
  });
});

describe('stepping up', () => {
  const createKey = (token: string, body: object = { label: 'bot' }) => post('api-keys', token, body);

  it('is asked of whoever has two-factor before a key is made, and holds for five minutes', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const start = Date.now();
    freezeClock(start + 301_000);
    const refused = await createKey(user.token);
    expect(refused).toMatchObject({ status: 401, json: { code: 'STEP_UP_REQUIRED' } });
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", max_age=300',
    );
    const { json } = await post('step-up', user.token, { code: await user.nextCode() });
    const claims = JSON.parse(Buffer.from(json.accessToken.split('.')[1], 'base64url').toString());
    expect(claims.otp_at).toBe(Math.floor((start + 301_000) / 1_000));
    // The session is what was stepped up: the token of before serves here too.
    expect((await createKey(user.token)).status).toBe(201);
    freezeClock(start + 602_000);
    expect((await createKey(json.accessToken)).status).toBe(401);
  });

  it('of one session says nothing of another', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const start = Date.now();
    freezeClock(start + 301_000);
    const { accessToken } = (await accounts.logIn(user.email, { code: await user.nextCode() })).json;
    expect((await createKey(accessToken)).status).toBe(201);
    expect((await createKey(user.token)).status).toBe(401);
  });

  it('stays in the tokens that a session is refreshed with, at its own time', async () => {
    const user = await accounts.enrolledUser(newEmail());
    const { refreshToken } = user;
    const { json } = await accounts.call('POST', '/api/users/refresh', { body: { refreshToken } });
    const otpAt = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).otp_at;
    expect(otpAt(json.accessToken)).toBe(otpAt(user.token));
  });

  it('is needed for a key that may withdraw, also of whoever has no two-factor yet', async () => {
    const { token } = await accounts.newUser(newEmail());
    const terms = { label: 'payouts', canWithdraw: true, ipAllowList: ['192.0.2.7'] };
    expect(await createKey(token, terms)).toMatchObject({ status: 409, json: { code: 'TWO_FACTOR_IS_OFF' } });
    const enrolled = await accounts.enrolledUser(newEmail());
    expect(await createKey(enrolled.token, terms)).toMatchObject({
      status: 201,
      json: { canWithdraw: true },
    });
  });
});
