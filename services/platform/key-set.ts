/** The keys of `accounts`, fetched from its key set and kept for a while. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { Outage } from './outage.ts';

/** Longest wait for the key set: a person waits behind it, and API Gateway gives up on the whole after ten seconds. */
const FETCH_TIMEOUT_MS = 2_000;
/** A key that `accounts` no longer publishes is believed for no longer than this. */
const KEYS_AGE_MS_MAX = 300_000;
/** Tokens that name a key nobody knows fetch the set again this often at most. */
const FETCH_INTERVAL_MS_MIN = 10_000;

/** The key set could not be had: that says nothing about the token. */
export class KeysUnavailable extends Outage {
  override name = 'KeysUnavailable';
}

/**
 * The keys at `url`. Nothing in a token can name another place: jose looks keys up by `kid` and `alg` alone.
 * The function that it returns throws {@link KeysUnavailable}, or what jose throws when the set has no such key.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: KEYS_AGE_MS_MAX,
    cooldownDuration: FETCH_INTERVAL_MS_MIN,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new KeysUnavailable(`the key set at ${url} cannot be had`, { cause: error });
    }
  };
}
