import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  FRAME_BYTES_MAX,
  type Frame,
  FrameError,
  FrameWriter,
  type Message,
  readFrame,
} from '#domain/codec.ts';
import { commands } from '#domain/commands.ts';
import { events } from '#domain/events.ts';
import { queries, replies } from '#domain/queries.ts';
import type { Field, Shape } from '#domain/schema.ts';

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
      message: { type: 'cancelAll', account: 3 as never, market: 1 as never },
    },
    {
      id: 3,
      timeUs: 1_700_000_000_000_002,
      message: { type: 'listAsset', asset: 0 as never, scale: 8, name: 'BTC' },
    },
  ],
  1,
  3,
);

/** The sample's words. */
const GOLDEN = [
  '58424b0155538bf2',
  'a800000003000000',
  '000000000000f03f',
  '0000000000000840',
  'a100000005000000',
  '000000000000f03f',
  '0000796090281843',
  '0000000000001c40',
  '0000000000003640',
  '0600000005000000',
  '0000000000000040',
  '0400796090281843',
  '0000000000000840',
  '000000000000f03f',
  '0100000007000000',
  '0000000000000840',
  '0800796090281843',
  '0000000000000000',
  '0000000000002040',
  '0000000000000840',
  '4254430000000000',
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
    future[3] = 2;
    expect(() => readFrame(future)).toThrow('frame version 2 is not 1, the one known here');
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
    expect(write({ type: 'cancel', account: 1, market: 1, orderId: null, restriction: 'SOME' })).toThrow(
      'cancel.restriction is none of',
    );
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
