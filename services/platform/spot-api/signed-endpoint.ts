/** What every endpoint of the dialect that asks for an API key does before its own work: find out who asks. */
import { defineConfig } from '../env.ts';
import type { Handler, Security } from '../routes.ts';
import { authenticate, type Caller, identify } from './authenticate.ts';
import { type ApiReply, type ApiRequest, type EndpointDeps, endpoint, type Weight } from './endpoint.ts';
import type { KeyRing } from './key-ring.ts';

/** To be part of the `config.ts` of a service with such endpoints. */
export const signedEndpointVariables = defineConfig({
  REDIS_URL: {
    type: 'text',
    default: '',
    doc: 'Redis for the request limits; empty counts in this process',
  },
  API_KEY_ENCRYPTION_KEY: {
    type: 'text',
    secret: true,
    doc: 'AES-256 key of the API secrets, 64 hex digits',
  },
  REQUEST_WEIGHT_PER_MINUTE: {
    type: 'integer',
    default: '6000',
    doc: 'request weight an address may use in a minute',
  },
});

/** A request whose signature holds. */
export interface SignedRequest extends ApiRequest {
  readonly caller: Caller;
}

/** Mounts `handle` behind the security that its route declares, which is not `NONE`. */
export function signedEndpoint(
  deps: EndpointDeps & KeyRing,
  security: Security,
  weight: Weight,
  handle: (request: SignedRequest) => ApiReply | Promise<ApiReply>,
): Handler {
  return endpoint(deps, weight, async (request) => {
    const caller =
      security === 'USER_STREAM'
        ? await identify(deps, request)
        : await authenticate(deps, request, security);
    return handle({ ...request, caller });
  });
}
