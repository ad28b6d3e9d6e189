/** Frames that no writer writes: any words, behind a header that vouches for them. */
import { crc32 } from 'node:zlib';
import { FrameWriter } from '#domain/codec.ts';

const HEADER_WORDS = 4;
const header = new Float64Array(new FrameWriter().finish().buffer);

export function sealedFrame(
  words: ArrayLike<number>,
  count: number,
  firstSeq = 0,
  lastSeq = 0,
): Uint8Array<ArrayBuffer> {
  const frame = new Float64Array(HEADER_WORDS + words.length);
  frame.set(header);
  frame[2] = firstSeq;
  frame[3] = lastSeq;
  // Bytes, since not every NaN stays the same as a number.
  if (words instanceof Float64Array)
    new Uint8Array(frame.buffer).set(
      new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
      HEADER_WORDS * 8,
    );
  else frame.set(words, HEADER_WORDS);
  const bytes = new Uint8Array(frame.buffer);
  const ints = new Int32Array(frame.buffer);
  ints[2] = bytes.length;
  ints[3] = count;
  ints[1] = crc32(bytes.subarray(8));
  return bytes;
}
