/** One suite over both stores: whatever the accounts service believes of a store is true of each. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { migrate } from '#platform/postgres.ts';
import { DynamoSessions } from '#platform/sessions/dynamo-sessions.ts';
import { PostgresSessions } from '#platform/sessions/postgres-sessions.ts';
import type { Session, SessionStore } from '#platform/sessions/session-store.ts';
import { migrations } from '#services/accounts/migrations.ts';
import { createSessionsTable, type LocalDynamo, startDynamo } from '#services/local/dynamo.ts';
import { type TestDatabase, testDatabase } from '#test/support/postgres.ts';

const TABLE = 'sessions-of-a-test';
let database: TestDatabase;
let dynamo: LocalDynamo;
const stores: Partial<Record<'DynamoDB' | 'PostgreSQL', SessionStore>> = {};

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.db, 'accounts', migrations);
  dynamo = await startDynamo();
  await createSessionsTable(dynamo.endpoint, TABLE);
  stores.PostgreSQL = new PostgresSessions(database.db);
  stores.DynamoDB = new DynamoSessions(TABLE, dynamo.endpoint);
});
afterAll(async () => {
  await stores.DynamoDB?.close();
  await dynamo?.close();
  await database?.drop();
});

const us = (value: number) => value as TimeUs;
let accounts = 0;
const newAccount = () => ++accounts as AccountId;
const session = (account: AccountId, id: string, changes: Partial<Session> = {}): Session => ({
  account,
  id,
  securityEpoch: 3,
  refreshHash: 'first',
  createdAt: us(1_700_000_000_000_001),
  refreshedAt: us(1_700_000_000_000_002),
  expiresAt: us(1_800_000_000_000_003),
  otpAt: null,
  address: '192.0.2.1',
  userAgent: 'a browser',
  ...changes,
});
const client = { address: '192.0.2.2', userAgent: '' };

describe.each(['DynamoDB', 'PostgreSQL'] as const)('sessions in %s', (name) => {
  const store = () => stores[name]!;

  it('come back as they went in, to the microsecond', async () => {
    const account = newAccount();
    const first = session(account, 'first');
    const second = session(account, 'second', { otpAt: us(1_700_000_000_000_009), userAgent: '' });
    await store().add(first);
    await store().add(second);
    expect(await store().find(account, 'first')).toEqual(first);
    expect(await store().find(account, 'second')).toEqual(second);
    expect((await store().ofAccount(account)).sort((a, b) => a.id.localeCompare(b.id))).toEqual([
      first,
      second,
    ]);
  });

  it('are found with their own account alone', async () => {
    const [mine, other] = [newAccount(), newAccount()];
    await store().add(session(mine, 'same'));
    expect(await store().find(other, 'same')).toBeUndefined();
    expect(await store().ofAccount(other)).toEqual([]);
    expect(await store().remove(other, 'same')).toBe(false);
    expect(await store().find(mine, 'same')).toBeDefined();
  });

  it('take the next hash once, though many bring it at the same time', async () => {
    const account = newAccount();
    const stored = session(account, 'id');
    await store().add(stored);
    const at = us(1_700_000_000_000_100);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store().rotate(stored, `next ${n}`, at, client)),
    );
    const rotated = results.filter((result) => result !== undefined);
    expect(rotated).toHaveLength(1);
    expect(rotated[0]).toEqual({
      ...stored,
      refreshHash: rotated[0]!.refreshHash,
      refreshedAt: at,
      ...client,
    });
    expect(await store().find(account, 'id')).toEqual(rotated[0]);
  });

  it('do not come to life again when they are changed after their end', async () => {
    const account = newAccount();
    const stored = session(account, 'id');
    await store().add(stored);
    expect(await store().setOtpAt(account, 'id', us(5))).toEqual({ ...stored, otpAt: 5 });
    expect(await store().remove(account, 'id')).toBe(true);
    expect(await store().remove(account, 'id')).toBe(false);
    expect(await store().setOtpAt(account, 'id', us(6))).toBeUndefined();
    expect(await store().rotate(stored, 'next', us(6), client)).toBeUndefined();
    expect(await store().find(account, 'id')).toBeUndefined();
    expect(await store().ofAccount(account)).toEqual([]);
  });
});

it('tells DynamoDB the second from which it may delete', async () => {
  const account = newAccount();
  await stores.DynamoDB!.add(session(account, 'id'));
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const raw = new DynamoDBClient({ endpoint: dynamo.endpoint, region: 'local', credentials });
  const Key = { account_id: { N: String(account) }, session_id: { S: 'id' } };
  const { Item } = await raw.send(new GetItemCommand({ TableName: TABLE, Key }));
  raw.destroy();
  expect(Item!.expires_at_seconds).toEqual({ N: '1800000001' });
});

it('has DynamoDB take a hash that was sent again after its answer was lost', async () => {
  const stored = session(newAccount(), 'id');
  await stores.DynamoDB!.add(stored);
  const rotate = (to: string) => stores.DynamoDB!.rotate(stored, to, us(6), client);
  expect(await rotate('next')).toMatchObject({ refreshHash: 'next' });
  expect(await rotate('next')).toMatchObject({ refreshHash: 'next' });
  expect(await rotate('another')).toBeUndefined();
});

it('leaves none behind in PostgreSQL, which deletes nothing by itself', async () => {
  const account = newAccount();
  await stores.PostgreSQL!.add(session(account, 'old', { expiresAt: us(2) }));
  await stores.PostgreSQL!.add(session(account, 'new', { createdAt: us(3) }));
  expect((await stores.PostgreSQL!.ofAccount(account)).map(({ id }) => id)).toEqual(['new']);
});
