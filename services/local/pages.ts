/** Serves the trading screen as CloudFront does: the same files, the same headers, the one page for every path of its own. */
import type { Hono } from 'hono';
import type { WebBundle } from '#services/web/bundle.ts';
import { securityHeaders } from '#services/web/headers.ts';

/** What belongs to the API answers in its own words, also where there is nothing. */
const NOT_PAGES = /^\/(api|sapi|ws|ws-api|stream)(\/|$)/;

/** Paths that nothing else has taken. */
export function servePages(app: Hono): void {
  let bundle: Promise<WebBundle> | undefined;
  app.get('*', async (context, next) => {
    const { pathname, host } = new URL(context.req.url);
    if (NOT_PAGES.test(pathname)) return next();
    bundle ??= makeBundle().catch((error: unknown) => {
      bundle = undefined;
      throw error;
    });
    const headers = securityHeaders([`ws://${host}`]);
    const isFile = pathname.split('/').at(-1)?.includes('.');
    const file = (await bundle).get(isFile ? pathname.slice(1) : 'index.html');
    if (file === undefined) return context.text('There is no such file.', 404, headers);
    const { content, contentType, cacheControl } = file;
    return context.body(Uint8Array.from(content), 200, {
      ...headers,
      'Content-Type': contentType,
      'Cache-Control': cacheControl,
    });
  });
}

/** When the first page is asked for, so that the start need not wait for a compiler that bots have no use for. */
async function makeBundle(): Promise<WebBundle> {
  const { bundleScreen } = await import('#services/web/bundle.ts');
  return bundleScreen();
}
