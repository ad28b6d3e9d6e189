import { z } from 'zod';
import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  RELEASES: {
    type: 'json',
    doc: 'what must be answered, by cluster and service, as {"crossbook-dev-orders": {"url": "http://host:9081", "health": "/health", "others": []}}',
  },
});

/** Of the hook for the authorizer. */
export const authorizerConfig = defineConfig({
  NEW_VERSION: { type: 'text', doc: 'the ARN of the version that is to be released' },
});

const release = z.strictObject({
  /** Where a release's tasks answer before anybody else reaches them. */
  url: z.url(),
  /** The path at which they say that they are healthy. */
  health: z.string(),
  /** Further paths, which they must answer with anything but an error of their own. */
  others: z.array(z.string()),
});

export type Release = z.infer<typeof release>;

/** By cluster and service, which is the name of a deployment group too. */
export const releases = z.record(z.string(), release);
