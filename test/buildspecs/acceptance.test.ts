import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ExchangeProcess, emptyDataDirectory, startExchange } from '#test/support/exchange-process.ts';
import { type Answer, removeCheckouts, runBuildspec } from './run-buildspec.ts';

let dataDirectory: string;
let exchange: ExchangeProcess;

beforeAll(async () => {
  dataDirectory = await emptyDataDirectory();
  exchange = await startExchange(dataDirectory, { MARKET_MAKERS: 'off' });
}, 90_000);

afterAll(async () => {
  removeCheckouts();
  await exchange?.kill();
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
});

const accept = (key: { readonly apiKey: string; readonly secret: string }) => {
  const secret: Answer = {
    to: 'aws secretsmanager get-secret-value --secret-id crossbook/staging/canary-key --profile environment',
    output: { SecretString: JSON.stringify(key) },
  };
  const variables = {
    ENVIRONMENT: 'staging',
    EXCHANGE_URL: exchange.client.baseUrl,
    ENVIRONMENT_ROLE: 'arn:aws:iam::222222222222:role/crossbook-staging-release',
    ENVIRONMENT_REGION: 'eu-central-1',
  };
  return runBuildspec('acceptance.yml', variables, [{ to: 'aws configure' }, secret]);
};

it('trades on the exchange at the URL, with the key from the environment’s secret', async () => {
  const { exitCode, output } = await accept(exchange.client);
  expect([exitCode, output]).toEqual([0, expect.stringMatching(/\d+ passed, 0 failed, 0 skipped/)]);
}, 120_000);

it('fails when the exchange does not do what it should, and shows no secret', async () => {
  const { exitCode, output } = await accept({ ...exchange.client, secret: 'not-the-secret' });
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/[1-9]\d* failed/);
  expect(output).not.toContain(exchange.client.secret);
}, 120_000);
