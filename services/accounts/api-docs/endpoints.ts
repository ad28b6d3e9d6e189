/** The description of the API, for people and for tools. */
import { type AccountsDeps, open } from '../endpoint.ts';
import { type Description, readDescription } from './description.ts';
import { CONTENT_SECURITY_POLICY, pageOf } from './page.ts';

/** A release changes it, and nothing else does. */
const CACHED = { 'Cache-Control': 'public, max-age=300' };

export async function docsEndpoints(deps: AccountsDeps) {
  const description = await readDescription();
  const page = pageOf(JSON.parse(description) as Description);
  return {
    docs: open(deps, 'docs', () => ({
      text: page,
      headers: {
        ...CACHED,
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      },
    })),
    openapi: open(deps, 'openapi', () => ({
      text: description,
      headers: { ...CACHED, 'Content-Type': 'application/json' },
    })),
  };
}
