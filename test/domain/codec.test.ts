import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  afterText,
  checkRecord,
  FRAME_BYTES_MAX,
  type Frame,
  FrameError,
  FrameWriter,
  type Message,
  offsetsOf,
  openFrame,
  RECORD_HEADER_WORDS,
  readFrame,
  readRecord,
  readText,
  recordWords,
  typeOfRecord,
} from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import { queries, replies } from '#domain/queries.ts';
import type { Field, Shape } from '#domain/schema.ts';
import { newOrder } from '#test/support/commands.ts';
import { sealedFrame } from '#test/support/sealed-frame.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const shapes: Record<string, Shape> = { ...commands, ...events, ...queries, ...replies };
const utf8 = new TextEncoder();

function arbitraryField(field: Field<unknown>): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'int':
      return fc.maxSafeInteger();
    case 'optional':
      return fc.option(fc.maxSafeInteger());
    case 'choice':
      return fc.constantFrom(...field.choices!);
    case 'text':
      return fc
        .string({ unit: 'binary', maxLength: field.bytesMax! })
        .filter((text) => utf8.encode(text).length <= field.bytesMax!);
  }
}

function arbitraryMessage(type: string): fc.Arbitrary<Message> {
  const fields = Object.entries(shapes[type]!.fields).map(([name, field]) => [name, arbitraryField(field)]);
  return fc
    .record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { noNullPrototype: true })
    .map((values) => ({ type, ...values }) as unknown as Message);
}

const anyMessage = fc.constantFrom(...Object.keys(shapes)).chain(arbitraryMessage);
const anyRecord = fc.record(
  { id: fc.maxSafeNat(), timeUs: fc.maxSafeNat(), message: anyMessage },
  { noNullPrototype: true },
);

function frameOf(records: Frame['records'], firstSeq = 0, lastSeq = 0): Uint8Array {
  const writer = new FrameWriter();
  for (const { id, timeUs, message } of records) writer.write(id, timeUs, message);
  return writer.finish(firstSeq, lastSeq);
}

const sample = frameOf(
  [
    { id: 1, timeUs: 1_700_000_000_000_000, message: { type: 'rejected', requestId: 7, code: 22 } },
    {
      id: 2,
      timeUs: 1_700_000_000_000_001,
      message: {
        type: 'cancelAll',
        session: 0 as never,
        request: 0,
        account: 3 as never,
        market: 1 as never,
      },
    },
    {
      id: 3,
      timeUs: 1_700_000_000_000_002,
      message: { type: 'listAsset', asset: 0 as never, scale: 8, name: 'BTC' },
    },
    {
      id: 4,
      timeUs: 1_700_000_000_000_003,
      message: {
        type: 'cancel',
        session: 0 as never,
        request: 0,
        account: 3 as never,
        market: 1 as never,
        orderId: null,
        restriction: 'ONLY_NEW',
        clientOrderId: 'nine char',
        newClientOrderId: '',
      },
    },
  ],
  1,
  4,
);

/** The sample's words. */
const GOLDEN = [
  '58424b02db0460b4',
  '2001000004000000',
  '000000000000f03f',
  '0000000000001040',
  'a100000005000000',
  '000000000000f03f',
  '0000796090281843',
  '0000000000001c40',
  '0000000000003640',
  '0600000007000000',
  '0000000000000040',
  '0400796090281843',
  '0000000000000000',
  '0000000000000000',
  '0000000000000840',
  '000000000000f03f',
  '0100000007000000',
  '0000000000000840',
  '0800796090281843',
  '0000000000000000',
  '0000000000002040',
  '0000000000000840',
  '4254430000000000',
  '050000000d000000',
  '0000000000001040',
  '0c00796090281843',
  '0000000000000000',
  '0000000000000000',
  '0000000000000840',
  '000000000000f03f',
  '000000000000f87f',
  '000000000000f03f',
  '0000000000002240',
  '6e696e6520636861',
  '7200000000000000',
  '0000000000000000',
];

describe('a frame', () => {
  it.each(Object.keys(shapes))('carries any %s unchanged', (type) => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        expect(readFrame(frameOf([{ id: 1, timeUs: 2, message }])).records).toEqual([
          { id: 1, timeUs: 2, message },
        ]);
      }),
    );
  });

  it('carries any sequence of records, and the sequences it covers', () => {
    fc.assert(
      fc.property(fc.array(anyRecord), fc.maxSafeNat(), fc.maxSafeNat(), (records, firstSeq, lastSeq) => {
        expect(readFrame(frameOf(records, firstSeq, lastSeq))).toEqual({ firstSeq, lastSeq, records });
      }),
    );
  });

  it('keeps a text to the byte, whatever it starts with', () => {
    const message = { type: 'listAsset', asset: 0 as never, scale: 8, name: '\ufeffBTC 💰' } as const;
    expect(readFrame(frameOf([{ id: 1, timeUs: 0, message }])).records[0]!.message).toEqual(message);
  });

  it('gives only the messages that are wanted, and is refused for damage in the others all the same', () => {
    const writer = new FrameWriter();
    writer.write(1, 2, { type: 'position' });
    writer.write(3, 4, { type: 'rejected', requestId: 5, code: 6 });
    const bytes = writer.finish(1, 3);
    const { records } = readFrame(bytes, new Set(['rejected'] as const));
    expect(records).toEqual([{ id: 3, timeUs: 4, message: { type: 'rejected', requestId: 5, code: 6 } }]);
    expect(() => readFrame(bytes.with(40, bytes[40]! ^ 1), new Set(['rejected'] as const))).toThrow(
      FrameError,
    );
  });

  it('is read from any offset in a larger buffer', () => {
    for (const offset of [1, 4, 8]) {
      const buffer = Buffer.alloc(sample.length + offset);
      buffer.set(sample, offset);
      expect(readFrame(buffer.subarray(offset))).toEqual(readFrame(sample));
    }
  });

  it('is damaged by every flip of a bit', () => {
    for (let bit = 0; bit < sample.length * 8; bit++) {
      const damaged = Uint8Array.from(sample);
      damaged[bit >>> 3]! ^= 1 << (bit & 7);
      expect(() => readFrame(damaged)).toThrow(FrameError);
    }
  });

  it('is refused at every length but its own', () => {
    for (let length = 0; length < sample.length; length++) {
      expect(() => readFrame(sample.subarray(0, length))).toThrow(FrameError);
    }
    expect(() => readFrame(Buffer.concat([sample, Buffer.alloc(8)]))).toThrow(FrameError);
    expect(() => readFrame(new Uint8Array(FRAME_BYTES_MAX + 8))).toThrow('in whole words');
  });

  it('of another version says so', () => {
    const future = Uint8Array.from(sample);
    future[3] = 3;
    expect(() => readFrame(future)).toThrow('frame version 3 is not 2, the one known here');
    const past = Uint8Array.from(sample);
    past[3] = 1;
    expect(() => openFrame(past)).toThrow('frame version 1 is not 2, the one known here');
  });

  it('of random bytes never reads as one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (bytes) => {
        expect(() => readFrame(bytes)).toThrow(FrameError);
      }),
    );
  });

  it('keeps the bytes that journals already hold', () => {
    // Message codes, the order of fields and of choices, and the layout are permanent.
    expect(Buffer.from(sample).toString('hex').match(/.{16}/g)).toEqual(GOLDEN);
  });
});

describe('a writer', () => {
  it('refuses what is not exact, not listed or too long', () => {
    const write = (message: unknown) => () => new FrameWriter().write(1, 1, message as Message);
    const asset = { type: 'listAsset', asset: 0, scale: 8, name: 'BTC' };
    expect(write({ ...asset, scale: 0.5 })).toThrow('listAsset.scale is not a safe integer: 0.5');
    expect(write({ ...asset, scale: 2 ** 53 })).toThrow('not a safe integer');
    expect(write({ ...asset, scale: null })).toThrow('not a safe integer');
    expect(write({ ...asset, name: '€'.repeat(9) })).toThrow('listAsset.name is over 24 bytes');
    const cancel = { type: 'cancel', session: 0, request: 0, account: 1, market: 1, orderId: null };
    expect(write({ ...cancel, restriction: 'SOME' })).toThrow('cancel.restriction is none of');
    expect(write({ ...cancel, orderId: 0.5 })).toThrow('cancel.orderId is not a safe integer: 0.5');
    expect(write({ ...cancel, orderId: Number.NaN })).toThrow('cancel.orderId is not a safe integer: NaN');
    expect(write({ ...asset, name: 'x'.repeat(25) })).toThrow('listAsset.name is over 24 bytes');
    expect(write({ type: 'mystery' })).toThrow('no such message: mystery');
  });

  it('is used again after clear, and appends what another has collected', () => {
    const [first, second] = [new FrameWriter(), new FrameWriter()];
    const reply = (requestId: number): Message => ({ type: 'answered', requestId, count: 0 });
    first.write(1, 0, reply(1));
    first.clear();
    expect(first.count).toBe(0);
    first.write(2, 0, reply(2));
    second.write(3, 0, reply(3));
    first.append(second);
    expect(first.count).toBe(2);
    expect(readFrame(first.finish()).records.map(({ message }) => message)).toEqual([reply(2), reply(3)]);
  });
});

/** The words of a record on its own, without its frame. */
function wordsOf(message: Message, id = 1, timeUs = 2): Float64Array {
  const frame = openFrame(frameOf([{ id, timeUs, message }]));
  return frame.words.slice(frame.start);
}

describe('an opened frame', () => {
  const frame = openFrame(sample);

  it('says what it covers, and has its records one behind the other', () => {
    expect(frame).toMatchObject({ firstSeq: 1, lastSeq: 4, count: 4, start: 4, end: sample.length / 8 });
    const records = [];
    for (let at = frame.start; at < frame.end; at += recordWords(frame, at)) {
      checkRecord(frame, at);
      expect(readRecord(frame, at).message.type).toBe(typeOfRecord(frame, at));
      records.push(readRecord(frame, at));
    }
    expect(records).toEqual(readFrame(sample).records);
  });

  it('has memory of its own: what is written to the bytes later does not reach it', () => {
    const bytes = Uint8Array.from(sample);
    const opened = openFrame(bytes);
    bytes.fill(0);
    expect(readRecord(opened, opened.start)).toEqual(readFrame(sample).records[0]);
  });

  it('shows the same bytes as words, as halves and as bytes', () => {
    expect(frame.words.buffer).toBe(frame.bytes.buffer);
    expect(frame.ints.buffer).toBe(frame.bytes.buffer);
    expect(Buffer.from(frame.bytes).equals(sample)).toBe(true);
  });

  it('is refused when its records do not fill it, or are not as many as it says', () => {
    const words = [...wordsOf({ type: 'position' }), ...wordsOf({ type: 'position' })];
    const withLength = (length: number) => {
      const bytes = sealedFrame(words, 2);
      new Int32Array(bytes.buffer)[4 * 2 + 1] = length;
      return sealedFrame(new Float64Array(bytes.buffer).subarray(4), 2);
    };
    expect(() => openFrame(sealedFrame(words, 2))).not.toThrow();
    expect(() => openFrame(sealedFrame(words, 1))).toThrow('frame says 1 records and has 2');
    expect(() => openFrame(sealedFrame(words, 3))).toThrow('frame says 3 records and has 2');
    expect(() => openFrame(sealedFrame(words, -1))).toThrow('frame says -1 records and has 2');
    for (const length of [0, 1, 2, -3, 7, 2 ** 31 - 1, -(2 ** 31)])
      expect(() => openFrame(withLength(length))).toThrow(`record at word 4 has an impossible length`);
    expect(() => openFrame(withLength(6))).toThrow('frame says 2 records and has 1');
    expect(() => openFrame(withLength(4))).toThrow(FrameError);
  });

  it('is refused for a message that is not known, and for sequences that are no numbers', () => {
    const words = wordsOf({ type: 'position' });
    for (const code of [0, 23, 63, 86, 127, 137, 166, -1, 2 ** 31 - 1]) {
      new Int32Array(words.buffer)[0] = code;
      expect(() => openFrame(sealedFrame(words, 1))).toThrow(`message code ${code} at word 4 is unknown`);
    }
    for (const seq of [Number.NaN, 0.5, 2 ** 53, -Infinity]) {
      const bytes = sealedFrame(wordsOf({ type: 'position' }), 1, seq, 1);
      expect(() => openFrame(bytes)).toThrow(`first sequence is not a safe integer: ${seq}`);
      const other = sealedFrame(wordsOf({ type: 'position' }), 1, 1, seq);
      expect(() => openFrame(other)).toThrow(`last sequence is not a safe integer: ${seq}`);
    }
  });
});

describe('a record', () => {
  /** Both ways of reading it refuse it with this. */
  function expectFault(words: Float64Array, fault: string): void {
    const frame = openFrame(sealedFrame(words, 1));
    expect(faultOf(() => checkRecord(frame, frame.start))).toBe(fault);
    expect(faultOf(() => readRecord(frame, frame.start))).toBe(fault);
  }
  const withWord = (words: Float64Array, at: number, word: number) => words.slice().fill(word, at, at + 1);

  const plainValues: Record<Field<unknown>['kind'], unknown> = { int: 7, optional: 8, choice: '', text: 'é' };
  const plain = (type: string): Message => {
    const fields = Object.entries(shapes[type]!.fields).map(([name, { kind, choices }]) => [
      name,
      kind === 'choice' ? choices!.at(-1) : plainValues[kind],
    ]);
    return { type, ...Object.fromEntries(fields) } as Message;
  };

  it.each(Object.keys(shapes))('of a %s is checked word by word', (type) => {
    const words = wordsOf(plain(type));
    let at = RECORD_HEADER_WORDS;
    for (const [name, { kind, choices, bytesMax }] of Object.entries(shapes[type]!.fields)) {
      const field = `${type}.${name}`;
      if (kind === 'int') {
        for (const word of [0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)])
          expectFault(withWord(words, at, word), `${field} is not a safe integer: ${word}`);
      } else if (kind === 'optional') {
        for (const word of [0.5, Infinity, 2 ** 53])
          expectFault(withWord(words, at, word), `${field} is not a safe integer: ${word}`);
      } else if (kind === 'choice') {
        for (const word of [-1, 0.5, choices!.length, 2 ** 32, Number.NaN, Infinity])
          expectFault(withWord(words, at, word), `${field} has no choice ${word}`);
      } else {
        const left = (words.length - at - 1) * 8;
        for (const length of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, bytesMax! + 1, left + 1])
          expectFault(withWord(words, at, length), `${field} has an impossible length of ${length} bytes`);
        // The two bytes of é, cut in half, alone, and followed by what nobody would read.
        const bytes = (change: (text: Uint8Array) => void) => {
          const changed = words.slice();
          change(new Uint8Array(changed.buffer, (at + 1) * 8, 8));
          return changed;
        };
        expectFault(withWord(words, at, 1), `${field} has bytes behind its end`);
        for (const index of [2, 3, 7]) {
          expectFault(
            bytes((text) => text.fill(1, index, index + 1)),
            `${field} has bytes behind its end`,
          );
        }
        for (const utf8Fault of [
          [0xc3, 0x28],
          [0xff, 0xff],
          [0x80, 0x80],
          [0xc0, 0x80],
        ]) {
          expectFault(
            bytes((text) => text.set(utf8Fault)),
            `${field} is not UTF-8`,
          );
        }
        at++;
      }
      at++;
    }
    expect(at).toBe(words.length);
  });

  it.each(Object.keys(shapes))('of a %s is refused when it ends early or goes on', (type) => {
    const words = wordsOf(plain(type));
    const withLength = (length: number) => {
      const changed = new Float64Array(length);
      changed.set(words.subarray(0, length));
      new Int32Array(changed.buffer)[1] = length;
      return changed;
    };
    expectFault(withLength(words.length + 1), `${type} has 1 words too many`);
    for (let length = RECORD_HEADER_WORDS; length < words.length; length++) {
      const frame = openFrame(sealedFrame(withLength(length), 1));
      expect(() => checkRecord(frame, frame.start)).toThrow(FrameError);
      expect(() => readRecord(frame, frame.start)).toThrow(FrameError);
    }
  });

  it.each(Object.keys(shapes))('of a %s has an id and a time', (type) => {
    const words = wordsOf(plain(type));
    expectFault(withWord(words, 1, 0.5), 'record id is not a safe integer: 0.5');
    expectFault(withWord(words, 1, Number.NaN), 'record id is not a safe integer: NaN');
    expectFault(withWord(words, 2, 2 ** 53), 'record time is not a safe integer: 9007199254740992');
  });

  it('may have texts as long as they may be, and no byte longer', () => {
    const asset = (name: string) => wordsOf({ type: 'listAsset', asset: 0 as never, scale: 8, name });
    const longest = asset('x'.repeat(24));
    const frame = openFrame(sealedFrame(longest, 1));
    expect(() => checkRecord(frame, frame.start)).not.toThrow();
    expect(longest).toHaveLength(RECORD_HEADER_WORDS + 2 + 1 + 3);
    const longer = new Float64Array([...longest, 0]);
    longer[5] = 25;
    new Int32Array(longer.buffer)[1] = longer.length;
    expectFault(longer, 'listAsset.name has an impossible length of 25 bytes');
    // No word for an empty one but its length.
    expect(asset('')).toHaveLength(RECORD_HEADER_WORDS + 3);
  });

  it('passes the check exactly when it can be read', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), fc.double(), ({ message, id, timeUs }, where, word) => {
        const words = wordsOf(message, id, timeUs);
        words[1 + (where % (words.length - 1))] = word;
        const frame = openFrame(sealedFrame(words, 1));
        expect(faultOf(() => checkRecord(frame, frame.start))).toBe(
          faultOf(() => readRecord(frame, frame.start)),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

/** What it refuses, or '' when it does not. Anything but a refusal is a fault of the codec, and thrown. */
function faultOf(read: () => void): string {
  try {
    read();
    return '';
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return error.message;
  }
}

describe('random bytes', () => {
  it('are read or refused, 100,000 times: never is anything but a FrameError thrown', () => {
    const seed = Date.now() % 2 ** 31;
    process.stdout.write(`codec: random frames with seed ${seed}\n`);
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const types = Object.keys(shapes);
    const samples = types.map((type) => wordsOf(fc.sample(arbitraryMessage(type), { numRuns: 1, seed })[0]!));
    const codes = types.map((type) => shapes[type]!.code);
    let readable = 0;
    // Refusals by the thousand, and nobody reads where they came from.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    for (let run = 0; run < 100_000; run++) {
      const frame = randomFrame(run % 4);
      const fault = faultOf(() => readFrame(frame));
      const checked = faultOf(() => {
        const opened = openFrame(frame);
        for (let at = opened.start; at < opened.end; at += recordWords(opened, at)) checkRecord(opened, at);
      });
      if (checked !== fault) expect([checked, frame]).toEqual([fault, frame]);
      if (fault === '') readable++;
    }
    Error.stackTraceLimit = stackTraceLimit;
    expect(readable).toBeGreaterThan(1_000);

    function randomFrame(kind: number): Uint8Array {
      // Bytes alone; then behind a header that is right; then known messages of random words; then damaged ones.
      if (kind === 0) return randomBytes(below(400));
      if (kind === 1) return sealedFrame(new Float64Array(randomBytes(8 * below(50)).buffer), 1);
      if (kind === 2) {
        const words = Float64Array.from({ length: 3 + below(30) }, randomWord);
        new Int32Array(words.buffer).set([codes[below(codes.length)]!, words.length]);
        return sealedFrame(words, 1);
      }
      const words = samples[below(samples.length)]!.slice();
      for (let count = below(3); count > 0; count--) {
        if (below(2) === 0) words[below(words.length)] = randomWord();
        else new Uint8Array(words.buffer)[below(words.length * 8)] = below(256);
      }
      return sealedFrame(words, 1);
    }

    function randomBytes(length: number): Uint8Array {
      return Uint8Array.from({ length }, () => below(256));
    }

    function randomWord(): number {
      return [0, -0, 1, below(40), -1, Number.NaN, 2 ** 31, Number.MAX_SAFE_INTEGER, 2 ** 53, 0.5][
        below(10)
      ]!;
    }
  }, 30_000);
});

describe('a text in place', () => {
  it('is read where it lies, and the next follows it', () => {
    const anyText = fc
      .string({ unit: 'binary', maxLength: 36 })
      .filter((text) => utf8.encode(text).length <= 36);
    fc.assert(
      fc.property(anyText, anyText, (clientOrderId, newClientOrderId) => {
        const cancel = { session: 0, request: 0, account: 1, market: 0, orderId: null, restriction: 'NONE' };
        const message = { type: 'cancel', ...cancel, clientOrderId, newClientOrderId } as unknown as Message;
        const frame = openFrame(frameOf([{ id: 1, timeUs: 2, message }]));
        const first = frame.start + offsetsOf(commands.cancel).clientOrderId;
        const second = afterText(frame, first);
        expect([readText(frame, first), readText(frame, second)]).toEqual([clientOrderId, newClientOrderId]);
        expect(afterText(frame, second)).toBe(frame.end);
      }),
    );
  });
});

describe('the offsets of fields', () => {
  it('are where the fields lie, up to the first text', () => {
    const order = newOrder({ account: 3, market: 1, price: 5, quantity: 6, clientOrderId: 'mine' });
    const frame = openFrame(frameOf([{ id: 1, timeUs: 2, message: order }]));
    const { clientOrderId, ...offsets } = offsetsOf(commands.place);
    expect(frame.words[frame.start + offsets.account]).toBe(3);
    expect(frame.words[frame.start + offsets.market]).toBe(1);
    expect(frame.words[frame.start + offsets.price]).toBe(5);
    expect(frame.words[frame.start + offsets.stopPrice]).toBe(Number.NaN);
    expect(readText(frame, frame.start + clientOrderId)).toBe('mine');
  });

  it('are not known behind the first text', () => {
    expect(Object.keys(offsetsOf(commands.cancel))).not.toContain('newClientOrderId');
    expect(Object.keys(offsetsOf(commands.cancel))).toContain('clientOrderId');
  });

  it('are the same for the attempt, the account and the market of every trading command', () => {
    const { place, cancel, cancelAll, cancelReplace, amend, placeList, cancelList } = commands;
    for (const shape of [place, cancel, cancelAll, cancelReplace, amend, placeList, cancelList]) {
      const { session, request, account, market } = offsetsOf<Shape['fields']>(shape);
      expect([session, request, account, market]).toEqual([3, 4, 5, 6]);
    }
  });

  it('need texts to come last', () => {
    const { scale, name } = commands.listAsset.fields;
    expect(() => offsetsOf({ code: 1, fields: { name, scale } })).toThrow('texts come last');
    for (const shape of Object.values(shapes)) expect(() => offsetsOf(shape)).not.toThrow();
  });
});

describe('a writer in place', () => {
  it('copies a record under another id and time, and leaves the rest as it was', () => {
    const message: Message = { type: 'listAsset', asset: 0 as never, scale: 8, name: 'GOLD 💰' };
    const from = openFrame(frameOf([{ id: 1, timeUs: 2, message }]));
    const writer = new FrameWriter();
    // Past the first size of its memory.
    for (let count = 0; count < 1_000; count++) writer.copy(from, from.start, 10 + count, 20 + count);
    const { records } = readFrame(writer.finish());
    expect(records).toHaveLength(1_000);
    records.forEach((record, count) => {
      expect(record).toEqual({ id: 10 + count, timeUs: 20 + count, message });
    });
  });

  it('takes a record that was written word by word', () => {
    const writer = new FrameWriter();
    writer.reserve(5);
    writer.words.set([0, 7, 8, 9, 10], writer.length);
    writer.close(replies.answered.code, writer.length + 5);
    expect(readFrame(writer.finish()).records).toEqual([
      { id: 7, timeUs: 8, message: { type: 'answered', requestId: 9, count: 10 } },
    ]);
  });
});
