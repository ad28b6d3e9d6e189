/** What the engine and its clients agree on beside the frames of `codec.ts`. */
import { z } from 'zod';

/** Requests in, replies out, one binary frame of the codec per message; at the leader only. */
export const COMMANDS_PATH = '/commands';
/** Committed events after the sequence in the query's `from`, a frame per batch, contiguous and without end. */
export const EVENTS_PATH = '/events';
/** Tells who leads, and takes it as a sign of life of whoever asks: the query's `port` is the one that was dialled. */
export const LEADER_PATH = '/leader';
/** Asks the leader to let go for the engine that asks. */
export const HANDOFF_PATH = '/handoff';

/**
 * Most requests in one frame. The largest request, an order list, takes 456 bytes: 128 of them and the header are
 * 58 KB, below the 64 KB that a WebSocket message may have.
 */
export const REQUESTS_PER_FRAME_MAX = 128;

/**
 * So far apart may the numbers of a session's unanswered requests be: the engine remembers the outcome of as many
 * (`REQUESTS_MAX` in `services/engine/matching/sessions.ts`).
 */
export const SESSION_WINDOW = 1_024;

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
  /** Another engine leads, or none does; what was not answered may or may not have been executed. */
  notLeader: 4004,
} as const;

const viewSchema = z.object({ leader: z.string().nullable(), epoch: z.number(), deployment: z.string() });

/** Who leads, as far as the task knows that was asked. */
export type LeaderView = z.infer<typeof viewSchema>;

/** @throws {ZodError} when the answer of {@link LEADER_PATH} is none. */
export function readLeaderView(answer: unknown): LeaderView {
  return viewSchema.parse(answer);
}
