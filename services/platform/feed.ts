/**
 * The real-time feed: committed events from the engine to whoever is listening now. It may lose messages; a
 * listener sees a gap by the frames' sequences and resyncs from the engine.
 */

/** Carries one frame of events (see `codec.ts`) per message. */
export const EVENTS_CHANNEL = 'crossbook:events';

export interface Feed {
  /** Hands `message` to every listener of `channel`; never waits for them and never fails a caller. */
  publish(channel: string, message: Uint8Array): void;
  /** Calls `listener` for each message from now on, in order, until the returned function is called. */
  subscribe(
    channel: string,
    listener: (message: Uint8Array) => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
