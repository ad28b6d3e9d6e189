/** A client of DynamoDB that takes and gives items as plain objects. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const REQUEST_TIMEOUT_MS = 3_000;
/** A server of this machine asks for no credentials of AWS. */
const LOCAL = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** An empty `endpoint` is that of AWS, in the region that the process runs in. */
export function openDocuments(endpoint: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: REQUEST_TIMEOUT_MS },
    ...(endpoint === '' ? {} : { endpoint, ...LOCAL }),
  });
  return DynamoDBDocumentClient.from(client);
}
