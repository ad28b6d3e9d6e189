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
});
