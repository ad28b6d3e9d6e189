/**
 * Telling a server that is away from a fault of our own. What asked it has been asked for in vain and may be asked for
 * again: it is told so (503), where a fault of our own is told as such (500).
 */

/** Something that this process needs does not answer, or not in time. That says nothing about the request. */
export class Outage extends Error {
  override name = 'Outage';
}

/** What Node.js calls a connection that cannot be made, or is lost: `errno(3)` and `getaddrinfo(3)`. */
const NO_CONNECTION = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);
/**
 * What PostgreSQL calls a connection that is lost or refused, one too many, and a server that stops or starts.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SQL_STATE = /^(08...|53300|57P0[123])$/;
/** `pg` and its pool have these texts and no code: `node_modules/pg/lib/client.js`, `node_modules/pg-pool/index.js`. */
const NO_DATABASE =
  /^(Connection terminated|timeout e|Query read timeout|Client has encountered a connection error)/;
/** Too many requests, which DynamoDB tells as 400. */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** What drivers add to an error: Node.js and PostgreSQL a code, the AWS SDK whose fault it is and what was answered. */
interface DriverError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether it was an {@link Outage}, or what a driver says of one: of PostgreSQL, of AWS, or of the network below. */
export function isOutage(error: unknown): boolean {
  if (error instanceof Outage) return true;
  const { name, message, code, $fault, $metadata } = error as DriverError;
  if (typeof code === 'string' && (NO_CONNECTION.has(code) || SQL_STATE.test(code))) return true;
  if (NO_DATABASE.test(message)) return true;
  const isUnanswered = $metadata !== undefined && $metadata.httpStatusCode === undefined;
  return isUnanswered || $fault === 'server' || THROTTLED.has(name);
}
