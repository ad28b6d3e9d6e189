/** DynamoDB on this machine: the real protocol, kept in a folder or in memory. */
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

export interface LocalDynamo {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Without a `directory` everything is in memory. */
export async function startDynamo(directory?: string): Promise<LocalDynamo> {
  const server = dynalite({ ...(directory === undefined ? {} : { path: directory }), createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The table of sessions as the accounts service wants it, unless it is there. */
export function createSessionsTable(endpoint: string, name: string): Promise<void> {
  return createTable(endpoint, {
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: 'account_id', AttributeType: 'N' },
      { AttributeName: 'session_id', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'account_id', KeyType: 'HASH' },
      { AttributeName: 'session_id', KeyType: 'RANGE' },
    ],
  });
}

/** The projector's tables, as `stacks/tables.ts` has them, unless they are there. */
export async function createProjectorTables(
  endpoint: string,
  names: { readonly marketData: string; readonly transactionHistory: string },
): Promise<void> {
  await createTable(endpoint, {
    TableName: names.marketData,
    AttributeDefinitions: [
      { AttributeName: 'trading_pair', AttributeType: 'S' },
      { AttributeName: 'timestamp', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'trading_pair', KeyType: 'HASH' },
      { AttributeName: 'timestamp', KeyType: 'RANGE' },
    ],
  });
  await createTable(endpoint, {
    TableName: names.transactionHistory,
    AttributeDefinitions: [
      { AttributeName: 'account_id', AttributeType: 'N' },
      { AttributeName: 'entry_id', AttributeType: 'S' },
      { AttributeName: 'account_asset', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'account_id', KeyType: 'HASH' },
      { AttributeName: 'entry_id', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-asset',
        KeySchema: [
          { AttributeName: 'account_asset', KeyType: 'HASH' },
          { AttributeName: 'entry_id', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
}

async function createTable(
  endpoint: string,
  input: Omit<CreateTableCommandInput, 'BillingMode'>,
): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  try {
    await client.send(new DescribeTableCommand({ TableName: input.TableName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...input }));
  } finally {
    client.destroy();
  }
}
