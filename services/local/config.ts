import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  PORT: { type: 'port', default: '8080', doc: 'the port of the whole exchange; 0 takes a free one' },
  HOST: {
    type: 'text',
    default: '127.0.0.1',
    doc: 'the address to listen on; 0.0.0.0 lets other machines in',
  },
  DATA_DIR: { type: 'text', default: '.data', doc: 'the folder that keeps everything between starts' },
  DATABASE_URL: { type: 'text', default: '', doc: 'a PostgreSQL to use instead of the embedded one' },
  REDIS_URL: { type: 'text', default: '', doc: 'a Redis to use instead of the one on the PATH' },
  PATH: { type: 'text', default: '', doc: 'where a Redis or Valkey server is looked for' },
  MARKET_MAKERS: { type: 'text', default: 'on', doc: '`off` leaves the books to you' },
  REQUEST_WEIGHT_PER_MINUTE: { type: 'integer', default: '6000', doc: 'request weight an address may use' },
  CONNECTIONS_PER_5_MINUTES: {
    type: 'integer',
    default: '300',
    doc: 'stream connections an address may open in five minutes',
  },
  ORDERS_PER_10_SECONDS: {
    type: 'integer',
    default: '50',
    doc: 'orders an account may place in ten seconds',
  },
  ORDERS_PER_DAY: { type: 'integer', default: '160000', doc: 'orders an account may place in a day' },
});
