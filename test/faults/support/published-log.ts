/** What engines published, as each of them wrote it to a file (see `engine-with-faults.ts`). */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFrame } from '#domain/codec.ts';

export interface PublishedFrame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly hash: string;
}

export function hashOf(frame: Uint8Array): string {
  return createHash('sha1').update(frame).digest('base64');
}

/** Every frame of every file in the directory, in the order of the file. */
export async function readPublished(directory: string): Promise<PublishedFrame[]> {
  const frames: PublishedFrame[] = [];
  for (const file of await readdir(directory)) {
    const bytes = await readFile(join(directory, file));
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      const frame = bytes.subarray(at + 4, at + 4 + length);
      const { firstSeq, lastSeq } = openFrame(frame);
      frames.push({ firstSeq, lastSeq, hash: hashOf(frame) });
      at += 4 + length;
    }
  }
  return frames;
}
