/** A client of DynamoDB that takes and gives items as plain objects. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const REQUEST_TIMEOUT_MS = 3_000;
const ATTEMPTS_MAX = 3;
/** A server of this machine asks for no credentials of AWS. */
const LOCAL = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/**
 * An empty `endpoint` is that of AWS, in the region that the process runs in. What is not answered within
 * `requestTimeoutMs` is asked {@link ATTEMPTS_MAX} times in all, and may have been done by one of them.
 */
export function openDocuments(
  endpoint: string,
  { requestTimeoutMs = REQUEST_TIMEOUT_MS } = {},
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      connectionTimeout: requestTimeoutMs,
      // Otherwise what takes longer is a line in the log, and goes on.
      throwOnRequestTimeout: true,
    },
    ...(endpoint === '' ? {} : { endpoint, ...LOCAL }),
  });
  return DynamoDBDocumentClient.from(client);
}
