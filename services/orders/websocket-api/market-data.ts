/**
 * Public market data over the WebSocket API: one address for clients, two services behind it. What `market-data` answers
 * to a GET is the result of the method; weighed and counted there, for the client's own address.
 */
import { viewerAddress } from '#platform/client-address.ts';
import { type ApiReply, type ApiRequest, WEIGHT_HEADER } from '#platform/spot-api/endpoint.ts';
import { ApiError, apiErrors } from '#platform/spot-api/errors.ts';

/** As long as a client waits for any answer of this API. */
const TIMEOUT_MS = 10_000;

export interface MarketDataSource {
  /** @throws {ApiError} what the service refused with, −1020 when it has no such path, or −1001 when it is away. */
  get(path: string, request: Pick<ApiRequest, 'query' | 'address' | 'time'>): Promise<ApiReply>;
}

/** `url` is where the service is reached from inside, as `http://host:port`. */
export function marketDataAt(url: string): MarketDataSource {
  return {
    get: async (path, { query, address, time }) => {
      const target = new URL(`${path}?${query}`, url);
      // A millisecond is 1 to whoever is told milliseconds.
      const timeUnit = time(1_000 as Parameters<typeof time>[0]) === 1 ? 'MILLISECOND' : 'MICROSECOND';
      const headers = { 'CloudFront-Viewer-Address': viewerAddress(address), 'X-MBX-TIME-UNIT': timeUnit };
      const response = await fetch(target, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
        (error: unknown) => {
          throw apiErrors.disconnected(error);
        },
      );
      if (response.status === 404) throw apiErrors.unsupported();
      const json: unknown = await response.json().catch((error: unknown) => {
        throw apiErrors.disconnected(error);
      });
      if (!response.ok) throw refusalIn(json, response);
      const used = response.headers.get(WEIGHT_HEADER) ?? '0';
      return { json, headers: { [WEIGHT_HEADER]: used } };
    },
  };
}

function refusalIn(json: unknown, { status, headers }: Response): ApiError {
  const { code = -1000, msg = '' } = (json ?? {}) as { code?: number; msg?: string };
  const seconds = headers.get('retry-after');
  return new ApiError(
    code,
    msg,
    seconds === null ? { status } : { status, retryAfterMs: Number(seconds) * 1_000 },
  );
}
