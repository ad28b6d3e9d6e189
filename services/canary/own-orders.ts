/** A program's own orders among those of an account, which it knows by how their client order ids begin. */
import { type ExchangeClient, RequestError } from './exchange-client.ts';

/** The cancel is refused since there is no such order, or no longer. */
const NO_SUCH_ORDER = -2011;

/** @throws {RequestError} also when there is no such order. */
export function cancelOrder(client: ExchangeClient, symbol: string, clientOrderId: string): Promise<unknown> {
  return client.signed('DELETE', '/api/v3/order', { symbol, origClientOrderId: clientOrderId });
}

/** Cancels what is open of this run or of one before; `mark` is what client order ids begin with. @throws {RequestError} */
export async function clearAway(client: ExchangeClient, symbol: string, mark: string): Promise<void> {
  const open = (await client.signed('GET', '/api/v3/openOrders', { symbol })) as { clientOrderId: string }[];
  const left = open.filter(({ clientOrderId }) => clientOrderId.startsWith(mark));
  for (const { clientOrderId } of left)
    await cancelOrder(client, symbol, clientOrderId).catch((error: unknown) => {
      if (!isNoSuchOrder(error)) throw error;
    });
}

/** Whether a cancel failed since there was nothing to cancel. */
export function isNoSuchOrder(error: unknown): boolean {
  return error instanceof RequestError && error.code === NO_SUCH_ORDER;
}
