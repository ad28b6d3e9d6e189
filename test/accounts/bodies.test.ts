/** Generated from the route table: every route with a body must refuse what is not one. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '#services/accounts/routes.ts';
import { PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
let token: string;

beforeAll(async () => {
  accounts = await startTestAccounts();
  ({ token } = await accounts.newUser('user@example.com'));
});
afterAll(() => accounts.close());

type Names = keyof typeof routes;
type WithBody = { [N in Names]: (typeof routes)[N]['method'] extends 'POST' | 'PUT' ? N : never }[Names];

/** A body that each accepts; a new route does not compile without one. */
const accepted: Record<WithBody, object> = {
  signUp: { email: 'new@example.com', password: PASSWORD },
  logIn: { email: 'user@example.com', password: PASSWORD },
  createApiKey: { label: 'bot' },
};

describe.each(Object.entries(accepted))('%s', (name, body) => {
  const { method, path } = routes[name as WithBody];
  const send = (options: object) => accounts.call(method, path, { token, ...options });
  const expectRefusal = async (options: object, status: number, refusal: object) => {
    const reply = await send(options);
    expect({ status: reply.status, json: reply.json }).toEqual({
      status,
      json: { message: expect.any(String), ...refusal },
    });
  };

  it('accepts a body as it should be, also with a charset', async () => {
    expect((await send({ body })).status).toBeLessThan(300);
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    expect((await send({ body, headers })).status).toBeLessThan(300);
  });

  it('refuses a field that it does not know, by name', async () => {
    await expectRefusal({ body: { ...body, isAdmin: true } }, 400, {
      code: 'UNKNOWN_FIELD',
      field: 'isAdmin',
    });
    const rawBody = JSON.stringify(body).replace('}', ',"__proto__":{"isAdmin":true}}');
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
      expectRefusal({ body, headers: { 'Content-Type': type } }, 415, { code: 'UNSUPPORTED_MEDIA_TYPE' }),
  );

  it('refuses more than 8 KB, whether the length is told or not', async () => {
    const padded = (bytes: number) => JSON.stringify(body).padEnd(bytes);
    expect((await send({ rawBody: padded(8_192) })).status).toBeLessThan(300);
    await expectRefusal({ rawBody: padded(8_193) }, 413, { code: 'BODY_TOO_LARGE' });
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(1_024, ' ')),
    });
    await expectRefusal({ rawBody: endless }, 413, { code: 'BODY_TOO_LARGE' });
  });
});

describe('a failure on our side', () => {
  it('is answered without its cause, and logged without passwords, tokens or secrets', async () => {
    const secret = (await accounts.call('POST', '/api/users/me/api-keys', { token, body: { label: 'x' } }))
      .json.secret;
    await accounts.db.schema.alterTable('accounts.users').renameTo('gone').execute();
    await accounts.db.schema.alterTable('accounts.api_keys').renameTo('gone_too').execute();
    const replies = [
      await accounts.call('POST', '/api/users', { body: accepted.signUp }),
      await accounts.call('POST', '/api/users/login', { body: accepted.logIn }),
      await accounts.call('GET', '/api/users/me', { token }),
      await accounts.call('POST', '/api/users/me/api-keys', { token, body: accepted.createApiKey }),
      await accounts.call('GET', '/api/users/me/api-keys', { token }),
      await accounts.call('DELETE', '/api/users/me/api-keys/1', { token }),
    ];
    for (const { status, json } of replies) {
      expect({ status, json }).toEqual({
        status: 500,
        json: { code: 'INTERNAL', message: 'The request failed on our side: try again later.' },
      });
    }
    const logged = accounts.logged.join('');
    expect(accounts.logged).toHaveLength(replies.length);
    expect(logged).toContain('does not exist');
    for (const hidden of [PASSWORD, token, token.split('.')[2]!, secret, 'argon2id$'])
      expect(logged).not.toContain(hidden);
  });
});
