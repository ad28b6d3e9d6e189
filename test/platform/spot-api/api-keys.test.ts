import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { TimeUs } from '#domain/ids.ts';
import { sealingKey, sealSecret } from '#platform/sealed-secret.ts';
import { ApiKeys } from '#platform/spot-api/api-keys.ts';
import { createTables } from '#test/orders/history.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const key = sealingKey('ab'.repeat(32));
let database: TestDatabase;
let keys: ApiKeys;

beforeAll(async () => {
  database = await testDatabase();
  await createTables(database.db);
  await database.db
    .insertInto('accounts.users')
    .values({ email: 'alice@example.com', password_hash: '', created_at: 0 as TimeUs })
    .execute();
});
afterAll(() => database.drop());
beforeEach(() => {
  keys = new ApiKeys(database.db, key);
});

async function insert(apiKey: string, sealedFor = apiKey): Promise<void> {
  const { account_id } = await database.db
    .selectFrom('accounts.users')
    .select('account_id')
    .executeTakeFirstOrThrow();
  await database.db
    .insertInto('accounts.api_keys')
    .values({
      account_id,
      label: '',
      api_key: apiKey,
      sealed_secret: sealSecret(key, sealedFor, 'secret'),
      can_trade: true,
      created_at: 0 as TimeUs,
      revoked_at: null,
    })
    .execute();
}
const revoke = (apiKey: string) =>
  database.db
    .updateTable('accounts.api_keys')
    .set({ revoked_at: 1 as TimeUs })
    .where('api_key', '=', apiKey)
    .execute();

it('finds a key with its account, its right and a secret to sign with', async () => {
  await insert('found');
  const found = (await keys.find('found'))!;
  expect(found).toMatchObject({ account: 1, canTrade: true });
  const sign = (secret: Parameters<typeof createHmac>[1]) =>
    createHmac('sha256', secret).update('x').digest('hex');
  expect(sign(found.verifier)).toBe(sign('secret'));
});

it('finds a key as soon as it exists, though it was asked for before', async () => {
  expect(await keys.find('later')).toBeUndefined();
  await insert('later');
  expect(await keys.find('later')).toBeDefined();
});

it('reads a key once for all who ask at once, and then not for a moment', async () => {
  await insert('kept');
  const [first, second] = await Promise.all([keys.find('kept'), keys.find('kept')]);
  expect(first).toBe(second);
  expect(await keys.find('kept')).toBe(first);
});

it('forgets a revoked key within five seconds', async () => {
  await insert('revoked');
  expect(await keys.find('revoked')).toBeDefined();
  await revoke('revoked');
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 5_000);
  expect(await keys.find('revoked')).toBeUndefined();
  clock.mockRestore();
});

it('does not open a secret that was moved here from another key', async () => {
  await insert('moved', 'elsewhere');
  await expect(keys.find('moved')).rejects.toThrow('does not open');
  // The failure is not kept either.
  await expect(keys.find('moved')).rejects.toThrow('does not open');
});
