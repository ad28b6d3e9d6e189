/** The stream of committed events on this machine, and what keeps the tables of DynamoDB by it. */
import { join } from 'node:path';
import { openDocuments } from '#platform/documents.ts';
import { openKinesis } from '#platform/kinesis.ts';
import type { Log } from '#platform/log.ts';
import { completeTables } from '#services/projector/rebuild/rebuild.ts';
import { TableProjector } from '#services/projector/tables/table-projector.ts';
import { Tables } from '#services/projector/tables/tables.ts';
import { FileDeadLetters } from './dead-letters.ts';
import { createProjectorTables } from './dynamo.ts';
import { createStream, replaceStream, startKinesis } from './kinesis.ts';
import { StreamPoller } from './stream-poller.ts';

const STREAM_NAME = 'market-data-stream';
export const TABLE_NAMES = { marketData: 'market-data', transactionHistory: 'transaction-history' };
/** The stream is in memory, and forgets nothing by itself: once this much of it was read, an empty one takes its place. */
const STREAM_BYTES_MAX = 32 * 1024 * 1024;

export interface EventStream {
  /** For the engine. */
  readonly variables: { readonly STREAM_NAME: string; readonly KINESIS_ENDPOINT: string };
  close(): Promise<void>;
}

export async function startEventStream(): Promise<EventStream> {
  const server = await startKinesis();
  const kinesis = openKinesis(server.endpoint);
  await createStream(kinesis, STREAM_NAME);
  kinesis.destroy();
  return {
    variables: { STREAM_NAME, KINESIS_ENDPOINT: server.endpoint },
    close: server.close,
  };
}

export interface TablesDeps {
  readonly stream: EventStream;
  readonly dynamoEndpoint: string;
  readonly engineUrl: string;
  readonly dataDirectory: string;
  readonly log: Log;
}

/** Fills the tables from the journal, since the stream of before is gone, and then follows the stream. */
export async function startTables(deps: TablesDeps): Promise<{ close(): Promise<void> }> {
  const { stream, dynamoEndpoint, engineUrl, dataDirectory, log } = deps;
  const streamName = stream.variables.STREAM_NAME;
  const kinesis = openKinesis(stream.variables.KINESIS_ENDPOINT);
  const documents = openDocuments(dynamoEndpoint);
  await createProjectorTables(dynamoEndpoint, TABLE_NAMES);
  const tables = new Tables(documents, TABLE_NAMES);
  await completeTables(tables, engineUrl);
  const deadLetters = new FileDeadLetters(join(dataDirectory, 'dead-letters.jsonl'));
  const projector = new TableProjector(tables, { deadLetters, log });
  const poller = new StreamPoller({
    kinesis,
    streamName,
    take: (records) => projector.take(records),
    betweenRounds: async (bytesRead) => {
      if (bytesRead < STREAM_BYTES_MAX) return false;
      await replaceStream(kinesis, streamName);
      // What had been published and not yet read.
      await completeTables(tables, engineUrl);
      return true;
    },
    log,
  });
  return {
    close: async () => {
      await poller.close();
      kinesis.destroy();
      documents.destroy();
    },
  };
}
