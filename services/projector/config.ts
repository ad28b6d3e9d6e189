import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  PORT: { type: 'port', default: '8080', doc: 'the port of the health check' },
  ENGINE_URL: {
    type: 'url',
    doc: "the engine's WebSocket, the source of committed events, as ws://host:port",
  },
  DATABASE_URL: {
    type: 'url',
    doc: 'PostgreSQL with the read models',
  },
});
