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

/** By the name of its route. */
export const useCases = {
  coins: listCoins,
  coinAddress: showDepositAddress,
  depositHistory,
  withdrawAddresses: listWithdrawAddresses,
  withdrawHistory,
  applyWithdrawal,
} satisfies Partial<Record<keyof typeof routes, UseCase>>;

export function spotEndpoints(deps: WalletSpotDeps) {
  const signed = (name: keyof typeof useCases) =>
    signedEndpoint(deps, routes[name].security, routes[name].weight, async (request) => {
      try {
        return await useCases[name](deps, request);
      } catch (error) {
        throw inDialect(error);
      }
    });
  return {
    coins: signed('coins'),
    coinAddress: signed('coinAddress'),
    depositHistory: signed('depositHistory'),
    withdrawAddresses: signed('withdrawAddresses'),
    withdrawHistory: signed('withdrawHistory'),
    applyWithdrawal: signed('applyWithdrawal'),
  };
}
