/** Events as the archive has them: the columns of `stacks/market-data-archive.ts`. */
import { readFrame } from '#domain/codec.ts';

/**
 * A line for each event of a record of the stream, each ended by a line feed; none for a record without events.
 * @throws {FrameError} when it is no frame of events.
 */
export function linesOf(bytes: Uint8Array): string {
  const lines = readFrame(bytes).records.map(({ id, timeUs, message }) => {
    const { type: event, ...data } = message;
    const { market, account }: { readonly market?: number; readonly account?: number } = data as object;
    // As a text, whatever the kind has in it: the table has one column for it.
    const line = { seq: id, time_us: timeUs, event, market, account, data: JSON.stringify(data) };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join('');
}
