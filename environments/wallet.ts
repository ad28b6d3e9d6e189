/** On what terms the assets of `markets.ts` come in and leave, in every environment. */
import type { WalletTerms } from '#domain/wallet-terms.ts';

export const walletTerms: WalletTerms = {
  USDT: {
    confirmations: 12,
    withdrawalFee: '1',
    withdrawalMin: '10',
    approvalAbove: '10000',
    dailyMax: ['20000', '200000', '2000000'],
    faucetMax: '10000',
    faucetDailyMax: '50000',
  },
  BTC: {
    confirmations: 3,
    withdrawalFee: '0.0002',
    withdrawalMin: '0.001',
    approvalAbove: '0.2',
    dailyMax: ['0.5', '5', '50'],
    faucetMax: '0.1',
    faucetDailyMax: '0.5',
  },
  ETH: {
    confirmations: 12,
    withdrawalFee: '0.001',
    withdrawalMin: '0.01',
    approvalAbove: '5',
    dailyMax: ['10', '100', '1000'],
    faucetMax: '2',
    faucetDailyMax: '10',
  },
  SOL: {
    confirmations: 32,
    withdrawalFee: '0.01',
    withdrawalMin: '0.1',
    approvalAbove: '100',
    dailyMax: ['200', '2000', '20000'],
    faucetMax: '50',
    faucetDailyMax: '250',
  },
  XRP: {
    confirmations: 1,
    withdrawalFee: '0.2',
    withdrawalMin: '20',
    approvalAbove: '5000',
    dailyMax: ['10000', '100000', '1000000'],
    faucetMax: '5000',
    faucetDailyMax: '25000',
  },
};
