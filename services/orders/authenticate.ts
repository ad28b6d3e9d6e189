/**
 * Who sent a request: an API key, and a signature over the exact bytes that came.
 * Rules: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
 */
import type { AccountId, TimeUs } from '#domain/ids.ts';
import type { Security } from '#platform/routes.ts';
import type { ApiRequest } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { ApiKeyUses } from './api-key-uses.ts';
import type { ApiKeys } from './api-keys.ts';
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

/** What knows the keys, and what is told of their use. */
export interface KeyRing {
  readonly keys: Pick<ApiKeys, 'find'>;
  readonly keyUses: Pick<ApiKeyUses, 'note'>;
}

/** @throws {ApiError} −1021, −1022, −1102, −2014 or −2015. */
export async function authenticate(
  { keys, keyUses }: KeyRing,
  request: ApiRequest,
  security: Security,
): Promise<Caller> {
  const { parameters, query, body } = request;
  const apiKey = request.header('x-mbx-apikey') ?? '';
  if (!API_KEY.test(apiKey)) throw apiErrors.apiKeyFormat();
  const timestamp = parameters.mandatoryTimeUs('timestamp');
  const recvWindowUs = parameters.decimal('recvWindow', RECV_WINDOW_DECIMALS) ?? RECV_WINDOW_DEFAULT_US;
  if (recvWindowUs > RECV_WINDOW_MAX_MS * 1000) throw apiErrors.tooGreat('recvWindow', RECV_WINDOW_MAX_MS);
  const signature = parameters.mandatoryText('signature');
  const key = await keys.find(apiKey);
  if (key === undefined || !key.allowList.allows(request.address)) throw apiErrors.rejectedApiKey();
  if (!isSignedBy(key.verifier, signedPayload(query, body), signature)) throw apiErrors.invalidSignature();
  const caller = { account: key.account, timestamp, recvWindowUs };
  if (timestamp >= nowUs() + AHEAD_MAX_US) throw apiErrors.timestampAhead();
  requireFresh(caller);
  if (security === 'TRADE' && !key.canTrade) throw apiErrors.rejectedApiKey();
  keyUses.note(apiKey, request.address);
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
