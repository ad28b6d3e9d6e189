/** Generated from the route table: every route with a body takes one as it should be, and refuses what is not one. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Routes } from '#platform/routes.ts';
import { routes } from '#services/accounts/routes.ts';
import {
  ADMIN_EMAIL,
  type EnrolledUser,
  PASSWORD,
  startTestAccounts,
  type TestAccounts,
} from './accounts-service.ts';
import { cases, newWorld, type World } from './route-cases.ts';

let accounts: TestAccounts;
let admin: EnrolledUser;

beforeAll(async () => {
  accounts = await startTestAccounts();
  admin = await accounts.enrolledUser(ADMIN_EMAIL);
}, 60_000);
afterAll(() => accounts.close());

const withBody = (Object.keys(cases) as (keyof typeof routes)[]).filter((name) => cases[name].body);

describe.each(withBody)('%s', (name) => {
  const { method, path }: Routes[string] = routes[name];
  const { as, id, body } = cases[name];
  /** Of this route alone: many a body can be sent once. */
  let world: World;
  let segment: string;
  beforeAll(async () => {
    world = await newWorld(accounts, admin);
    segment = (await id?.(world)) ?? '';
  }, 60_000);
  const send = async (options: object) =>
    accounts.call(method, path.replace(':id', segment), {
      ...(as === undefined ? {} : { token: world[as].token }),
      ...options,
    });
  const expectRefusal = async (options: object, status: number, refusal: object) => {
    const reply = await send(options);
    expect({ status: reply.status, json: reply.json }).toEqual({
      status,
      json: { message: expect.any(String), ...refusal },
    });
  };

  it('refuses to be given a prototype', async () => {
    const fields = JSON.stringify(await body!(world)).slice(1, -1);
    const rawBody = `{${fields}${fields && ','}"__proto__":{"isAdmin":true}}`;
    await expectRefusal({ rawBody }, 400, { code: 'UNKNOWN_FIELD', field: '__proto__' });
  });

  it.each(['', '{', 'email=a', '{"a":1}x', '\u0000'])('refuses the text %j, which is no JSON', (rawBody) =>
    expectRefusal({ rawBody }, 400, { code: 'MALFORMED_JSON' }),
  );

  it.each([null, [], 'text', 1, true])('refuses %j, which is no object', (json) =>
    expectRefusal({ rawBody: JSON.stringify(json) }, 400, { code: 'MALFORMED_BODY' }),
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json-seq', ''])(
    'refuses the content type %j',
    (type) =>
      expectRefusal({ body: {}, headers: { 'Content-Type': type } }, 415, { code: 'UNSUPPORTED_MEDIA_TYPE' }),
  );

  it('refuses a body without end', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(1_024, ' ')),
    });
    await expectRefusal({ rawBody: endless }, 413, { code: 'BODY_TOO_LARGE' });
  });

  it('takes 8 KB as they should be, also with a charset', async () => {
    // What is right but for one thing that a test cannot know; the refusal is of that.
    const code: string | undefined = { enableTwoFactor: 'WRONG_CODE' }[name as string];
    const rawBody = JSON.stringify(await body!(world)).padEnd(8_192);
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    const reply = await send({ rawBody, headers });
    expect([reply.status < 300, reply.json?.code]).toEqual([code === undefined, code]);
  });
});

describe('a failure on our side', () => {
  it('is answered without its cause, and logged without passwords, tokens or secrets', async () => {
    const { token, refreshToken } = await accounts.newUser('user@example.com');
    const secret = (await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'x' } }))
      .json.secret;
    await accounts.db.schema.alterTable('accounts.users').renameTo('gone').execute();
    await accounts.db.schema.alterTable('accounts.email_tokens').renameTo('gone_too').execute();
    const credentials = { email: 'user@example.com', password: PASSWORD };
    const logged = accounts.logged.length;
    const replies = [
      await accounts.call('POST', '/api/users', { body: credentials }),
      await accounts.call('POST', '/api/users/login', { body: credentials }),
      await accounts.call('GET', '/api/users/me', { token }),
      await accounts.call('POST', '/api/users/refresh', { body: { refreshToken } }),
      await accounts.call('POST', '/api/users/verify-email', { body: { token: 'x' } }),
      await accounts.call('POST', '/api/users/password-reset', { body: { email: 'user@example.com' } }),
      await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'y' } }),
    ];
    for (const { status, json } of replies) {
      expect({ status, json }).toEqual({
        status: 500,
        json: { code: 'INTERNAL', message: 'The request failed on our side: try again later.' },
      });
    }
    expect(accounts.logged).toHaveLength(logged + replies.length);
    const text = accounts.logged.join('');
    expect(text).toContain('does not exist');
    for (const hidden of [
      PASSWORD,
      token,
      token.split('.')[2]!,
      refreshToken.split('.')[2]!,
      secret,
      'argon2id$',
    ])
      expect(text).not.toContain(hidden);
  });
});
