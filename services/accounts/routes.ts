import { defineRoutes } from '#platform/routes.ts';

/** A role change ends no session: to take effect elsewhere at once, it is followed by a freeze. */
export const routes = defineRoutes({
  jwks: { method: 'GET', path: '/.well-known/jwks.json', security: 'NONE', weight: 1 },

  signUp: { method: 'POST', path: '/api/users', security: 'NONE', weight: 1 },
  verifyEmail: { method: 'POST', path: '/api/users/verify-email', security: 'NONE', weight: 1 },
  logIn: { method: 'POST', path: '/api/users/login', security: 'NONE', weight: 1 },
  refresh: { method: 'POST', path: '/api/users/refresh', security: 'NONE', weight: 1 },
  requestPasswordReset: { method: 'POST', path: '/api/users/password-reset', security: 'NONE', weight: 1 },
  resetPassword: { method: 'POST', path: '/api/users/password-reset/confirm', security: 'NONE', weight: 1 },

  me: { method: 'GET', path: '/api/users/me', security: 'JWT', weight: 1 },
  resendVerification: { method: 'POST', path: '/api/users/me/verification', security: 'JWT', weight: 1 },
  logOut: { method: 'POST', path: '/api/users/me/logout', security: 'JWT', weight: 1 },
  sessions: { method: 'GET', path: '/api/users/me/sessions', security: 'JWT', weight: 1 },
  endSession: { method: 'DELETE', path: '/api/users/me/sessions/:id', security: 'JWT', weight: 1 },
  endAllSessions: { method: 'DELETE', path: '/api/users/me/sessions', security: 'JWT', weight: 1 },
  stepUp: { method: 'POST', path: '/api/users/me/step-up', security: 'JWT', weight: 1 },
  securityEvents: { method: 'GET', path: '/api/users/me/security-events', security: 'JWT', weight: 1 },
  changePassword: {
    method: 'PUT',
    path: '/api/users/me/password',
    security: 'JWT',
    stepUp: 'enrolled',
    weight: 1,
  },

  startTwoFactor: { method: 'POST', path: '/api/users/me/two-factor', security: 'JWT', weight: 1 },
  enableTwoFactor: { method: 'POST', path: '/api/users/me/two-factor/enable', security: 'JWT', weight: 1 },
  disableTwoFactor: {
    method: 'POST',
    path: '/api/users/me/two-factor/disable',
    security: 'JWT',
    stepUp: 'always',
    weight: 1,
  },
  renewRecoveryCodes: {
    method: 'POST',
    path: '/api/users/me/two-factor/recovery-codes',
    security: 'JWT',
    stepUp: 'always',
    weight: 1,
  },

  createApiKey: {
    method: 'POST',
    path: '/api/users/me/api-keys',
    security: 'JWT',
    stepUp: 'enrolled',
    weight: 1,
  },
  apiKeys: { method: 'GET', path: '/api/users/me/api-keys', security: 'JWT', weight: 1 },
  revokeApiKey: { method: 'DELETE', path: '/api/users/me/api-keys/:id', security: 'JWT', weight: 1 },

  users: {
    method: 'GET',
    path: '/api/users',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  freeze: {
    method: 'POST',
    path: '/api/users/:id/freeze',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  unfreeze: {
    method: 'POST',
    path: '/api/users/:id/unfreeze',
    security: 'JWT',
    role: 'operator',
    stepUp: 'always',
    weight: 1,
  },
  setRole: {
    method: 'PUT',
    path: '/api/users/:id/role',
    security: 'JWT',
    role: 'admin',
    stepUp: 'always',
    weight: 1,
  },
  resetTwoFactor: {
    method: 'POST',
    path: '/api/users/:id/two-factor/reset',
    security: 'JWT',
    role: 'admin',
    stepUp: 'always',
    weight: 1,
  },
});
