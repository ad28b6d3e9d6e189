import { defineConfig } from '#platform/env.ts';

export const config = defineConfig({
  PORT: {
    type: 'port',
    default: '8080',
    doc: 'the port this service listens on',
  },
  DATABASE_URL: {
    type: 'url',
    doc: 'PostgreSQL with the journal, as postgres://user:password@host/db',
  },
  REDIS_URL: {
    type: 'text',
    default: '',
    doc: 'Redis for the real-time feed; empty keeps the feed in this process',
  },
  STREAM_NAME: {
    type: 'text',
    default: '',
    doc: 'the Kinesis stream that gets all committed events; empty publishes to the feed alone',
  },
  KINESIS_ENDPOINT: {
    type: 'text',
    default: '',
    doc: 'where Kinesis answers; empty for AWS, in the region of the process',
  },
  MARKETS: {
    type: 'json',
    doc: 'the assets and markets to list, as environments/markets.ts has them',
  },
  BLOB_STORE_URL: {
    type: 'url',
    doc: 'where snapshots and old days of the journal go, as s3://bucket/prefix or file:///directory',
  },
  BATCH_COMMANDS_MAX: {
    type: 'integer',
    default: '1024',
    doc: 'most commands in one journal transaction',
  },
  DEPLOYMENT: {
    type: 'text',
    default: '',
    doc: 'names the release that this task belongs to; clients that reach another one move the lead there; empty asks ECS',
  },
  HOST: {
    type: 'text',
    default: '',
    doc: 'the address at which clients and other engines reach this task; empty asks ECS, and is 127.0.0.1 elsewhere',
  },
  ECS_CONTAINER_METADATA_URI_V4: {
    type: 'text',
    default: '',
    doc: 'set by ECS: where a task asks for its own address',
  },
  LIVE_PORT: {
    type: 'port',
    default: '0',
    doc: "the load balancer's port for clients, as opposed to tests of a new release; 0 when there is one port only",
  },
  LEASE: {
    type: 'duration',
    default: '2000',
    doc: 'how long a leader may be silent before another engine takes over',
  },
  SNAPSHOT_COMMANDS: {
    type: 'integer',
    default: '500000',
    doc: 'commands from one snapshot to the next; a start replays up to as many, twice as many with a single task',
  },
  JOURNAL_DAYS: {
    type: 'integer',
    default: '7',
    doc: 'days of the journal that stay in PostgreSQL; older ones go to the blob store',
  },
});
