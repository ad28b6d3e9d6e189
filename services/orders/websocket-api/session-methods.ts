/**
 * The methods that change or tell what the connection itself is: who is logged on, and whose events it is told.
 * https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/authentication-requests
 */
import type { KeyObject } from 'node:crypto';
import type { TimeUs } from '#domain/ids.ts';
import { findKey } from '#platform/spot-api/authenticate.ts';
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Call, Method } from './call.ts';
import type { KeyHolder } from './session.ts';

const WEIGHT = 2;

const method = (handle: Method['handle']): Method => ({ weight: WEIGHT, handle });

export const sessionMethods: Readonly<Record<string, Method>> = {
  'session.logon': method(async (call) => {
    const holder = await call.authenticateSigned('USER_STREAM');
    call.parameters.end();
    const { verifier } = await findKey(call.deps, holder.apiKey, call.address);
    if (verifier.asymmetricKeyType !== 'ed25519') throw apiErrors.apiKeyType(typeName(verifier));
    call.from.session.logOn(holder);
    return statusOf(call);
  }),

  'session.status': method((call) => {
    call.parameters.end();
    return statusOf(call);
  }),

  'session.logout': method((call) => {
    call.parameters.end();
    call.from.session.logOut();
    return statusOf(call);
  }),

  'session.subscriptions': method((call) => {
    call.parameters.end();
    return { json: call.from.session.subscriptionIds.map((subscriptionId) => ({ subscriptionId })) };
  }),

  'userDataStream.subscribe': method((call) => {
    call.parameters.end();
    const { logon } = call.from.session;
    if (logon === undefined) throw apiErrors.unauthorized();
    return subscribe(call, logon, true);
  }),

  'userDataStream.subscribe.signature': method(async (call) => {
    const holder = await call.authenticateSigned('USER_STREAM');
    call.parameters.end();
    return subscribe(call, holder, false);
  }),

  'userDataStream.unsubscribe': method((call) => {
    const id = call.parameters.integer('subscriptionId');
    call.parameters.end();
    if (!call.from.session.unsubscribe(id)) throw apiErrors.subscriptionInactive();
    return { json: {} };
  }),
};

function subscribe(call: Call, holder: KeyHolder, isOfLogon: boolean): ApiReply {
  const { session } = call.from;
  const subscriptionId = session.subscribe(holder, isOfLogon);
  call.onAnswered = () => session.answered(subscriptionId);
  return { json: { subscriptionId } };
}

function statusOf(call: Call): ApiReply {
  const { session, returnsRateLimits } = call.from;
  return {
    json: {
      apiKey: session.logon?.apiKey ?? null,
      authorizedSince: session.logon === undefined ? null : call.time(session.logon.since),
      connectedSince: call.time(session.connectedSince),
      returnRateLimits: returnsRateLimits,
      serverTime: call.time((Date.now() * 1_000) as TimeUs),
      userDataStream: session.subscriptionIds.length > 0,
    },
  };
}

function typeName({ type, asymmetricKeyType }: KeyObject): string {
  return type === 'secret' ? 'HMAC_SHA256' : asymmetricKeyType!.toUpperCase();
}
