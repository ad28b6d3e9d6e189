/** What the processes of the streams bench say to one another; times are milliseconds since the epoch, with fractions. */

/** To a server: broadcast so many steps, or these texts step by step. */
export type ServerTask = { readonly steps: number } | { readonly replay: readonly (readonly string[])[] };

/** From a server, when the operating system has all of it. */
export interface Sent {
  readonly beganMs: number;
  /** Of the server's processor time, which others on the machine do not lengthen. */
  readonly cpuMs: number;
  /** Messages and bytes for each client. */
  readonly messages: number;
  readonly bytes: number;
  /** The texts of each step. */
  readonly texts: readonly (readonly string[])[];
}

/** To the clients. */
export type ClientsTask =
  | { readonly connect: { readonly port: number; readonly path: string; readonly count: number } }
  /** Answered when each client has got so many bytes since the last time. */
  | { readonly until: number }
  /** Answered at once: what was heard since the last time. */
  | { readonly heard: true }
  | { readonly disconnect: true };

export interface Heard {
  readonly endedMs: number;
  readonly messages: number;
  /** From the time in a message's `T` to its arrival, of some clients. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const nowMs = () => performance.timeOrigin + performance.now();
