/** What bots get of the wallet by their keys, as the dialect has it: the same deposits and withdrawals that people have. */
import type { EndpointDeps } from '#platform/spot-api/endpoint.ts';
import type { KeyRing } from '#platform/spot-api/key-ring.ts';
import { signedEndpoint } from '#platform/spot-api/signed-endpoint.ts';
import type { WalletDeps } from '../endpoint.ts';
import { routes } from '../routes.ts';
import { listCoins } from './coins.ts';
import { depositHistory, showDepositAddress } from './deposits.ts';
import { inDialect } from './refusals.ts';
import type { UseCase } from './use-case.ts';
import { applyWithdrawal, listWithdrawAddresses, withdrawHistory } from './withdrawals.ts';

export interface WalletSpotDeps extends WalletDeps, EndpointDeps, KeyRing {}

type Name =
  | 'coins'
  | 'coinAddress'
  | 'depositHistory'
  | 'withdrawAddresses'
  | 'withdrawHistory'
  | 'applyWithdrawal';

export function spotEndpoints(deps: WalletSpotDeps) {
  const signed = (name: Name, useCase: UseCase) =>
    signedEndpoint(deps, routes[name].security, routes[name].weight, async (request) => {
      try {
        return await useCase(deps, request);
      } catch (error) {
        throw inDialect(error);
      }
    });
  return {
    coins: signed('coins', listCoins),
    coinAddress: signed('coinAddress', showDepositAddress),
    depositHistory: signed('depositHistory', depositHistory),
    withdrawAddresses: signed('withdrawAddresses', listWithdrawAddresses),
    withdrawHistory: signed('withdrawHistory', withdrawHistory),
    applyWithdrawal: signed('applyWithdrawal', applyWithdrawal),
  };
}
