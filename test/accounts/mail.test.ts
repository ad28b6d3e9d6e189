import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Background } from '#services/accounts/background.ts';
import { SesMailer, UnsentMailer } from '#services/accounts/mailer.ts';
import { freezeClock, thawClock } from '#test/support/frozen-clock.ts';
import { until } from '#test/support/until.ts';
import { PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
let users = 0;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterEach(thawClock);
afterAll(() => accounts.close());

const newEmail = () => `user${++users}@example.com`;
const signUp = (email: string) =>
  accounts.call('POST', '/api/users', { body: { email, password: PASSWORD } });
const verify = (token: string) => accounts.call('POST', '/api/users/verify-email', { body: { token } });
const requestReset = (email: string, address = `2001:db8:${++users}::1`) =>
  accounts.call('POST', '/api/users/password-reset', { body: { email }, address });
const reset = (token: string, password: string) =>
  accounts.call('POST', '/api/users/password-reset/confirm', { body: { token, password } });
const me = async (token: string) => (await accounts.call('GET', '/api/users/me', { token })).json;
const INVALID = { status: 400, json: { code: 'INVALID_TOKEN', field: 'token' } };
const mailsTo = (email: string) => accounts.mails.filter(({ to }) => to === email);

describe('an e-mail address', () => {
  it('is confirmed by what was sent there, once, and before nothing lasting can be made', async () => {
    const email = newEmail();
    await signUp(email);
    const { accessToken: token } = (await accounts.logIn(email)).json;
    expect((await me(token)).emailVerified).toBe(false);
    const key = await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'x' } });
    expect(key).toMatchObject({ status: 403, json: { code: 'EMAIL_NOT_VERIFIED' } });
    const mailed = await accounts.mailedToken(email, 'Confirm');
    expect((await verify(mailed)).status).toBe(204);
    expect((await me(token)).emailVerified).toBe(true);
    expect(await verify(mailed)).toMatchObject(INVALID);
  });

  it('is not confirmed by what is a day old, and a new mail can be had', async () => {
    const email = newEmail();
    await signUp(email);
    const old = await accounts.mailedToken(email, 'Confirm');
    freezeClock(Date.now() + 86_400_001);
    expect(await verify(old)).toMatchObject(INVALID);
    const { accessToken: token } = (await accounts.logIn(email)).json;
    const sent = mailsTo(email).length;
    expect((await accounts.call('POST', '/api/users/me/verification', { token, body: {} })).status).toBe(202);
    await until(() => mailsTo(email).length > sent);
    expect((await verify(await accounts.mailedToken(email, 'Confirm'))).status).toBe(204);
  });

  it('that has an account is told so by mail, and gets no second one', async () => {
    const { email } = await accounts.newUser(newEmail());
    await signUp(email);
    await until(() => mailsTo(email).some(({ subject }) => subject === 'You have an account already'));
    expect(mailsTo(email).at(-1)!.text).not.toContain('token');
  });

  it('is not filled with mail by strangers', async () => {
    const { email } = await accounts.newUser(newEmail());
    freezeClock(Math.ceil(Date.now() / 300_000) * 300_000);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await requestReset(email)).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
  });

  it('of which one network address knows many is not tried out', async () => {
    freezeClock(Math.ceil(Date.now() / 300_000) * 300_000 + 300_000);
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++) statuses.push((await requestReset(newEmail(), '203.0.113.5')).status);
    expect(statuses.slice(0, 20).every((status) => status === 202)).toBe(true);
    expect(statuses[20]).toBe(429);
  });
});

describe('a forgotten password', () => {
  it('is replaced by what a mail allows, once; all sessions end, and other mails are void', async () => {
    const user = await accounts.newUser(newEmail());
    await requestReset(user.email);
    const first = await accounts.mailedToken(user.email, 'new password');
    await requestReset(user.email);
    await until(
      () => mailsTo(user.email).filter(({ subject }) => subject.includes('new password')).length === 2,
    );
    const second = await accounts.mailedToken(user.email, 'new password');
    expect(second).not.toBe(first);
    expect((await reset(first, 'another password')).status).toBe(204);
    expect((await me(user.token)).code).toBe('UNAUTHENTICATED');
    expect((await accounts.logIn(user.email)).status).toBe(401);
    expect((await accounts.logIn(user.email, { password: 'another password' })).status).toBe(200);
    for (const token of [first, second]) expect(await reset(token, 'a third one')).toMatchObject(INVALID);
    await until(() => mailsTo(user.email).some(({ subject }) => subject === 'Your password was reset'));
  });

  it('does not take two-factor away', async () => {
    const user = await accounts.enrolledUser(newEmail());
    await requestReset(user.email);
    await reset(await accounts.mailedToken(user.email, 'new password'), 'another password');
    expect((await accounts.logIn(user.email, { password: 'another password' })).json.code).toBe(
      'TWO_FACTOR_REQUIRED',
    );
  });

  it('is not replaced after half an hour, nor by the token of another purpose', async () => {
    const email = newEmail();
    await signUp(email);
    const forVerification = await accounts.mailedToken(email, 'Confirm');
    expect(await reset(forVerification, 'another password')).toMatchObject(INVALID);
    await requestReset(email);
    const token = await accounts.mailedToken(email, 'new password');
    expect(await verify(token)).toMatchObject(INVALID);
    freezeClock(Date.now() + 1_800_001);
    expect(await reset(token, 'another password')).toMatchObject(INVALID);
    expect((await accounts.logIn(email)).status).toBe(200);
  });

  it('is worth one new one, though many use the same mail at once', async () => {
    const user = await accounts.newUser(newEmail());
    await requestReset(user.email);
    const token = await accounts.mailedToken(user.email, 'new password');
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) => reset(token, `new password ${n}`)),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('is stored as a hash alone', async () => {
    const user = await accounts.newUser(newEmail());
    await requestReset(user.email);
    const token = await accounts.mailedToken(user.email, 'new password');
    const rows = await accounts.db.selectFrom('accounts.email_tokens').selectAll().execute();
    expect(rows.some(({ account_id }) => account_id === user.account)).toBe(true);
    for (const { token_hash } of rows) {
      expect(token_hash).toHaveLength(32);
      expect(token_hash.equals(Buffer.from(token, 'base64url'))).toBe(false);
    }
  });

  it('is answered alike for an address without an account, which gets no mail', async () => {
    const { email } = await accounts.newUser(newEmail());
    const nobody = newEmail();
    const [known, unknown] = [await requestReset(email), await requestReset(nobody)];
    expect(known).toMatchObject({ status: 202, json: { email } });
    expect({ ...unknown, text: '', json: '' }).toEqual({ ...known, text: '', json: '' });
    await accounts.mailedToken(email, 'new password');
    expect(mailsTo(nobody)).toEqual([]);
  });

  it('is answered in the same time for an address without an account', async () => {
    const known: string[] = [];
    for (let n = 0; n < 15; n++) known.push((await accounts.newUser(newEmail())).email);
    // Taken in turns, so that what else the machine does meets both.
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (const email of known)
      for (const [kind, address] of [
        ['known', email],
        ['unknown', newEmail()],
      ] as const) {
        const started = performance.now();
        await requestReset(address);
        times[kind].push(performance.now() - started);
      }
    const median = (values: number[]) => values.sort((a, b) => a - b)[7]!;
    const ratio = median(times.unknown) / median(times.known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe('mail', () => {
  let ses: Server;
  const requests: { path: string; authorized: boolean; body: unknown }[] = [];
  let status = 200;
  beforeAll(async () => {
    ses = createServer(async (request, response) => {
      const body = JSON.parse(await text(request));
      const authorized = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false;
      requests.push({ path: `${request.method} ${request.url}`, authorized, body });
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"MessageId":"1"}');
    });
    await new Promise<void>((resolve) => ses.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => ses.close(resolve)));
  const client = () =>
    new SESv2Client({
      endpoint: `http://127.0.0.1:${(ses.address() as AddressInfo).port}`,
      region: 'local',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
  const mail = { to: 'ada@example.com', subject: 'Grüße', text: 'One\nTwo\n' };

  it('is given to SES as its API wants it', async () => {
    status = 200;
    await new SesMailer('noreply@exchange.example', client()).send(mail);
    expect(requests).toEqual([
      {
        path: 'POST /v2/email/outbound-emails',
        authorized: true,
        body: {
          FromEmailAddress: 'noreply@exchange.example',
          Destination: { ToAddresses: ['ada@example.com'] },
          Content: {
            Simple: {
              Subject: { Data: 'Grüße', Charset: 'UTF-8' },
              Body: { Text: { Data: 'One\nTwo\n', Charset: 'UTF-8' } },
            },
          },
        },
      },
    ]);
  });

  it('that SES does not take is a failure, which is logged and ends nothing', async () => {
    status = 500;
    const logged: string[] = [];
    const background = new Background(pino({}, { write: (line: string) => logged.push(line) }));
    background.start(() => new SesMailer('noreply@exchange.example', client()).send(mail));
    await background.idle();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('what follows a request failed');
  });

  it('that nobody sends is missed in the log, without what only its addressee may know', async () => {
    const logged: string[] = [];
    await new UnsentMailer(pino({}, { write: (line: string) => logged.push(line) })).send(mail);
    expect(logged[0]).toContain('a mail is not sent: set MAIL_FROM');
    for (const hidden of [mail.to, 'One']) expect(logged[0]).not.toContain(hidden);
  });
});
