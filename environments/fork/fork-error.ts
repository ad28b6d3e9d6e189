/** The fork cannot be made so, and nothing was changed; the message says why, and what to do. */
export class ForkError extends Error {
  override name = 'ForkError';
}
