import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { type ConfigOf, defineConfig } from '../env.ts';
import { DynamoSessions } from './dynamo-sessions.ts';
import { PostgresSessions } from './postgres-sessions.ts';
import type { SessionStore } from './session-store.ts';

/** To be part of a service's `config.ts`. */
export const sessionVariables = defineConfig({
  SESSIONS_TABLE: {
    type: 'text',
    default: '',
    doc: 'DynamoDB table of the sessions; empty keeps them in PostgreSQL',
  },
  DYNAMODB_ENDPOINT: {
    type: 'text',
    default: '',
    doc: 'URL of a DynamoDB of this machine; empty is that of AWS',
  },
});

/** Written by `accounts` alone. `db` is closed by whoever gives it. */
export function openSessions(
  { SESSIONS_TABLE: table, DYNAMODB_ENDPOINT: endpoint }: ConfigOf<typeof sessionVariables>,
  db: Kysely<Database>,
): SessionStore {
  return table === '' ? new PostgresSessions(db) : new DynamoSessions(table, endpoint);
}
