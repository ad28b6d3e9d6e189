import { defineConfig } from '#platform/env.ts';
import { tracingVariables } from '#platform/tracing.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  ENGINE_URL: {
    type: 'url',
    doc: "the engine's WebSocket, for book snapshots, as ws://host:port",
  },
  ORDERS_URL: {
    type: 'url',
    doc: 'where orders is reached from inside, as http://host:port: what listen keys stand for is asked for there',
  },
  DATABASE_URL: {
    type: 'url',
    doc: 'PostgreSQL with trades and candles',
  },
  MARKET_DATA_TABLE: {
    type: 'text',
    doc: 'the DynamoDB table of klines',
  },
  DYNAMODB_ENDPOINT: {
    type: 'text',
    default: '',
    doc: 'where DynamoDB answers; empty for AWS, in the region of the process',
  },
  REDIS_URL: {
    type: 'text',
    default: '',
    doc: 'Redis for the feed and the limits; empty keeps both in this process',
  },
  REQUEST_WEIGHT_PER_MINUTE: {
    type: 'integer',
    default: '6000',
    doc: 'request weight an address may use in a minute',
  },
  CONNECTIONS_PER_5_MINUTES: {
    type: 'integer',
    default: '300',
    doc: 'stream connections an address may open in five minutes',
  },
  ORDERS_PER_10_SECONDS: {
    type: 'integer',
    default: '50',
    doc: 'orders an account may place in ten seconds, as the orders service has it, to be told to clients',
  },
  ORDERS_PER_DAY: {
    type: 'integer',
    default: '160000',
    doc: 'orders an account may place in a day, as the orders service has it, to be told to clients',
  },
  TRUSTED_HOPS: {
    type: 'integer',
    default: '0',
    doc: 'load balancers in front of this service, whose X-Forwarded-For counts',
  },
  ...tracingVariables,
});
