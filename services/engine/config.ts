import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  DATABASE_URL: {
    type: 'url',
    secret: true,
    doc: 'PostgreSQL with the journal, as postgres://user:password@host/db',
  },
  REDIS_URL: {
    type: 'text',
    default: '',
    doc: 'Redis for the real-time feed; empty keeps the feed in this process',
  },
  MARKETS: {
    type: 'json',
    doc: 'the assets and markets to list, as environments/markets.ts has them',
  },
  BATCH_COMMANDS_MAX: {
    type: 'integer',
    default: '1024',
    doc: 'most commands in one journal transaction',
  },
});
