import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  EXCHANGE_URL: { type: 'url', doc: 'where people reach the exchange, as https://host' },
  SYMBOL: { type: 'text', default: 'BTCUSDT', doc: 'the market that the canary trades on' },
  KEY_SECRET: {
    type: 'text',
    doc: 'the name in Secrets Manager of its API key, which may trade: {"apiKey": "…", "secret": "…"}',
  },
  LATENCY_MAX: {
    type: 'duration',
    default: '2000',
    doc: 'how long one request may take before the run counts as failed',
  },
});
