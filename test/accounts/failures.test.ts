import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD, startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterAll(() => accounts.close());

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
