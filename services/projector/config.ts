import { defineConfig } from '#platform/env.ts';

const tables = {
  MARKET_DATA_TABLE: { type: 'text', doc: 'the DynamoDB table of klines' },
  TRANSACTION_HISTORY_TABLE: { type: 'text', doc: 'the DynamoDB table of what happened to accounts' },
  DYNAMODB_ENDPOINT: {
    type: 'text',
    default: '',
    doc: 'where DynamoDB answers; empty for AWS, in the region of the process',
  },
} as const;

const journal = {
  ENGINE_URL: {
    type: 'url',
    doc: "the engine's WebSocket, the source of committed events, as ws://host:port",
  },
  DATABASE_URL: {
    type: 'url',
    doc: 'PostgreSQL with the read models',
  },
} as const;

/** The task that keeps the read models in PostgreSQL. */
export const config = defineConfig({
  PORT: { type: 'port', default: '8080', doc: 'the port of the health check' },
  ...journal,
});

/** The function that keeps the tables in DynamoDB. */
export const functionConfig = defineConfig({
  ...tables,
  DEAD_LETTERS_URL: { type: 'url', doc: 'the queue that names records which nobody can read' },
});

/** What builds both anew. */
export const rebuildConfig = defineConfig({ ...journal, ...tables });
