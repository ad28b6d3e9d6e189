/**
 * Snapshots of the engine in the blob store, each with the position in the journal that it stands at. One that cannot
 * be read costs time and nothing else: the one before is taken, and more of the journal replayed.
 */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { sha256InSlices } from '#platform/blob-store/sha256-in-slices.ts';
import type { BlobStore } from '#platform/blob-store.ts';
import type { Log } from '#platform/log.ts';
import { MatchingEngine } from './matching/engine.ts';
import { SnapshotError } from './matching/snapshot.ts';
import type { Position } from './replica.ts';

/** The newest and two to fall back on. */
const KEPT = 3;
const FOLDER = 'snapshots/';
const SEQ_DIGITS = 16;
const NAME = /^snapshots\/(\d{16})$/;

/*
 * A blob is, numbers being little-endian:
 *   0 magic   8 version   16 seq   24 timeUs   32 epoch   40 bytes of the engine
 *   48 digest of the journal at seq (32)   80 SHA-256 of all the rest (32)   112 the engine's own bytes
 */
const MAGIC = Buffer.from('XBSNAPSH', 'latin1');
const VERSION = 1n;
const DIGEST_AT = 48;
const DIGEST_BYTES = 32;
const CHECKSUM_AT = DIGEST_AT + DIGEST_BYTES;
const HEADER_BYTES = CHECKSUM_AT + DIGEST_BYTES;
/** Some milliseconds to copy. */
const COPIED_BYTES = 16 * 1024 * 1024;

export interface SavedEngine {
  readonly position: Position;
  readonly engine: MatchingEngine;
}

export class Snapshots {
  readonly #blobs: BlobStore;
  readonly #log: Log;

  constructor(blobs: BlobStore, log: Log) {
    this.#blobs = blobs;
    this.#log = log;
  }

  /** `engineBytes` are what the engine gave at `position`; nobody may change them meanwhile. */
  async save(position: Position, engineBytes: Uint8Array): Promise<void> {
    await this.#blobs.put(keyOf(position.seq), await seal(position, engineBytes));
    try {
      await this.#prune();
    } catch (error) {
      // The next one deletes them too.
      this.#log.warn({ err: error }, 'could not delete old snapshots');
    }
  }

  /** The sequence of the newest there is, by its name; 0 for none. */
  async newest(): Promise<number> {
    return (await this.#seqs())[0] ?? 0;
  }

  /** The newest that is sound and stands at `atMost` or before; undefined when there is none. */
  async load(atMost = Number.POSITIVE_INFINITY): Promise<SavedEngine | undefined> {
    const seqs = (await this.#seqs()).filter((seq) => seq <= atMost);
    for (const [at, seq] of seqs.entries()) {
      const opened = await this.#open(seq);
      if (typeof opened !== 'string') return opened;
      const next = seqs[at + 1];
      const instead = next === undefined ? 'the journal from its beginning' : keyOf(next);
      this.#log.warn(
        { blob: keyOf(seq), fault: opened, instead },
        'a snapshot cannot be used; using what is before it',
      );
    }
    return undefined;
  }

  /** The engine, or what is wrong with the blob. */
  async #open(seq: number): Promise<SavedEngine | string> {
    const blob = await this.#blobs.get(keyOf(seq));
    if (blob === undefined) return 'it has been deleted meanwhile';
    const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length);
    const fault = await faultOf(bytes);
    if (fault !== undefined) return fault;
    const position = positionOf(bytes);
    if (position.seq !== seq) return `it is of sequence ${position.seq}`;
    try {
      const engine = MatchingEngine.restore(bytes.subarray(HEADER_BYTES));
      if (engine.lastSeq !== seq) return `its engine stands at sequence ${engine.lastSeq}`;
      return { position, engine };
    } catch (error) {
      if (error instanceof SnapshotError) return error.message;
      throw error;
    }
  }

  /** Of all there are, the newest first. */
  async #seqs(): Promise<number[]> {
    const keys = await this.#blobs.list(FOLDER);
    return keys
      .flatMap((key) => NAME.exec(key)?.[1] ?? [])
      .map(Number)
      .reverse();
  }

  async #prune(): Promise<void> {
    for (const seq of (await this.#seqs()).slice(KEPT)) await this.#blobs.delete(keyOf(seq));
  }
}

function keyOf(seq: number): string {
  return `${FOLDER}${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

async function seal({ seq, timeUs, epoch, digest }: Position, engineBytes: Uint8Array): Promise<Uint8Array> {
  assert.equal(digest.length, DIGEST_BYTES, 'a digest of the journal is a SHA-256');
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + engineBytes.length);
  bytes.set(MAGIC);
  for (const [at, value] of [VERSION, seq, timeUs, epoch, engineBytes.length].entries())
    bytes.writeBigUInt64LE(BigInt(value), MAGIC.length + 8 * at);
  bytes.set(digest, DIGEST_AT);
  for (let at = 0; at < engineBytes.length; at += COPIED_BYTES) {
    bytes.set(engineBytes.subarray(at, at + COPIED_BYTES), HEADER_BYTES + at);
    await setImmediate();
  }
  bytes.set(await checksumOf(bytes), CHECKSUM_AT);
  return bytes;
}

/** What is wrong with a blob, apart from the engine in it. */
async function faultOf(bytes: Buffer): Promise<string | undefined> {
  if (bytes.length < HEADER_BYTES) return `damaged: ${bytes.length} bytes are less than a header`;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'damaged: it does not begin as a snapshot does';
  const version = bytes.readBigUInt64LE(8);
  if (version !== VERSION)
    return `version ${version} is not ${VERSION}, the one known here: another release wrote it, or it is damaged`;
  const length = bytes.readBigUInt64LE(40);
  const rest = bytes.length - HEADER_BYTES;
  if (length !== BigInt(rest)) return `damaged: ${rest} bytes follow the header, which says ${length}`;
  const checksum = bytes.subarray(CHECKSUM_AT, HEADER_BYTES);
  if (!checksum.equals(await checksumOf(bytes))) return 'damaged: the checksum differs';
  return undefined;
}

function checksumOf(bytes: Buffer): Promise<Buffer> {
  return sha256InSlices(bytes.subarray(0, CHECKSUM_AT), bytes.subarray(HEADER_BYTES));
}

/** Of a blob without fault; its digest is a copy, so that the engine's bytes can be let go. */
function positionOf(bytes: Buffer): Position {
  return {
    seq: Number(bytes.readBigUInt64LE(16)),
    timeUs: Number(bytes.readBigUInt64LE(24)),
    epoch: Number(bytes.readBigUInt64LE(32)),
    digest: Uint8Array.from(bytes.subarray(DIGEST_AT, CHECKSUM_AT)),
  };
}
