/** What Athena reads is what the engine published. */
import { expect, it } from '@jest/globals';
import { handler } from '#services/archiver/main.ts';
import { frame, order, record, trade } from '#test/projector/events.ts';
import { encoded } from '#test/support/kinesis.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const text = (data: string) => Buffer.from(data, 'base64').toString();

it('a record becomes lines, an event a line, with the columns of the table', async () => {
  const bytes = encoded(
    frame(
      7,
      8,
      record(7, 70, order({ account: 3, market: 1, clientOrderId: 'with\na line feed' })),
      record(8, 80, trade({ market: 1, tradeId: 5 })),
    ),
  ).bytes;
  const { records } = await handler({ records: [{ recordId: 'a', data: base64(bytes) }] });
  expect(records).toMatchObject([{ recordId: 'a', result: 'Ok' }]);
  const lines = text(records[0]!.data).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines.pop()).toBe('');
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ seq: 7, time_us: 70, event: 'order', market: 1, account: 3 });
  expect(JSON.parse(first.data)).toMatchObject({ clientOrderId: 'with\na line feed', status: 'NEW' });
  expect(second).toMatchObject({ seq: 8, time_us: 80, event: 'trade', market: 1 });
  expect(second.account).toBeUndefined();
  expect(JSON.parse(second.data)).toMatchObject({ tradeId: 5, takerSide: 'BUY' });
});

it('a record without events leaves nothing, and one that cannot be read is kept as it is', async () => {
  const empty = base64(encoded(frame(1, 9)).bytes);
  const damaged = base64(Buffer.from('damaged'));
  const { records } = await handler({
    records: [
      { recordId: 'a', data: empty },
      { recordId: 'b', data: damaged },
    ],
  });
  expect(records).toEqual([
    { recordId: 'a', result: 'Dropped', data: '' },
    { recordId: 'b', result: 'ProcessingFailed', data: damaged },
  ]);
});
