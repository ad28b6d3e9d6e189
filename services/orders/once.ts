import type { SessionId } from '#domain/ids.ts';

/** What names a command that is sent once: a client hears of a lost answer, and tries again by itself. */
export const ONCE = { session: 0 as SessionId, request: 0 } as const;
