/** The API keys that sign, known as `accounts` has them now, and the record of their use. */
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import { type Listener, listenTo } from '../postgres-notifications.ts';
import { ApiKeyUses } from './api-key-uses.ts';
import { ApiKeys } from './api-keys.ts';

/** Where `accounts` tells which API key changed: see its migrations. */
const API_KEYS_CHANNEL = 'api_keys';

/** What knows the keys, and what is told of their use. */
export interface KeyRing {
  readonly keys: Pick<ApiKeys, 'find' | 'forget'>;
  readonly keyUses: Pick<ApiKeyUses, 'note'>;
}

export interface KeyRingOptions {
  readonly databaseUrl: string;
  /** Of the secrets. */
  readonly sealingKey: Buffer;
  readonly log: Log;
}

/** Follows the changes of keys until it is closed; `listener` hears of each once it is known here. */
export function openKeyRing(
  db: Kysely<Database>,
  { databaseUrl, sealingKey, log }: KeyRingOptions,
  listener?: Listener,
): KeyRing & { close(): Promise<void> } {
  const keys = new ApiKeys(db, sealingKey);
  const keyUses = new ApiKeyUses(db, log);
  const changes = listenTo(
    databaseUrl,
    API_KEYS_CHANNEL,
    {
      onConnected: () => {
        keys.forgetAll();
        listener?.onConnected();
      },
      onNotification: (apiKey) => {
        keys.forget(apiKey);
        listener?.onNotification(apiKey);
      },
    },
    log,
  );
  return {
    keys,
    keyUses,
    close: async () => {
      await changes.close();
      await keyUses.close();
    },
  };
}
