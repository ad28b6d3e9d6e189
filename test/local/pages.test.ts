/** The trading screen as `npm start` serves it, without the exchange behind it. */
import { expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { servePages } from '#services/local/pages.ts';
import { securityHeaders } from '#services/web/headers.ts';

const app = new Hono();
servePages(app);
const headersOf = ({ headers }: Response) => Object.fromEntries(headers);
const lowered = Object.fromEntries(
  Object.entries(securityHeaders(['ws://localhost'])).map(([name, value]) => [name.toLowerCase(), value]),
);

it('answers every path of its own with the one page, and what CloudFront sends with it', async () => {
  for (const path of ['/', '/trade/BTCUSDT', '/verify-email', '/v1.2/about']) {
    const answer = await app.request(path);
    expect([path, answer.status, await answer.text()]).toEqual([
      path,
      200,
      expect.stringContaining('<title>Crossbook</title>'),
    ]);
    expect(headersOf(answer)).toMatchObject({ ...lowered, 'cache-control': 'no-cache' });
  }
});

it('serves the files that the page names, for browsers to keep for ever', async () => {
  const page = await (await app.request('/')).text();
  const named = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(2);
  for (const path of named) {
    const answer = await app.request(path);
    expect(answer.status).toBe(200);
    expect(headersOf(answer)).toMatchObject({
      ...lowered,
      'content-type': expect.stringMatching(/^(text\/javascript|text\/css|image\/svg\+xml)/),
      'cache-control': 'public, max-age=31536000, immutable',
    });
  }
});

it('takes no path of the API for a page of its own, and no file for the page', async () => {
  for (const path of [
    '/api/v3/nothing',
    '/api',
    '/sapi/v1/x',
    '/ws',
    '/ws/btcusdt@trade',
    '/stream',
    '/assets/x.js',
  ])
    expect([path, (await app.request(path)).status]).toEqual([path, 404]);
});
