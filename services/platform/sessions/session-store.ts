/** Where sessions are kept. One interface, DynamoDB and PostgreSQL behind it; one test runs over both. */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import { systemClock } from '../clock.ts';

/** Who asks, for the record. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/** A log-in and what follows from it, until it ends. */
export interface Session extends Client {
  readonly account: AccountId;
  /** Random; 22 characters of base64url. */
  readonly id: string;
  /** The user's when the session was opened: a session of an earlier one has ended. */
  readonly securityEpoch: number;
  /** SHA-256 of the refresh token that is valid now, in base64url. */
  readonly refreshHash: string;
  readonly createdAt: TimeUs;
  readonly refreshedAt: TimeUs;
  /** Whatever happens meanwhile. */
  readonly expiresAt: TimeUs;
  /** When a one-time code was last given; null for never. */
  readonly otpAt: TimeUs | null;
}

/** Whether it goes on, as far as its own end tells. */
export function isLive({ expiresAt }: Session): boolean {
  return systemClock.nowUs() < expiresAt;
}

/** Reads see every write that was answered before. Sessions past their end may still come: whoever reads checks. */
export interface SessionStore {
  add(session: Session): Promise<void>;
  find(account: AccountId, id: string): Promise<Session | undefined>;
  ofAccount(account: AccountId): Promise<Session[]>;
  /** Puts `to` in place of the hash `from`, once: of two at the same time one is told undefined. */
  rotate(session: Session, to: string, at: TimeUs, client: Client): Promise<Session | undefined>;
  /** Undefined when the session is no more. */
  setOtpAt(account: AccountId, id: string, at: TimeUs): Promise<Session | undefined>;
  /** False when there was none. */
  remove(account: AccountId, id: string): Promise<boolean>;
  close(): Promise<void>;
}
