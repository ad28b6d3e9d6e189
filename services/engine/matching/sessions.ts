/**
 * What became of recent requests, so that one which is sent again is not executed again: whoever sends it may not
 * have heard the answer. A session numbers its requests upward; each remembers its last {@link REQUESTS_MAX}.
 */

/** The one unused for longest makes room for another. */
export const SESSIONS_MAX = 256;
/** Many times what one caller has under way at a time. */
export const REQUESTS_MAX = 1024;

const WIDTH = 4;

export interface Remembered {
  readonly seq: number;
  readonly timeUs: number;
  /** 0, or the rejection's. */
  readonly code: number;
}

interface Session {
  readonly id: number;
  readonly nonce: number;
  lastUsed: number;
  /** By number modulo {@link REQUESTS_MAX}: number, sequence, time, code of the outcome. */
  readonly outcomes: Float64Array;
}

export class Sessions {
  open = new Map<number, Session>();
  lastId = 0;

  /** The session of this caller, which is told from others by its nonce. */
  openFor(nonce: number, seq: number): number {
    for (const session of this.open.values()) {
      if (session.nonce !== nonce) continue;
      session.lastUsed = seq;
      return session.id;
    }
    if (this.open.size >= SESSIONS_MAX) {
      const [oldest] = [...this.open.values()].sort((a, b) => a.lastUsed - b.lastUsed);
      this.open.delete(oldest!.id);
    }
    const id = ++this.lastId;
    const outcomes = new Float64Array(REQUESTS_MAX * WIDTH).fill(Number.NaN);
    this.open.set(id, { id, nonce, lastUsed: seq, outcomes });
    return id;
  }

  find(id: number): Session | undefined {
    return this.open.get(id);
  }
}

/** Where a request's outcome is or belongs. */
function placeOf(request: number): number {
  return (((request % REQUESTS_MAX) + REQUESTS_MAX) % REQUESTS_MAX) * WIDTH;
}

/** What the session remembers at the request's place: the number of the request that has it, or NaN. */
export function rememberedAt(session: Session, request: number): number {
  return session.outcomes[placeOf(request)]!;
}

export function outcomeOf({ outcomes }: Session, request: number): Remembered {
  const at = placeOf(request);
  return { seq: outcomes[at + 1]!, timeUs: outcomes[at + 2]!, code: outcomes[at + 3]! };
}

export function remember(session: Session, request: number, { seq, timeUs, code }: Remembered): void {
  session.lastUsed = seq;
  session.outcomes.set([request, seq, timeUs, code], placeOf(request));
}
