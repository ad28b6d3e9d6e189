/**
 * Blobs as objects of a bucket. Each is sent with its SHA-256, which S3 compares before it stores and tells again with
 * the object, where the SDK compares it. The bucket says how objects are encrypted.
 */
import assert from 'node:assert/strict';
import type { S3Client } from '@aws-sdk/client-s3';
import { assertBlobKey, assertBlobPrefix, isBlobKey } from './blob-key.ts';
import { sha256InSlices } from './sha256-in-slices.ts';

/** Tries of a request, the first included; in between the SDK waits, longer each time. */
const ATTEMPTS_MAX = 5;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection on which nothing moves for so long has failed. */
const IDLE_TIMEOUT_MS = 30_000;
/** The most that S3 takes in one request. */
const BLOB_BYTES_MAX = 5 * 1024 ** 3;

export interface S3Location {
  readonly bucket: string;
  /** Before each key, with a slash in between; empty for none. */
  readonly prefix: string;
}

export class S3BlobStore {
  readonly #bucket: string;
  readonly #prefix: string;
  #connected: ReturnType<typeof connect> | undefined;

  constructor({ bucket, prefix }: S3Location) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const object = this.#objectOf(key);
    assert(bytes.length <= BLOB_BYTES_MAX, `${key} has ${bytes.length} bytes: S3 takes 5 GiB in one request`);
    const { client, sdk } = await this.#connect();
    const digest = await sha256InSlices(bytes);
    const command = new sdk.PutObjectCommand({
      ...object,
      Body: bytes,
      ChecksumSHA256: digest.toString('base64'),
    });
    // The signature covers the same digest, which the SDK would otherwise compute again, and all at once.
    command.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { readonly headers: Record<string, string> };
        headers['x-amz-content-sha256'] = digest.toString('hex');
        return next(args);
      },
      { step: 'build' },
    );
    await client.send(command);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const object = this.#objectOf(key);
    const { client, sdk } = await this.#connect();
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
      assert(Body !== undefined, `S3 answered for ${key} without a body`);
      return await Body.transformToByteArray();
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    assertBlobPrefix(prefix);
    const { client, sdk } = await this.#connect();
    const pages = sdk.paginateListObjectsV2(
      { client },
      { Bucket: this.#bucket, Prefix: `${this.#prefix}${prefix}` },
    );
    const keys: string[] = [];
    for await (const { Contents = [] } of pages)
      keys.push(...Contents.map(({ Key }) => Key!.slice(this.#prefix.length)));
    return keys.filter(isBlobKey).sort();
  }

  async delete(key: string): Promise<void> {
    const object = this.#objectOf(key);
    const { client, sdk } = await this.#connect();
    await client.send(new sdk.DeleteObjectCommand(object));
  }

  #objectOf(key: string) {
    assertBlobKey(key);
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
  }

  #connect(): ReturnType<typeof connect> {
    this.#connected ??= connect();
    return this.#connected;
  }
}

/** The SDK is loaded here, at first use, so that a laptop never does. */
async function connect() {
  const sdk = await import('@aws-sdk/client-s3');
  const client: S3Client = new sdk.S3Client({
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
  });
  return { client, sdk };
}
