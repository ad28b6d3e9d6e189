import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSecret } from '#platform/sealed-secret.ts';
import { ApiKeys } from '#platform/spot-api/api-keys.ts';
import { startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
let alice: { readonly account: number; readonly token: string };
let bob: typeof alice;

beforeAll(async () => {
  accounts = await startTestAccounts();
  alice = await accounts.newUser('alice@example.com');
  bob = await accounts.newUser('bob@example.com');
});
afterAll(() => accounts.close());

const KEYS = '/api/users/me/api-keys';
const create = (token: string, body: unknown) => accounts.call('POST', KEYS, { token, body });
const publicPem = (type: 'ed25519' | 'x25519' | 'rsa', modulusLength = 2048) => {
  const { publicKey } = generateKeyPairSync(type as 'rsa', { modulusLength });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};
const list = async (token: string) => (await accounts.call('GET', KEYS, { token })).json;
const revoke = (token: string, id: unknown) => accounts.call('DELETE', `${KEYS}/${id}`, { token });

describe('an API key', () => {
  it('is made with a secret that opens for order entry', async () => {
    const { status, json } = await create(alice.token, { label: 'bot', canTrade: true });
    expect({ status, json }).toEqual({
      status: 201,
      json: {
        id: expect.any(Number),
        label: 'bot',
        apiKey: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
        secret: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
        type: 'HMAC',
        canTrade: true,
        canWithdraw: false,
        ipAllowList: [],
        createdAt: expect.any(Number),
        lastUsedAt: null,
        lastUsedFrom: null,
      },
    });
    expect(Math.abs(json.createdAt - Date.now())).toBeLessThan(60_000);
    const found = await new ApiKeys(accounts.db, accounts.encryptionKey).find(json.apiKey);
    expect(found).toMatchObject({ account: alice.account, canTrade: true });
    expect(found!.verifier.export().toString()).toBe(json.secret);
  });

  it('cannot trade unless that was asked for', async () => {
    const { json } = await create(alice.token, { label: 'reader' });
    expect(json.canTrade).toBe(false);
  });

  it('shows its secret at creation only, and stores it sealed for itself alone', async () => {
    const first = (await create(bob.token, { label: 'first' })).json;
    const second = (await create(bob.token, { label: 'second' })).json;
    const listed = await list(bob.token);
    expect(listed).toEqual([first, second].map(({ secret, ...shown }) => shown));
    const rows = await accounts.db.selectFrom('accounts.api_keys').selectAll().execute();
    for (const row of rows) expect(row.sealed_secret!.includes(first.secret)).toBe(false);
    const sealed = rows.find((row) => row.api_key === second.apiKey)!.sealed_secret!;
    expect(openSecret(accounts.encryptionKey, second.apiKey, sealed)).toBe(second.secret);
    expect(() => openSecret(accounts.encryptionKey, first.apiKey, sealed)).toThrow('does not open');
  });

  it('is listed and revoked by its owner alone', async () => {
    const { id, apiKey } = (await create(alice.token, { label: 'mine' })).json;
    expect(JSON.stringify(await list(bob.token))).not.toContain(apiKey);
    expect(await revoke(bob.token, id)).toMatchObject({ status: 404, json: { code: 'UNKNOWN_API_KEY' } });
    expect(JSON.stringify(await list(alice.token))).toContain(apiKey);
    expect(await revoke(alice.token, id)).toMatchObject({ status: 204, text: '' });
    expect(JSON.stringify(await list(alice.token))).not.toContain(apiKey);
    expect(await new ApiKeys(accounts.db, accounts.encryptionKey).find(apiKey)).toBeUndefined();
    expect((await revoke(alice.token, id)).status).toBe(404);
    const row = await accounts.db
      .selectFrom('accounts.api_keys')
      .select('revoked_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(Math.abs(row.revoked_at! - Date.now() * 1_000)).toBeLessThan(60_000_000);
  });

  it.each([
    ['ED25519', generateKeyPairSync('ed25519').publicKey],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
  ])('of %s has the public key that its owner brings, and no secret', async (type, key) => {
    const publicKey = key.export({ type: 'spki', format: 'pem' }).toString();
    const windows = publicKey.trim().replaceAll('\n', '\r\n');
    const { status, json } = await create(alice.token, { label: 'mine', type, publicKey: windows });
    expect(status).toBe(201);
    expect(json).toMatchObject({ type, publicKey, apiKey: expect.stringMatching(/^[A-Za-z0-9]{64}$/) });
    expect(json).not.toHaveProperty('secret');
    const found = await new ApiKeys(accounts.db, accounts.encryptionKey).find(json.apiKey);
    expect(found!.verifier.export({ type: 'spki', format: 'pem' })).toBe(publicKey);
    expect(await list(alice.token)).toContainEqual(json);
  });

  it.each(['0', '-1', '1.5', '1e3', 'x', '999999999999999', '9999999999999999999999', '%00', "1'--"])(
    'does not exist as %s',
    async (id) => {
      expect(await revoke(alice.token, id)).toMatchObject({ status: 404, json: { code: 'UNKNOWN_API_KEY' } });
    },
  );

  it.each([
    [{}, 'label must be given.'],
    [{ label: '' }, 'label must not be empty.'],
    [{ label: '  ' }, 'label must not be empty.'],
    [{ label: 'x'.repeat(65) }, 'label must have at most 64 characters.'],
    [{ label: 'a\u0000b' }, 'label must not have control characters.'],
    [{ label: '\ud800' }, 'label must not have control characters.'],
    [{ label: 'x', canTrade: 'true' }, 'canTrade must be true or false.'],
    [{ label: 'x', type: 'DSA' }, 'type must be HMAC, ED25519 or RSA.'],
    [{ label: 'x', type: 'RSA' }, 'publicKey must be given for RSA.'],
    [{ label: 'x', publicKey: publicPem('ed25519') }, 'publicKey is not for HMAC: leave it out.'],
    [{ label: 'x', type: 'RSA', publicKey: publicPem('ed25519') }, 'publicKey is not a key of RSA.'],
    [{ label: 'x', type: 'ED25519', publicKey: publicPem('x25519') }, 'publicKey is not a key of ED25519.'],
    [
      { label: 'x', type: 'RSA', publicKey: publicPem('rsa', 1024) },
      'publicKey must have from 2048 to 4096 bits.',
    ],
    [
      { label: 'x', type: 'ED25519', publicKey: 'MCowBQYDK2VwAyEA' },
      'publicKey must be a PEM text from -----BEGIN PUBLIC KEY----- on.',
    ],
    [
      {
        label: 'x',
        type: 'ED25519',
        publicKey: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw\n-----END PUBLIC KEY-----',
      },
      'publicKey is no public key: copy the whole PEM text.',
    ],
    [
      {
        label: 'x',
        type: 'ED25519',
        publicKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
      'publicKey is a private key, which is no longer secret now: make a new pair, send the public half.',
    ],
    [{ label: 'x', ipAllowList: '192.0.2.1' }, 'ipAllowList must be a list.'],
    [
      { label: 'x', ipAllowList: ['192.0.2.1', 'localhost'] },
      'ipAllowList.1 is no IP address or network, such as 192.0.2.7 or 2001:db8::/32.',
    ],
    [{ label: 'x', ipAllowList: ['0.0.0.0/0'] }, 'ipAllowList.0 must have a prefix from /8 to /32.'],
    [
      { label: 'x', ipAllowList: Array.from({ length: 31 }, (_, n) => `192.0.2.${n}`) },
      'ipAllowList must have at most 30 entries.',
    ],
    [{ label: 'x', canWithdraw: true }, 'ipAllowList must name the addresses that may withdraw.'],
  ])('is refused for %j', async (body, message) => {
    const { status, json } = await create(alice.token, body);
    expect({ status, json }).toMatchObject({ status: 400, json: { code: 'INVALID_FIELD', message } });
  });

  it('is refused past thirty, also when many are made at once, until one is revoked', async () => {
    const { token } = await accounts.newUser('keen@example.com');
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, n) => create(token, { label: `k${n}` })),
    );
    const made = replies.filter(({ status }) => status === 201);
    expect(made).toHaveLength(30);
    expect(replies.find(({ status }) => status !== 201)).toMatchObject({
      status: 409,
      json: { code: 'TOO_MANY_API_KEYS', message: 'There are 30 API keys already: revoke one first.' },
    });
    await revoke(token, made[0]!.json.id);
    expect((await create(token, { label: 'again' })).status).toBe(201);
  });
});
