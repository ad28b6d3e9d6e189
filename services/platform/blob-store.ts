/** Named byte strings that outlive every task: in a bucket of S3, or in a folder on a laptop and in tests. */
import { fileURLToPath } from 'node:url';
import { isBlobKey } from './blob-store/blob-key.ts';
import { FileBlobStore } from './blob-store/file-blob-store.ts';
import { S3BlobStore } from './blob-store/s3-blob-store.ts';
import { ConfigError } from './env.ts';

/**
 * Keys are names of lower-case letters, digits, `.`, `_` and `-`, separated by single slashes. No key may be the
 * folder of another.
 */
export interface BlobStore {
  /** All or nothing: a reader sees the whole blob or none of it. It lasts once this has resolved. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined when there is no such blob. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys that begin with `prefix`, in ascending order. */
  list(prefix: string): Promise<readonly string[]>;
  /** Also when there is no such blob. */
  delete(key: string): Promise<void>;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * `file:///directory`, made when it is first written to, or `s3://bucket/prefix`, whose region and credentials are
 * those of the task. Nothing is connected or read yet.
 * @throws {ConfigError} when it is neither.
 */
export function openBlobStore(url: string): BlobStore {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'file:') return new FileBlobStore(directoryOf(parsed));
  if (parsed?.protocol === 's3:') return new S3BlobStore(bucketOf(parsed));
  throw fault(`is neither of file: nor of s3: (${parsed?.protocol ?? 'no URL'})`);
}

function directoryOf(url: URL): string {
  if (url.search !== '' || url.hash !== '') throw fault('has more than a directory');
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw fault('does not name a directory of this machine', cause);
  }
}

function bucketOf({ hostname, host, username, password, pathname, search, hash }: URL): {
  readonly bucket: string;
  readonly prefix: string;
} {
  if (!BUCKET.test(hostname)) throw fault('does not name a bucket');
  if (host !== hostname || username !== '' || password !== '' || search !== '' || hash !== '')
    throw fault('has more than a bucket and a prefix');
  const prefix = pathname.replace(/^\/|\/$/g, '');
  if (prefix !== '' && !isBlobKey(prefix)) throw fault('has a prefix that no key may begin with');
  return { bucket: hostname, prefix };
}

/** Says nothing of the value, which may hold a password by mistake. */
function fault(what: string, cause?: unknown): ConfigError {
  return new ConfigError(`BLOB_STORE_URL ${what}: give it as s3://bucket/prefix or file:///directory`, {
    cause,
  });
}
