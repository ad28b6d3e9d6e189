/** What every endpoint of the dialect that asks for an API key does before its own work: find out who asks. */
import type { Handler, Security } from '../routes.ts';
import { authenticate, type Caller, identify } from './authenticate.ts';
import { type ApiReply, type ApiRequest, type EndpointDeps, endpoint, type Weight } from './endpoint.ts';
import type { KeyRing } from './key-ring.ts';

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
