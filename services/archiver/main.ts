/** What Firehose asks before it archives: records of the stream become lines of JSON, an event a line. */
import { FrameError } from '#domain/codec.ts';
import { linesOf } from './lines.ts';

/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
interface TransformationEvent {
  /** Data in Base64. */
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}

interface TransformedRecord {
  readonly recordId: string;
  /** What failed is stored as it is, in a folder of its own. */
  readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
  readonly data: string;
}

export async function handler({
  records,
}: TransformationEvent): Promise<{ readonly records: readonly TransformedRecord[] }> {
  return { records: records.map(({ recordId, data }) => ({ recordId, ...transformed(data) })) };
}

function transformed(data: string): Omit<TransformedRecord, 'recordId'> {
  try {
    const lines = linesOf(Buffer.from(data, 'base64'));
    if (lines === '') return { result: 'Dropped', data: '' };
    return { result: 'Ok', data: Buffer.from(lines).toString('base64') };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { result: 'ProcessingFailed', data };
  }
}
