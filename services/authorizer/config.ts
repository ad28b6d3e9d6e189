import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  JWKS_URL: { type: 'url', doc: 'the key set of accounts: http://host:port/.well-known/jwks.json' },
  TOKEN_ISSUER: { type: 'url', doc: 'the `iss` of access tokens: the public base URL' },
});
