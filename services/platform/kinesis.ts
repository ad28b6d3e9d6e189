/** A client of Kinesis. */
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const REQUEST_TIMEOUT_MS = 5_000;
/** A server of this machine asks for no credentials of AWS. */
const LOCAL = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** An empty `endpoint` is that of AWS, in the region that the process runs in. What fails is tried again by the caller. */
export function openKinesis(endpoint: string): KinesisClient {
  return new KinesisClient({
    maxAttempts: 1,
    // The client's own handler speaks HTTP/2, which a plain HTTP endpoint does not.
    requestHandler: new NodeHttpHandler({
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
    ...(endpoint === '' ? {} : { endpoint, ...LOCAL }),
  });
}
