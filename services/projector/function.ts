/** The tables' writer as a function of Lambda on the stream. */
import { openDocuments } from '#platform/documents.ts';
import { readConfig } from '#platform/env.ts';
import { createLog } from '#platform/log.ts';
import { functionConfig } from './config.ts';
import { SqsDeadLetters } from './tables/dead-letters.ts';
import { TableProjector } from './tables/table-projector.ts';
import { Tables } from './tables/tables.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-example.html */
interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: {
      readonly partitionKey: string;
      readonly sequenceNumber: string;
      /** In Base64. */
      readonly data: string;
    };
  }[];
}

/** Lambda goes on from the first of these, in their order in the shard. */
interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const values = readConfig(functionConfig);
const tables = new Tables(openDocuments(values.DYNAMODB_ENDPOINT), {
  marketData: values.MARKET_DATA_TABLE,
  transactionHistory: values.TRANSACTION_HISTORY_TABLE,
});
const projector = new TableProjector(tables, {
  deadLetters: new SqsDeadLetters(values.DEAD_LETTERS_URL),
  log: createLog('projector'),
});

export async function handler({ Records }: KinesisEvent): Promise<BatchResult> {
  const failed = await projector.take(
    Records.map(({ kinesis: { partitionKey, sequenceNumber, data } }) => ({
      partitionKey,
      sequenceNumber,
      data: Buffer.from(data, 'base64'),
    })),
  );
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
