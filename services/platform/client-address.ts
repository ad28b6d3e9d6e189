/** Who is asking: the network address that limits are counted by. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/**
 * The client's address. Each load balancer on the way appends the address that it was called from to
 * `X-Forwarded-For`, so that with `trustedHops` balancers of ours the last but that many are the client's own
 * words and not believed. Where CloudFront stands before them it says the address itself, whatever stands between; it
 * lets no client set that header. With 0 no header is looked at: the address is the socket's.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
export function clientAddress(context: Context, trustedHops: number): string {
  const { incoming } = (context.env ?? {}) as { incoming?: Partial<IncomingMessage> };
  const ofSocket = incoming?.socket?.remoteAddress ?? 'unknown';
  if (trustedHops === 0) return ofSocket;
  // As 198.51.100.10:46532, or 2001:db8::1:46532.
  const viewer = context.req.header('cloudfront-viewer-address')?.replace(/:\d+$/, '');
  if (viewer) return viewer;
  const forwarded = context.req.header('x-forwarded-for')?.split(',') ?? [];
  return forwarded.at(-trustedHops)?.trim() || ofSocket;
}

/** A client's address as CloudFront writes it, for a service that asks another on its behalf; the port is nobody's. */
export function viewerAddress(address: string): string {
  return `${address}:0`;
}
