/**
 * Writes what the acceptance tests need to trade on an environment, readable by its owner only:
 * `node write-client.ts staging https://staging.exchange.example.com client.json`.
 */
import { writeFileSync } from 'node:fs';
import { namePrefix } from '#environments/delivery.ts';
import { environmentCli } from '../aws-cli.ts';

const [environment = '', url = '', file = ''] = process.argv.slice(2);
const secret = ['--secret-id', `${namePrefix}/${environment}/canary-key`];
const { SecretString } = environmentCli<{ SecretString: string }>(
  'secretsmanager',
  'get-secret-value',
  ...secret,
);
const { apiKey, secret: apiSecret } = JSON.parse(SecretString) as { apiKey: string; secret: string };
const client = { baseUrl: url, wsUrl: url.replace('http', 'ws'), apiKey, secret: apiSecret };
writeFileSync(file, JSON.stringify(client), { mode: 0o600 });
