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
import type { Field, Fields, MessageOf, Shape, Shapes } from './schema.ts';

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

/** Records in memory, to be read in place: the same bytes as words, as halves of words, and as bytes. */
export interface Records {
  readonly words: Float64Array;
  readonly ints: Int32Array;
  readonly bytes: Uint8Array;
}

/** A frame's records in place; they lie from `start` to `end`, each {@link recordWords} long. */
export interface OpenFrame extends Records {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** The bytes are not a frame of this version, or were damaged on the way; the message says which and where. */
export class FrameError extends Error {
  override name = 'FrameError';
}

const VERSION = 2;
/** `XBK` and the version. */
const MAGIC = 0x58 | (0x42 << 8) | (0x4b << 16) | (VERSION << 24);
const HEADER_BYTES = 32;
const HEADER_WORDS = HEADER_BYTES / 8;
const CRC_FROM_BYTE = 8;
export const RECORD_HEADER_WORDS = 3;
/** A frame larger than this is refused unread: a batch of the largest records stays far below. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

interface Layout {
  readonly type: Message['type'];
  readonly code: number;
  readonly fields: readonly (readonly [string, Field<unknown>])[];
}

assert.equal(
  Object.keys(messages).length,
  [commands, events, queries, replies].reduce((count, group) => count + Object.keys(group).length, 0),
  'no two messages share a name',
);
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

/**
 * Where a message's fields lie, in words from the beginning of its record; up to its first text, after which places
 * depend on the texts before.
 */
export function offsetsOf<F extends Fields>({ fields }: Shape<F>): { readonly [K in keyof F]: number } {
  const names = Object.keys(fields);
  const texts = names.filter((name) => fields[name]!.kind === 'text');
  assert.deepEqual(names.slice(names.length - texts.length), texts, 'texts come last');
  const offsets = names.map((name, index) => [name, RECORD_HEADER_WORDS + index]);
  return Object.fromEntries(offsets.slice(0, names.length - Math.max(0, texts.length - 1)));
}

/** How many words the record that begins at `at` takes. */
export function recordWords({ ints }: Records, at: number): number {
  return ints[at * 2 + 1]!;
}

/** Where the word after a text lies whose length is in the word at `at`. */
export function afterText({ words }: Records, at: number): number {
  return at + 1 + ((words[at]! + 7) >>> 3);
}

/** The text whose length is in the word at `at`, of a record that has been checked. */
export function readText({ words, bytes }: Records, at: number): string {
  const length = words[at]!;
  return length === 0 ? '' : utf8Decoder.decode(bytes.subarray((at + 1) * 8, (at + 1) * 8 + length));
}

const utf8 = new TextEncoder();
// Without ignoreBOM it would drop a text's leading U+FEFF: two different texts would become one.
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Collects records into one growing buffer; {@link finish} hands out a copy, so that a writer is used again. */
export class FrameWriter implements Records {
  #words = new Float64Array(1024);
  #ints = new Int32Array(this.#words.buffer);
  #bytes = new Uint8Array(this.#words.buffer);
  #length = HEADER_WORDS;
  #count = 0;

  /** Records written since the last {@link clear}. */
  get count(): number {
    return this.#count;
  }

  /** The words written so far; another array once the writer has grown, so not to be kept. */
  get words(): Float64Array {
    return this.#words;
  }

  get ints(): Int32Array {
    return this.#ints;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the first record begins, and where the last ends. */
  get start(): number {
    return HEADER_WORDS;
  }

  get end(): number {
    return this.#length;
  }

  /** Where the next record begins. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = HEADER_WORDS;
    this.#count = 0;
  }

  /** Makes room for `words` more, to be written in place from {@link length} on and ended by {@link close}. */
  reserve(words: number): void {
    const needed = this.#length + words;
    if (needed > this.#words.length) this.#grow(needed);
  }

  /** Ends a record that was written in place: all its words but the first, which is written here. */
  close(code: number, end: number): void {
    const start = this.#length;
    this.#ints[start * 2] = code;
    this.#ints[start * 2 + 1] = end - start;
    this.#length = end;
    this.#count++;
  }

  /** Appends the record that begins at `at`, under another id and time. */
  copy(records: Records, at: number, id: number, timeUs: number): void {
    const length = recordWords(records, at);
    this.reserve(length);
    this.#words.set(records.words.subarray(at, at + length), this.#length);
    this.#words[this.#length + 1] = id;
    this.#words[this.#length + 2] = timeUs;
    this.#length += length;
    this.#count++;
  }

  write(id: number, timeUs: number, message: Message): void {
    const layout = layouts.get(message.type);
    assert(layout, `no such message: ${message.type}`);
    const start = this.#length;
    this.reserve(RECORD_HEADER_WORDS + layout.fields.length);
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

  /** Appends the records of another writer from word `from` on, which are `count`; all of them unless given. */
  append(other: FrameWriter, from = HEADER_WORDS, count = other.#count): void {
    const added = other.#length - from;
    this.reserve(added);
    this.#words.set(other.#words.subarray(from, other.#length), this.#length);
    this.#length += added;
    this.#count += count;
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
    this.reserve(1);
    this.#words[this.#length++] = word;
  }

  #writeText(type: string, name: string, bytesMax: number, value: string): void {
    const wordsMax = Math.ceil(bytesMax / 8);
    this.reserve(1 + wordsMax);
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

  #grow(needed: number): void {
    const grown = new Float64Array(Math.max(needed, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
    this.#ints = new Int32Array(grown.buffer);
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
  const frame = openFrame(bytes);
  const records: FrameRecord[] = [];
  for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
    const layout = layoutAt(frame, at);
    if (wanted === undefined || wanted.has(layout.type))
      records.push(new RecordReader(frame, at, layout).read());
  }
  return { firstSeq: frame.firstSeq, lastSeq: frame.lastSeq, records };
}

/**
 * A frame whose records can be read in place. Its own checksum vouches for the fields of what a {@link FrameWriter}
 * wrote; those of a stranger are to be checked by {@link checkRecord}.
 * @throws {FrameError} when the bytes are not a whole frame of this version.
 */
export function openFrame(bytes: Uint8Array): OpenFrame {
  if (bytes.length < HEADER_BYTES || bytes.length % 8 !== 0 || bytes.length > FRAME_BYTES_MAX) {
    throw new FrameError(
      `a frame is ${HEADER_BYTES} to ${FRAME_BYTES_MAX} bytes in whole words, not ${bytes.length}`,
    );
  }
  // A copy starts on a word boundary, which the typed arrays need and a network buffer does not have.
  const aligned = new Uint8Array(bytes);
  const ints = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  const words = new Float64Array(aligned.buffer, aligned.byteOffset, aligned.length / 8);
  if ((ints[0]! & 0xffffff) !== (MAGIC & 0xffffff)) throw new FrameError('these bytes are not a frame');
  const version = ints[0]! >>> 24;
  if (version !== VERSION)
    throw new FrameError(`frame version ${version} is not ${VERSION}, the one known here`);
  if (ints[2] !== aligned.length)
    throw new FrameError(`frame says ${ints[2]} bytes and has ${aligned.length}`);
  if (ints[1] !== (crc32(aligned.subarray(CRC_FROM_BYTE)) | 0)) {
    throw new FrameError('frame checksum differs: bytes were damaged');
  }
  const firstSeq = wholeNumber(words[2]!, 'first sequence');
  const lastSeq = wholeNumber(words[3]!, 'last sequence');
  const count = ints[3]!;
  const frame = {
    words,
    ints,
    bytes: aligned,
    firstSeq,
    lastSeq,
    count,
    start: HEADER_WORDS,
    end: words.length,
  };
  checkBounds(frame);
  return frame;
}

/** Records follow one another without a gap to the frame's end, and are as many as it says. */
function checkBounds(frame: OpenFrame): void {
  let count = 0;
  for (let at = frame.start; at < frame.end; count++) {
    layoutAt(frame, at);
    const length = recordWords(frame, at);
    if (length < RECORD_HEADER_WORDS || at + length > frame.end) {
      throw new FrameError(`record at word ${at} has an impossible length of ${length} words`);
    }
    at += length;
  }
  if (count !== frame.count) throw new FrameError(`frame says ${frame.count} records and has ${count}`);
}

function layoutAt({ ints }: Records, at: number): Layout {
  const code = ints[at * 2]!;
  const layout = layoutsByCode.get(code);
  if (layout === undefined) throw new FrameError(`message code ${code} at word ${at} is unknown`);
  return layout;
}

/** The type of the message in the record that begins at `at`. */
export function typeOfRecord(records: Records, at: number): Message['type'] {
  return layoutAt(records, at).type;
}

/** The message in the record that begins at `at`, of a frame that is whole. @throws {FrameError} as `readFrame`. */
export function readRecord(records: Records, at: number): FrameRecord {
  return new RecordReader(records, at, layoutAt(records, at)).read();
}

/**
 * Checks every word of a record without building its message.
 * @throws {FrameError} when a value is none that its field can have.
 */
export function checkRecord(records: Records, at: number): void {
  new RecordReader(records, at, layoutAt(records, at)).check();
}

/** The CRC-32 that a frame has of itself. */
export function checksumOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(4, true);
}

/** The records with this id, in a writer of their own. */
export function recordsOf(
  records: Records & { readonly start: number; readonly end: number },
  id: number,
): FrameWriter {
  const found = new FrameWriter();
  for (let at = records.start; at < records.end; at += recordWords(records, at))
    if (records.words[at + 1] === id) found.copy(records, at, id, records.words[at + 2]!);
  return found;
}

class RecordReader {
  readonly #records: Records;
  readonly #layout: Layout;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(records: Records, start: number, layout: Layout) {
    this.#records = records;
    this.#layout = layout;
    this.#start = start;
    this.#at = start + RECORD_HEADER_WORDS;
    this.#end = start + recordWords(records, start);
  }

  read(): FrameRecord {
    const { words } = this.#records;
    const id = wholeNumber(words[this.#start + 1]!, 'record id');
    const timeUs = wholeNumber(words[this.#start + 2]!, 'record time');
    const message: Record<string, unknown> = { type: this.#layout.type };
    for (const [name, field] of this.#layout.fields) message[name] = this.#field(name, field);
    this.#checkEnd();
    return { id, timeUs, message: message as unknown as Message };
  }

  check(): void {
    const { words } = this.#records;
    wholeNumber(words[this.#start + 1]!, 'record id');
    wholeNumber(words[this.#start + 2]!, 'record time');
    for (const [name, field] of this.#layout.fields) {
      if (field.kind === 'text') this.#skipText(name, field.bytesMax!);
      else this.#field(name, field);
    }
    this.#checkEnd();
  }

  #checkEnd(): void {
    if (this.#at !== this.#end)
      throw new FrameError(`${this.#layout.type} has ${this.#end - this.#at} words too many`);
  }

  #field(name: string, field: Field<unknown>): unknown {
    if (field.kind === 'text') return this.#text(name, field.bytesMax!);
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
    }
  }

  #text(name: string, bytesMax: number): string {
    const bytes = this.#textBytes(name, bytesMax);
    if (bytes.length === 0) return '';
    try {
      return utf8Decoder.decode(bytes);
    } catch (cause) {
      throw new FrameError(`${this.#layout.type}.${name} is not UTF-8`, { cause });
    }
  }

  #skipText(name: string, bytesMax: number): void {
    const start = this.#at;
    const bytes = this.#textBytes(name, bytesMax);
    if (bytes.some((byte) => byte > 0x7f)) {
      this.#at = start;
      this.#text(name, bytesMax);
    }
  }

  /** The text's bytes; those that fill its last word up must be zero, so that equal texts are equal words. */
  #textBytes(name: string, bytesMax: number): Uint8Array {
    const length = this.#next(name);
    const words = Math.ceil(length / 8);
    if (!(Number.isInteger(length) && length >= 0 && length <= bytesMax && this.#at + words <= this.#end)) {
      throw new FrameError(`${this.#layout.type}.${name} has an impossible length of ${length} bytes`);
    }
    const { bytes } = this.#records;
    const from = this.#at * 8;
    this.#at += words;
    for (let index = from + length; index < this.#at * 8; index++) {
      if (bytes[index] !== 0) throw new FrameError(`${this.#layout.type}.${name} has bytes behind its end`);
    }
    return bytes.subarray(from, from + length);
  }

  /** The name of a field is put together for a fault only: for every field it would cost more than the rest. */
  #wholeNumber(name: string, word: number): number {
    return Number.isSafeInteger(word) ? word : wholeNumber(word, `${this.#layout.type}.${name}`);
  }

  #next(name: string): number {
    if (this.#at >= this.#end) throw new FrameError(`${this.#layout.type} ends before ${name}`);
    return this.#records.words[this.#at++]!;
  }
}

function wholeNumber(word: number, what: string): number {
  if (!Number.isSafeInteger(word)) throw new FrameError(`${what} is not a safe integer: ${word}`);
  return word;
}
