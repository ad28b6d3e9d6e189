/** The synthetic trader as CloudWatch Synthetics runs it: a run fails when it throws. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readConfig } from '#platform/env.ts';
import { config } from './config.ts';
import { type ApiKey, ExchangeClient } from './exchange-client.ts';
import { type Latencies, tradeOnce } from './trade-once.ts';

/** What it returns goes into the log of the run. */
export async function handler(): Promise<Latencies> {
  const values = readConfig(config);
  const client = new ExchangeClient(values.EXCHANGE_URL, await readKey(values.KEY_SECRET));
  return tradeOnce(client, { symbol: values.SYMBOL, latencyMsMax: values.LATENCY_MAX });
}

/** Read at each run, so that a new key is used at once. */
async function readKey(name: string): Promise<ApiKey> {
  const secrets = new SecretsManagerClient();
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
  const { apiKey, secret } = parse(SecretString);
  if (!apiKey || !secret) throw new Error(`the secret ${name} must be {"apiKey": "…", "secret": "…"}`);
  return { apiKey, secret };
}

/** The parser's own message would show what it could not read. */
function parse(text: string): Partial<ApiKey> {
  try {
    return JSON.parse(text) as Partial<ApiKey>;
  } catch {
    return {};
  }
}
