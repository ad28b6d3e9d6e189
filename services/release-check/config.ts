import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  TEST_URLS: {
    type: 'json',
    doc: 'where the test port of each service is, as {"orders": "http://host:9081"}',
  },
});
