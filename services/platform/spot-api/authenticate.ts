/**
 * Who sent a request: an API key, and a signature over the exact bytes that came.
 * Rules: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
 */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Security } from '../routes.ts';
import type { ApiKey } from './api-keys.ts';
import type { ApiRequest } from './endpoint.ts';
import { apiErrors } from './errors.ts';
import type { KeyRing } from './key-ring.ts';
import type { Parameters } from './parameters.ts';
import { isSignedBy } from './signature.ts';

export interface Caller {
  readonly account: AccountId;
  readonly timestamp: TimeUs;
  /** Microseconds. */
  readonly recvWindowUs: number;
}

const API_KEY = /^[\w-]{1,128}$/;
const RECV_WINDOW_DEFAULT_US = 5_000_000;
const RECV_WINDOW_MAX_MS = 60_000;
/** How far a client's clock may be ahead. */
const AHEAD_MAX_US = 1_000_000;
/** `recvWindow` is in milliseconds with up to three decimals. */
const RECV_WINDOW_DECIMALS = 3;

/**
 * Who sent a signed request.
 * @throws {ApiError} −1021, −1022, −1102, −2014 or −2015.
 */
export async function authenticate(ring: KeyRing, request: ApiRequest, security: Security): Promise<Caller> {
  const { parameters, query, body, address } = request;
  const apiKey = wellFormed(request.header('x-mbx-apikey'));
  const timing = readTiming(parameters);
  const signature = parameters.mandatoryText('signature');
  // A key that was revoked a moment ago must not move money away: what is stored now decides, whatever was kept.
  if (security === 'WITHDRAW') ring.keys.forget(apiKey);
  const key = await findKey(ring, apiKey, address);
  if (!isSignedBy(key.verifier, signedPayload(query, body), signature)) throw apiErrors.invalidSignature();
  return admit(ring, apiKey, key, timing, security, address);
}

/**
 * Whose API key came with a request that is not signed.
 * @throws {ApiError} −2014 or −2015.
 */
export async function identify(ring: KeyRing, request: ApiRequest): Promise<Caller> {
  const apiKey = wellFormed(request.header('x-mbx-apikey'));
  const { account } = await findKey(ring, apiKey, request.address);
  ring.keyUses.note(apiKey, request.address);
  return { account, timestamp: nowUs() as TimeUs, recvWindowUs: RECV_WINDOW_DEFAULT_US };
}

/** @throws {ApiError} −2014 */
export function wellFormed(apiKey = ''): string {
  if (!API_KEY.test(apiKey)) throw apiErrors.apiKeyFormat();
  return apiKey;
}

export type Timing = Omit<Caller, 'account'>;

/** @throws {ApiError} −1102 */
export function readTiming(parameters: Parameters): Timing {
  const timestamp = parameters.mandatoryTimeUs('timestamp');
  const recvWindowUs = parameters.decimal('recvWindow', RECV_WINDOW_DECIMALS) ?? RECV_WINDOW_DEFAULT_US;
  if (recvWindowUs > RECV_WINDOW_MAX_MS * 1000) throw apiErrors.tooGreat('recvWindow', RECV_WINDOW_MAX_MS);
  return { timestamp, recvWindowUs };
}

/**
 * The key, if it may be used from there.
 * @throws {ApiError} −2015
 */
export async function findKey({ keys }: KeyRing, apiKey: string, address: string): Promise<ApiKey> {
  const key = await keys.find(apiKey);
  if (key === undefined || !key.allowList.allows(address)) throw apiErrors.rejectedApiKey();
  return key;
}

/**
 * Whether a key that is who it says may do what it asks now.
 * @throws {ApiError} −1021 or −2015
 */
export function admit(
  { keyUses }: KeyRing,
  apiKey: string,
  { account, canTrade, canWithdraw, allowList }: ApiKey,
  timing: Timing,
  security: Security,
  address: string,
): Caller {
  const caller = { account, ...timing };
  if (timing.timestamp >= nowUs() + AHEAD_MAX_US) throw apiErrors.timestampAhead();
  requireFresh(caller);
  if (security === 'TRADE' && !canTrade) throw apiErrors.rejectedApiKey();
  if (security === 'WITHDRAW' && !canWithdraw) throw apiErrors.mayNotWithdraw();
  // Nobody gives a one-time code for what a key does: that it comes from a known address stands in its place.
  if (security === 'WITHDRAW' && !allowList.isRestricted) throw apiErrors.withdrawsFromAnywhere();
  keyUses.note(apiKey, address);
  return caller;
}

/**
 * To be asked again just before the engine.
 * @throws {ApiError} −1021 when the request is older than its recvWindow.
 */
export function requireFresh({ timestamp, recvWindowUs }: Caller): void {
  if (nowUs() - timestamp > recvWindowUs) throw apiErrors.timestampOutside();
}

/** Query and body as they came, without a separator and without the signature, wherever it stands. */
function signedPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  const name = 'signature=';
  if (text.startsWith(name)) {
    const next = text.indexOf('&');
    return next === -1 ? '' : text.slice(next + 1);
  }
  const start = text.indexOf(`&${name}`);
  if (start === -1) return text;
  const next = text.indexOf('&', start + 1);
  return next === -1 ? text.slice(0, start) : text.slice(0, start) + text.slice(next);
}

function nowUs(): number {
  return Date.now() * 1000;
}
