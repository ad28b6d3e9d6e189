/** The exchange that the acceptance tests trade on: one that is deployed, or one that is started for them. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type ClientFile, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';

export interface ExchangeUnderTest {
  readonly client: ClientFile;
  close(): Promise<void>;
}

/** ACCEPTANCE_CLIENT names a file like a data directory's `client.json`: addresses and the key of a funded account. */
export async function exchangeUnderTest(): Promise<ExchangeUnderTest> {
  const file = process.env.ACCEPTANCE_CLIENT;
  if (file !== undefined)
    return { client: JSON.parse(readFileSync(file, 'utf8')) as ClientFile, close: async () => {} };
  const dataDirectory = await emptyDataDirectory();
  const exchange = await startExchange(dataDirectory);
  return {
    client: exchange.client,
    close: async () => {
      await exchange.kill();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
