import { defineConfig } from '#platform/env.ts';
import { recognitionVariables } from '#platform/people-api/recognition.ts';
import { signedEndpointVariables } from '#platform/spot-api/signed-endpoint.ts';
import { tracingVariables } from '#platform/tracing.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  ENGINE_URL: { type: 'url', doc: "the engine's WebSocket, as ws://host:port" },
  MARKET_DATA_URL: {
    type: 'url',
    doc: 'the market-data service as it is reached from inside, for the WebSocket API, as http://host:port',
  },
  DATABASE_URL: {
    type: 'url',
    doc: 'PostgreSQL with API keys, orders and trades',
  },
  TRANSACTION_HISTORY_TABLE: { type: 'text', doc: 'the DynamoDB table of what happened to accounts' },
  CONNECTIONS_PER_5_MINUTES: {
    type: 'integer',
    default: '300',
    doc: 'connections to the WebSocket API an address may open in five minutes',
  },
  ORDERS_PER_10_SECONDS: {
    type: 'integer',
    default: '50',
    doc: 'orders an account may place in ten seconds',
  },
  ORDERS_PER_DAY: {
    type: 'integer',
    default: '160000',
    doc: 'orders an account may place in a day',
  },
  TRUSTED_HOPS: {
    type: 'integer',
    default: '0',
    doc: 'load balancers in front of this service, whose X-Forwarded-For counts',
  },
  ...signedEndpointVariables,
  ...recognitionVariables,
  ...tracingVariables,
});
