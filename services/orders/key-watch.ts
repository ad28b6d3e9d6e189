/** Ends what goes on for long by an API key, a stream or a session, as soon as the key may no longer be used for it. */
import type { AccountId } from '#domain/ids.ts';
import type { Log } from '#platform/log.ts';
import type { ApiKeys } from '#platform/spot-api/api-keys.ts';

export interface Use {
  readonly apiKey: string;
  readonly account: AccountId;
  /** Where it is used from. */
  readonly address: string;
  readonly onRevoked: () => void;
}

/** While the database is away nothing is known of a key: it is asked again. */
const RETRY_MS = 1_000;

export class KeyWatch {
  readonly #keys: Pick<ApiKeys, 'find'>;
  readonly #log: Log;
  readonly #uses = new Map<string, Set<Use>>();

  constructor(keys: Pick<ApiKeys, 'find'>, log: Log) {
    this.#keys = keys;
    this.#log = log;
  }

  /** Watches until the returned function is called. The key was good a moment ago: a change since then counts too. */
  add(use: Use): () => void {
    const uses = this.#uses.get(use.apiKey) ?? new Set();
    uses.add(use);
    this.#uses.set(use.apiKey, uses);
    this.check(use.apiKey);
    return () => {
      uses.delete(use);
      if (uses.size === 0 && this.#uses.get(use.apiKey) === uses) this.#uses.delete(use.apiKey);
    };
  }

  /** Something about the key has changed. */
  check(apiKey: string): void {
    if (!this.#uses.has(apiKey)) return;
    this.#check(apiKey).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'an API key in use cannot be looked up; trying again');
      setTimeout(() => this.check(apiKey), RETRY_MS).unref();
    });
  }

  /** Changes may have been missed. */
  checkAll(): void {
    for (const apiKey of this.#uses.keys()) this.check(apiKey);
  }

  async #check(apiKey: string): Promise<void> {
    const key = await this.#keys.find(apiKey);
    for (const use of [...(this.#uses.get(apiKey) ?? [])])
      if (key?.account !== use.account || !key.allowList.allows(use.address)) use.onRevoked();
  }
}
