import { defineConfig } from '#platform/env.ts';
import { recognitionVariables } from '#platform/people-api/recognition.ts';
import { signedEndpointVariables } from '#platform/spot-api/signed-endpoint.ts';
import { tracingVariables } from '#platform/tracing.ts';

export const config = defineConfig({
  PORT: { type: 'port', default: '8080', doc: 'the port this service listens on' },
  ENGINE_URL: { type: 'url', doc: "the engine's WebSocket, as ws://host:port" },
  DATABASE_URL: { type: 'url', doc: 'PostgreSQL with deposits, withdrawals and API keys' },
  WALLET_TERMS: { type: 'json', doc: 'on what terms assets come in and leave, as in environments/wallet.ts' },
  ADDRESS_COOL_DOWN: {
    type: 'duration',
    default: '86400000',
    doc: 'how long a new address of the address book cannot be withdrawn to',
  },
  REORG_PATIENCE: {
    type: 'duration',
    default: '3600000',
    doc: 'how long a credited deposit may be missing from the chain before it is taken back',
  },
  POLL_INTERVAL: { type: 'duration', default: '1000', doc: 'how often the chain is looked at' },
  /** An adapter of a real custodian is an entry of `custody.ts`. */
  SANDBOX_BLOCK_TIME: { type: 'duration', default: '5000', doc: 'how often the sandbox chain has a block' },
  RECONCILE_INTERVAL: {
    type: 'duration',
    default: '900000',
    doc: 'how often ledger, engine and custody are compared',
  },
  UNBACKED_REFERENCE: {
    type: 'text',
    default: '',
    doc: 'deposits under this reference came by no custodian and count as held: funds of a sandbox, never of production',
  },
  RESERVES_INTERVAL: {
    type: 'duration',
    default: '86400000',
    doc: 'how often a report of the reserves is published',
  },
  FAUCET: {
    type: 'text',
    default: 'off',
    doc: '`on` gives money of the sandbox chain away; never in production',
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
