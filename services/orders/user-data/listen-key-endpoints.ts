/** `POST`, `PUT` and `DELETE /api/v3/userDataStream`: removed upstream in February 2026, and still called. */

import { wellFormed } from '#platform/spot-api/authenticate.ts';
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import type { ListenKeys } from './listen-keys.ts';

export interface ListenKeyDeps {
  readonly listenKeys: ListenKeys;
}

type Endpoint = (deps: ListenKeyDeps, request: SignedRequest) => Promise<ApiReply>;

export const openListenKey: Endpoint = async ({ listenKeys }, { parameters, caller, header }) => {
  parameters.end();
  const apiKey = wellFormed(header('x-mbx-apikey'));
  return { json: { listenKey: await listenKeys.open(caller.account, apiKey) } };
};

export const keepListenKey: Endpoint = ({ listenKeys }, { parameters, caller }) =>
  changed(listenKeys.keep(caller.account, readListenKey(parameters)));

export const closeListenKey: Endpoint = ({ listenKeys }, { parameters, caller }) =>
  changed(listenKeys.close(caller.account, readListenKey(parameters)));

function readListenKey(parameters: SignedRequest['parameters']): string {
  const listenKey = parameters.mandatoryText('listenKey');
  parameters.end();
  return listenKey;
}

/** @throws {ApiError} −1125 */
async function changed(isFound: Promise<boolean>): Promise<ApiReply> {
  if (!(await isFound)) throw apiErrors.invalidListenKey();
  return { json: {} };
}
