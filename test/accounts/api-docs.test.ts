/** The description of the API: made of what validates, true of what is mounted, and shown without anything from elsewhere. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { DESCRIPTION_FILE } from '#services/accounts/api-docs/description.ts';
import { describe } from '#services/local/openapi/describe.ts';
import { describedServices } from '#services/local/openapi/services.ts';
import { requireDescribed } from '#test/support/described-answers.ts';
import { routesOf } from '#test/support/people-exchange.ts';
import { startTestAccounts, type TestAccounts } from './accounts-service.ts';

let accounts: TestAccounts;
beforeAll(async () => {
  accounts = await startTestAccounts({ sessions: 'PostgreSQL' });
});
afterAll(() => accounts.close());

type Operations = Readonly<
  Record<string, Readonly<Record<string, { operationId: string; security: object[] }>>>
>;

it('is what the schemas say now: after a change, npm run openapi writes it anew', async () => {
  const made = JSON.parse(JSON.stringify(await describe(describedServices)));
  expect(JSON.parse(await readFile(DESCRIPTION_FILE, 'utf8'))).toEqual(made);
});

it('is valid OpenAPI 3.1, with every reference resolved and every operation named once', async () => {
  const description = JSON.parse(await readFile(DESCRIPTION_FILE, 'utf8'));
  const validator = new Validator();
  expect(await validator.validate(structuredClone(description))).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  validator.resolveRefs();
  const ids = Object.values(description.paths as Operations)
    .flatMap((methods) => Object.values(methods))
    .map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

it('says of each route of people what its answer has, and tests notice what it does not say', async () => {
  const { paths } = JSON.parse(await readFile(DESCRIPTION_FILE, 'utf8'));
  const { schema } = paths['/api/users/me'].get.responses['2XX'].content['application/json'];
  const me = (await accounts.newUser('me@example.com')).token;
  const { json } = await accounts.call('GET', '/api/users/me', { token: me });
  expect(Object.keys(schema.properties)).toEqual(Object.keys(json));
  const check = (answer: unknown) => () => requireDescribed('accounts', 'GET', '/api/users/me', 200, answer);
  expect(check(json)).not.toThrow();
  const { role, ...fewer } = json;
  for (const other of [fewer, { ...json, more: 1 }, { ...json, role: 'king' }, [json], null])
    expect(check(other)).toThrow('me of accounts');
  expect(() => requireDescribed('accounts', 'POST', '/api/users/me/logout', 200, {})).toThrow(
    'nothing describes',
  );
});

it('has every route that answers, and says of each what proof it asks for', async () => {
  const { paths } = JSON.parse(await readFile(DESCRIPTION_FILE, 'utf8')) as { paths: Operations };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { security }]) => `${method} ${path} ${security.flatMap((one) => Object.keys(one))}`,
    ),
  );
  const proofs = { NONE: '', JWT: 'accessToken' } as Readonly<Record<string, string>>;
  const mounted = Object.values(routesOf)
    .flatMap((routes) => Object.values(routes))
    .filter((route) => !('upgrade' in route))
    .map(
      ({ method, path, security }) =>
        `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${proofs[security] ?? 'apiKey,signature'}`,
    );
  expect(described.sort()).toEqual(mounted.sort());
});

it('is served for tools as it is, and for people as a page that loads and runs nothing', async () => {
  const forTools = await accounts.app.request('/api/docs/openapi.json');
  expect(forTools.headers.get('content-type')).toBe('application/json');
  expect(await forTools.text()).toBe(await readFile(DESCRIPTION_FILE, 'utf8'));

  const page = await accounts.app.request('/api/docs');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const html = await page.text();
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(html).not.toMatch(/<script|<link|<img|<iframe|\bstyle=|\bon\w+=|src=|@import|url\(/);
  for (const { path } of Object.values(routesOf).flatMap((routes) => Object.values(routes)))
    if (!path.startsWith('/ws') && path !== '/stream')
      expect(html).toContain(`<code>${path.replaceAll(/:(\w+)/g, '{$1}')}</code>`);
});
