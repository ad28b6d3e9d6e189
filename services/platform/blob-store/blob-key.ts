/** What a blob may be called, so that a key is a path below the store's folder on any file system, and no other. */
import assert from 'node:assert/strict';

const KEY = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;
const PREFIX = /^([a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*\/?)?$/;
/** Less than what S3 and file systems take, with room for a prefix. */
const LENGTH_MAX = 200;

export function isBlobKey(text: string): boolean {
  return text.length <= LENGTH_MAX && KEY.test(text) && !text.includes('..');
}

export function assertBlobKey(key: string): void {
  assert(isBlobKey(key), `a blob cannot be called ${JSON.stringify(key)}`);
}

/** What keys can begin with: a part of one, or nothing. */
export function assertBlobPrefix(prefix: string): void {
  assert(
    PREFIX.test(prefix) && !prefix.includes('..'),
    `no blob's key begins with ${JSON.stringify(prefix)}`,
  );
}
