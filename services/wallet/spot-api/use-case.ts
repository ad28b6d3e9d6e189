/** What the endpoints for bots have in common: what they work with, and how a request names an asset. */
import type { ApiReply } from '#platform/spot-api/endpoint.ts';
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import type { SignedRequest } from '#platform/spot-api/signed-endpoint.ts';
import type { Asset } from '../assets.ts';
import type { WalletDeps } from '../endpoint.ts';

/** @throws {ApiError | Refusal} */
export type UseCase = (deps: WalletDeps, request: SignedRequest) => ApiReply | Promise<ApiReply>;

/**
 * The asset that `coin` names; `network` may be left out, since each has one.
 * @throws {ApiError} −4018, or −1130 for another network: what is sent over a wrong one is lost.
 */
export function readCoin({ assets, custody }: WalletDeps, parameters: Parameters): Asset {
  const asset = assets.find(parameters.symbol('coin'));
  if (asset === undefined) throw apiErrors.unknownCoin();
  parameters.oneOf('network', [custody.network(asset.name).id]);
  return asset;
}
