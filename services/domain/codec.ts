/**
 * The one binary format of wire and journal: a frame of records. All words are 8 bytes, little-endian; a number
 * is a float64 that must be a safe integer, which a typed array reads and writes without conversion (measured
 * at a fifth of DataView's cost).
 *
 *   frame   = header records
 *   header  = magic and version (u32) | CRC-32 of all that follows (u32) | byte length (u32) | record count (u32)
 *             | first sequence (f64) | last sequence (f64)
 *   record  = message code (u32) and words of the whole record (u32) | id (f64) | time (f64) | fields
 *
 * A record's id is the request id in a frame of requests, and the sequence everywhere else.
 */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { commands } from './commands.ts';
import { events } from './events.ts';
import { queries, replies } from './queries.ts';
import type { Field, MessageOf, Shapes } from './schema.ts';

const messages = {
  ...commands,
  ...events,
  ...queries,
  ...replies,
} as const satisfies Shapes;

export type Message = MessageOf<typeof messages>;

export interface FrameRecord {
  readonly id: number;
  /** Microseconds since the epoch; 0 in a frame of requests. */
  readonly timeUs: number;
  readonly message: Message;
}

/** A decoded frame, or what was wanted of it; the sequences are 0 in a frame of requests. */
export interface Frame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: readonly FrameRecord[];
}

/** The bytes are not a frame of this version, or were damaged on the way; the message says which and where. */
export class FrameError extends Error {
  override name = 'FrameError';
}

const VERSION = 1;
/** `XBK` and the version. */
const MAGIC = 0x58 | (0x42 << 8) | (0x4b << 16) | (VERSION << 24);
const HEADER_BYTES = 32;
const HEADER_WORDS = HEADER_BYTES / 8;
const CRC_FROM_BYTE = 8;
const RECORD_HEADER_WORDS = 3;
/** A frame larger than this is refused unread: a batch of the largest records stays far below. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

interface Layout {
  readonly type: Message['type'];
  readonly code: number;
  readonly fields: readonly (readonly [string, Field<unknown>])[];
}

const layouts = new Map<string, Layout>();
const layoutsByCode = new Map<number, Layout>();
for (const [type, { code, fields }] of Object.entries(messages)) {
  assert(!layoutsByCode.has(code), `message code ${code} is used twice`);
  const layout = {
    type: type as Message['type'],
    code,
    fields: Object.entries(fields),
  };
  layouts.set(type, layout);
  layoutsByCode.set(code, layout);
}

const utf8 = new TextEncoder();
// Without ignoreBOM it would drop a text's leading U+FEFF: two different texts would become one.
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Collects records into one growing buffer; {@link finish} hands out a copy, so that a writer is used again. */
export class FrameWriter {
  #words = new Float64Array(1024);
  #ints = new Uint32Array(this.#words.buffer);
  #bytes = new Uint8Array(this.#words.buffer);
  #length = HEADER_WORDS;
  #count = 0;

  /** Records written since the last {@link clear}. */
  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#length = HEADER_WORDS;
    this.#count = 0;
  }

  write(id: number, timeUs: number, message: Message): void {
    const layout = layouts.get(message.type);
    assert(layout, `no such message: ${message.type}`);
    const start = this.#length;
    this.#reserve(RECORD_HEADER_WORDS + layout.fields.length);
    this.#words[start + 1] = id;
    this.#words[start + 2] = timeUs;
    this.#length = start + RECORD_HEADER_WORDS;
    for (const [name, field] of layout.fields) {
      this.#writeField(layout.type, name, field, (message as unknown as Record<string, unknown>)[name]);
    }
    this.#ints[start * 2] = layout.code;
    this.#ints[start * 2 + 1] = this.#length - start;
    this.#count++;
  }

  /** Appends all records of another writer, in order. */
  append(other: FrameWriter): void {
    const added = other.#length - HEADER_WORDS;
    this.#reserve(added);
    this.#words.set(other.#words.subarray(HEADER_WORDS, other.#length), this.#length);
    this.#length += added;
    this.#count += other.#count;
  }

  /** The finished frame, in bytes of its own. */
  finish(firstSeq = 0, lastSeq = 0): Uint8Array {
    const byteLength = this.#length * 8;
    assert(byteLength <= FRAME_BYTES_MAX, `frame of ${byteLength} bytes is over ${FRAME_BYTES_MAX}`);
    this.#ints[0] = MAGIC;
    this.#ints[2] = byteLength;
    this.#ints[3] = this.#count;
    this.#words[2] = firstSeq;
    this.#words[3] = lastSeq;
    this.#ints[1] = crc32(this.#bytes.subarray(CRC_FROM_BYTE, byteLength));
    return this.#bytes.slice(0, byteLength);
  }

  #writeField(type: string, name: string, field: Field<unknown>, value: unknown): void {
    if (field.kind === 'text') {
      this.#writeText(type, name, field.bytesMax!, value as string);
      return;
    }
    let word: number;
    if (field.kind === 'choice') {
      word = field.choices!.indexOf(value as string);
      if (word < 0) assert.fail(`${type}.${name} is none of ${field.choices}: ${value}`);
    } else if (field.kind === 'optional' && value === null) {
      word = Number.NaN;
    } else {
      word = value as number;
      // Not assert(…, `…`): to build the text for every field would cost a third of the engine's time.
      if (!Number.isSafeInteger(word)) assert.fail(`${type}.${name} is not a safe integer: ${value}`);
    }
    this.#reserve(1);
    this.#words[this.#length++] = word;
  }

  #writeText(type: string, name: string, bytesMax: number, value: string): void {
    const wordsMax = Math.ceil(bytesMax / 8);
    this.#reserve(1 + wordsMax);
    const start = this.#length + 1;
    this.#words.fill(0, start, start + wordsMax);
    const room = this.#bytes.subarray(start * 8, start * 8 + bytesMax);
    let length = writeAscii(value, room);
    if (length === undefined) {
      const encoded = utf8.encode(value);
      length = encoded.length;
      if (length > bytesMax) assert.fail(`${type}.${name} is over ${bytesMax} bytes: ${value}`);
      room.set(encoded);
    }
    this.#words[this.#length] = length;
    this.#length = start + Math.ceil(length / 8);
  }

  #reserve(words: number): void {
    const needed = this.#length + words;
    if (needed <= this.#words.length) return;
    const grown = new Float64Array(Math.max(needed, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
    this.#ints = new Uint32Array(grown.buffer);
    this.#bytes = new Uint8Array(grown.buffer);
  }
}

/** Writes a text of ASCII alone, as almost all are, and gives its length; undefined for any other, or a longer one. */
function writeAscii(value: string, room: Uint8Array): number | undefined {
  if (value.length > room.length) return undefined;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0x7f) return undefined;
    room[at] = code;
  }
  return value.length;
}

/**
 * Decodes one whole frame; with `wanted`, only the messages of these types: the others are passed over unread, which
 * is most of a frame of events for whoever follows the books or the trades.
 * @throws {FrameError} on any byte that is not as a {@link FrameWriter} of this version wrote it.
 */
export function readFrame(bytes: Uint8Array, wanted?: ReadonlySet<Message['type']>): Frame {
  if (bytes.length < HEADER_BYTES || bytes.length % 8 !== 0 || bytes.length > FRAME_BYTES_MAX) {
    throw new FrameError(
      `a frame is ${HEADER_BYTES} to ${FRAME_BYTES_MAX} bytes in whole words, not ${bytes.length}`,
    );
  }
  // A copy starts on a word boundary, which the typed arrays need and a network buffer does not have.
  const aligned = new Uint8Array(bytes);
  const ints = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  const words = new Float64Array(aligned.buffer, aligned.byteOffset, aligned.length / 8);
  if ((ints[0]! & 0xffffff) !== (MAGIC & 0xffffff)) throw new FrameError('these bytes are not a frame');
  const version = ints[0]! >>> 24;
  if (version !== VERSION)
    throw new FrameError(`frame version ${version} is not ${VERSION}, the one known here`);
  if (ints[2] !== aligned.length)
    throw new FrameError(`frame says ${ints[2]} bytes and has ${aligned.length}`);
  if (ints[1] !== crc32(aligned.subarray(CRC_FROM_BYTE))) {
    throw new FrameError('frame checksum differs: bytes were damaged');
  }
  const firstSeq = wholeNumber(words[2]!, 'first sequence');
  const lastSeq = wholeNumber(words[3]!, 'last sequence');
  const records: FrameRecord[] = [];
  let count = 0;
  for (let at = HEADER_WORDS; at < words.length; count++) {
    const record = new RecordReader(aligned, words, ints, at);
    if (wanted === undefined || wanted.has(record.type)) records.push(record.read());
    at = record.end;
  }
  if (count !== ints[3]) throw new FrameError(`frame says ${ints[3]} records and has ${count}`);
  return { firstSeq, lastSeq, records };
}

class RecordReader {
  readonly end: number;
  readonly #bytes: Uint8Array;
  readonly #words: Float64Array;
  readonly #layout: Layout;
  readonly #start: number;
  #at: number;

  constructor(bytes: Uint8Array, words: Float64Array, ints: Uint32Array, start: number) {
    const code = ints[start * 2]!;
    const length = ints[start * 2 + 1]!;
    const layout = layoutsByCode.get(code);
    if (layout === undefined) throw new FrameError(`message code ${code} at word ${start} is unknown`);
    if (length < RECORD_HEADER_WORDS || start + length > words.length) {
      throw new FrameError(`record at word ${start} has an impossible length of ${length} words`);
    }
    this.#bytes = bytes;
    this.#words = words;
    this.#layout = layout;
    this.#start = start;
    this.#at = start + RECORD_HEADER_WORDS;
    this.end = start + length;
  }

  get type(): Message['type'] {
    return this.#layout.type;
  }

  read(): FrameRecord {
    const id = wholeNumber(this.#words[this.#start + 1]!, 'record id');
    const timeUs = wholeNumber(this.#words[this.#start + 2]!, 'record time');
    const message: Record<string, unknown> = { type: this.#layout.type };
    for (const [name, field] of this.#layout.fields) message[name] = this.#field(name, field);
    if (this.#at !== this.end)
      throw new FrameError(`${this.#layout.type} has ${this.end - this.#at} words too many`);
    return { id, timeUs, message: message as unknown as Message };
  }

  #field(name: string, field: Field<unknown>): unknown {
    const word = this.#next(name);
    switch (field.kind) {
      case 'int':
        return this.#wholeNumber(name, word);
      case 'optional':
        return Number.isNaN(word) ? null : this.#wholeNumber(name, word);
      case 'choice': {
        const value = field.choices![word];
        if (value === undefined) throw new FrameError(`${this.#layout.type}.${name} has no choice ${word}`);
        return value;
      }
      case 'text':
        return this.#text(name, word, field.bytesMax!);
    }
  }

  #text(name: string, length: number, bytesMax: number): string {
    if (length === 0) return '';
    const words = Math.ceil(length / 8);
    if (!(Number.isInteger(length) && length >= 0 && length <= bytesMax && this.#at + words <= this.end)) {
      throw new FrameError(`${this.#layout.type}.${name} has an impossible length of ${length} bytes`);
    }
    const from = this.#at * 8;
    this.#at += words;
    try {
      return utf8Decoder.decode(this.#bytes.subarray(from, from + length));
    } catch (cause) {
      throw new FrameError(`${this.#layout.type}.${name} is not UTF-8`, { cause });
    }
  }

  /** The name of a field is put together for a fault only: for every field it would cost more than the rest. */
  #wholeNumber(name: string, word: number): number {
    return Number.isSafeInteger(word) ? word : wholeNumber(word, `${this.#layout.type}.${name}`);
  }

  #next(name: string): number {
    if (this.#at >= this.end) throw new FrameError(`${this.#layout.type} ends before ${name}`);
    return this.#words[this.#at++]!;
  }
}

function wholeNumber(word: number, what: string): number {
  if (!Number.isSafeInteger(word)) throw new FrameError(`${what} is not a safe integer: ${word}`);
  return word;
}
