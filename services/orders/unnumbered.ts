import type { SessionId } from '#domain/ids.ts';

/** For the engine's client to fill in: it numbers trading commands within its session. */
export const UNNUMBERED = { session: 0 as SessionId, request: 0 } as const;
