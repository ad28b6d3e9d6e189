/** Something about this machine keeps the exchange from starting; the message is one sentence with its mend. */
export class StartError extends Error {
  override name = 'StartError';
}
