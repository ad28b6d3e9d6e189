/** Who is asking: the network address that limits are counted by. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/**
 * The client's address. Each load balancer on the way appends the address that it was called from to
 * `X-Forwarded-For`, so that with `trustedHops` balancers of ours the last but that many are the client's own
 * words and not believed. With 0 the header is not looked at: the address is the socket's.
 */
export function clientAddress(context: Context, trustedHops: number): string {
  const { incoming } = (context.env ?? {}) as { incoming?: Partial<IncomingMessage> };
  const ofSocket = incoming?.socket?.remoteAddress ?? 'unknown';
  if (trustedHops === 0) return ofSocket;
  const forwarded = context.req.header('x-forwarded-for')?.split(',') ?? [];
  return forwarded.at(-trustedHops)?.trim() || ofSocket;
}
