import { defineConfig } from '#platform/env.ts';
import { tracingVariables } from '#platform/tracing.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  DATABASE_URL: {
    type: 'url',
    secret: true,
    doc: 'PostgreSQL with users and API keys',
  },
  API_KEY_ENCRYPTION_KEY: {
    type: 'text',
    secret: true,
    doc: 'AES-256 key of the API secrets, 64 hex digits',
  },
  TOKEN_SIGNING_KEY: {
    type: 'text',
    secret: true,
    doc: 'Ed25519 private key of access tokens, PKCS#8 PEM',
  },
  TOKEN_ISSUER: {
    type: 'url',
    doc: 'the `iss` of access tokens: the public base URL',
  },
  REDIS_URL: {
    type: 'text',
    default: '',
    doc: 'Redis for the limits on log-in; empty counts in this process',
  },
  TOKEN_LIFETIME: {
    type: 'duration',
    default: '900000',
    doc: 'how long an access token lives',
  },
  TRUSTED_HOPS: {
    type: 'integer',
    default: '0',
    doc: 'load balancers in front of this service, whose X-Forwarded-For counts',
  },
  ...tracingVariables,
});
