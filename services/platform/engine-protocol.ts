/** What the engine and its clients agree on beside the frames of `codec.ts`. */

/** Requests in, replies out, one binary frame of the codec per message. */
export const COMMANDS_PATH = '/commands';
/** Committed events after the sequence in the query's `from`, a frame per batch, contiguous and without end. */
export const EVENTS_PATH = '/events';

/**
 * Most requests in one frame. The largest request, an order list, takes 456 bytes: 128 of them and the header are
 * 58 KB, below the 64 KB that a WebSocket message may have.
 */
export const REQUESTS_PER_FRAME_MAX = 128;

/** WebSocket close codes of the engine; the reason says more in words. */
export const closeCodes = {
  /** What arrived was not a frame of requests. */
  badRequest: 4000,
  /** The client does not read as fast as the engine writes; it may connect again. */
  tooSlow: 4001,
  /** `from` lies beyond the end of the journal: the reader's history is not this engine's. */
  ahead: 4002,
  /** Too many readers at once; later there may be room. */
  busy: 4003,
} as const;
