import { defineRoutes } from '#platform/routes.ts';

/** What moves money away, or opens a way for it, asks for a one-time code of a moment ago. */
export const routes = defineRoutes({
  assets: { method: 'GET', path: '/api/wallet/assets', security: 'JWT', weight: 1 },
  balances: { method: 'GET', path: '/api/wallet/balances', security: 'JWT', weight: 1 },
  ledgerStatement: { method: 'GET', path: '/api/wallet/statement', security: 'JWT', weight: 20 },
  depositAddress: { method: 'GET', path: '/api/wallet/deposit-address', security: 'JWT', weight: 1 },
  deposits: { method: 'GET', path: '/api/wallet/deposits', security: 'JWT', weight: 1 },

  addresses: { method: 'GET', path: '/api/wallet/addresses', security: 'JWT', weight: 1 },
  addAddress: {
    method: 'POST',
    path: '/api/wallet/addresses',
    security: 'JWT',
    stepUp: 'always',
    weight: 1,
  },
  removeAddress: { method: 'DELETE', path: '/api/wallet/addresses/:id', security: 'JWT', weight: 1 },

  withdrawals: { method: 'GET', path: '/api/wallet/withdrawals', security: 'JWT', weight: 1 },
  withdraw: {
    method: 'POST',
    path: '/api/wallet/withdrawals',
    security: 'JWT',
    stepUp: 'always',
    weight: 1,
  },
  cancelWithdrawal: { method: 'DELETE', path: '/api/wallet/withdrawals/:id', security: 'JWT', weight: 1 },

  transfers: { method: 'GET', path: '/api/wallet/transfers', security: 'JWT', weight: 1 },
  transfer: { method: 'POST', path: '/api/wallet/transfers', security: 'JWT', stepUp: 'always', weight: 1 },

  faucet: { method: 'POST', path: '/api/wallet/faucet', security: 'JWT', weight: 1 },

  /** For everybody: what is compared has to be the same for all. */
  reserves: { method: 'GET', path: '/api/wallet/reserves', security: 'NONE', weight: 1 },
  reservesProof: { method: 'GET', path: '/api/wallet/reserves/proof', security: 'JWT', weight: 5 },

  approvals: { method: 'GET', path: '/api/wallet/approvals', security: 'JWT', role: 'operator', weight: 1 },
  approve: {
    method: 'POST',
    path: '/api/wallet/approvals/:id/approve',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  reject: {
    method: 'POST',
    path: '/api/wallet/approvals/:id/reject',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  lostDeposits: {
    method: 'GET',
    path: '/api/wallet/lost-deposits',
    security: 'JWT',
    role: 'operator',
    weight: 1,
  },
  releaseDeposit: {
    method: 'POST',
    path: '/api/wallet/lost-deposits/:id/release',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  setTier: {
    method: 'PUT',
    path: '/api/wallet/accounts/:id/tier',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },

  /**
   * For bots. Weights: https://developers.binance.com/docs/wallet/capital; but that Binance counts the last two by account,
   * of 180,000 a minute: the history by 18,000 a second, ten of which in a second are 600 of our 6,000 a minute, and a
   * withdrawal by 900, which is 30 of 6,000.
   */
  coins: { method: 'GET', path: '/sapi/v1/capital/config/getall', security: 'USER_DATA', weight: 10 },
  coinAddress: { method: 'GET', path: '/sapi/v1/capital/deposit/address', security: 'USER_DATA', weight: 10 },
  depositHistory: {
    method: 'GET',
    path: '/sapi/v1/capital/deposit/hisrec',
    security: 'USER_DATA',
    weight: 1,
  },
  withdrawAddresses: {
    method: 'GET',
    path: '/sapi/v1/capital/withdraw/address/list',
    security: 'USER_DATA',
    weight: 10,
  },
  withdrawHistory: {
    method: 'GET',
    path: '/sapi/v1/capital/withdraw/history',
    security: 'USER_DATA',
    weight: 10,
  },
  applyWithdrawal: {
    method: 'POST',
    path: '/sapi/v1/capital/withdraw/apply',
    security: 'WITHDRAW',
    weight: 30,
  },
});
