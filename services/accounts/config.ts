import { defineConfig } from '#platform/env.ts';
import { sessionVariables } from '#platform/sessions/open-sessions.ts';
import { tracingVariables } from '#platform/tracing.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  DATABASE_URL: {
    type: 'url',
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
  /** Both sign and verify at once while keys are rolled: see the runbook. */
  TOKEN_OTHER_PUBLIC_KEY: {
    type: 'text',
    default: '',
    doc: 'Ed25519 public key, SPKI PEM, that is accepted too: the next or the last signing key; empty for none',
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
  SESSION_LIFETIME: {
    type: 'duration',
    default: '2592000000',
    doc: 'how long a session lives, however often it is refreshed',
  },
  MAIL_FROM: {
    type: 'text',
    default: '',
    doc: 'sender of mails, verified at SES; empty sends none',
  },
  EXCHANGE_NAME: {
    type: 'text',
    default: 'Crossbook',
    doc: 'what authenticator apps call this exchange',
  },
  ADMIN_EMAIL: {
    type: 'text',
    default: '',
    doc: 'the user of this address is an admin once it is confirmed; empty for nobody',
  },
  TRUSTED_HOPS: {
    type: 'integer',
    default: '0',
    doc: 'load balancers in front of this service, whose X-Forwarded-For counts',
  },
  ...sessionVariables,
  ...tracingVariables,
});
