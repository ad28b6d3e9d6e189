/** Random requests on every route, by people who may: whatever comes, the service refuses it and stays as it was. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Routes } from '#platform/routes.ts';
import { routes } from '#services/accounts/routes.ts';
import { ADMIN_EMAIL, type EnrolledUser, startTestAccounts, type TestAccounts } from './accounts-service.ts';

const REQUESTS = Number(process.env.CROSSBOOK_SEEDS ?? 1_500);
const seed = Number(process.env.CROSSBOOK_SEED ?? Math.floor(Math.random() * 2 ** 31));

let accounts: TestAccounts;
let admin: EnrolledUser;
beforeAll(async () => {
  accounts = await startTestAccounts();
  admin = await accounts.enrolledUser(ADMIN_EMAIL);
}, 60_000);
afterAll(() => accounts.close());

const FIELDS = [
  'email',
  'password',
  'code',
  'token',
  'refreshToken',
  'label',
  'type',
  'publicKey',
  'reason',
  'role',
];
const more = [
  'currentPassword',
  'canTrade',
  'canWithdraw',
  'ipAllowList',
  'constructor',
  '__proto__',
  'toString',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\u0000', '\ud800', "'; drop table x--", 'a@b.co', '1e400', '-0', 'NaN', 'x'.repeat(3_000)),
);
const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.array(text, { maxLength: 40 }));
const body = fc.dictionary(fc.constantFrom(...FIELDS, ...more), value, { maxKeys: 5 });
const request = fc.record({
  name: fc.constantFrom(...(Object.keys(routes) as (keyof typeof routes)[])),
  id: fc.oneof(fc.constantFrom('1', '0', '9'.repeat(15), '9'.repeat(40)), text),
  query: fc.option(fc.dictionary(fc.constantFrom('before', 'limit', 'after', 'email', 'x'), text)),
  sent: fc.oneof(
    body.map((object) => JSON.stringify(object)),
    text,
  ),
});

it(`refuses malformed requests without a failure of its own (seed ${seed})`, async () => {
  const users = () =>
    accounts.db.selectFrom('accounts.users').select(['email', 'role', 'frozen_at']).execute();
  const before = await users();
  let requests = 0;
  const counts = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ name, id, query, sent }) => {
      const { method, path }: Routes[string] = routes[name];
      // These are in order as they are, without anything that could be malformed.
      if (name === 'endAllSessions' || name === 'logOut') return;
      const url = path.replace(':id', encodeURIComponent(id.toWellFormed()));
      const search = query === null ? '' : `?${new URLSearchParams(query)}`;
      const reply = await accounts.call(method, url + search, {
        token: admin.token,
        ...(method === 'GET' ? {} : { rawBody: sent }),
        address: `2001:db8:4:${(requests++).toString(16)}::1`,
      });
      counts.set(reply.status, (counts.get(reply.status) ?? 0) + 1);
      expect(reply.status).toBeLessThan(500);
    }),
    { numRuns: REQUESTS, seed },
  );
  expect(await users()).toEqual(before);
  // Had all been refused for one reason, little would have been tried.
  expect((counts.get(400) ?? 0) / REQUESTS).toBeGreaterThan(0.5);
  expect((counts.get(401) ?? 0) / REQUESTS).toBeLessThan(0.1);
}, 600_000);
