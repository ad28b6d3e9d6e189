import { defineRoutes } from '#platform/routes.ts';

export const routes = defineRoutes({
  signUp: { method: 'POST', path: '/api/users', security: 'NONE', weight: 1 },
  logIn: {
    method: 'POST',
    path: '/api/users/login',
    security: 'NONE',
    weight: 1,
  },
  me: { method: 'GET', path: '/api/users/me', security: 'JWT', weight: 1 },
  createApiKey: {
    method: 'POST',
    path: '/api/users/me/api-keys',
    security: 'JWT',
    weight: 1,
  },
  apiKeys: {
    method: 'GET',
    path: '/api/users/me/api-keys',
    security: 'JWT',
    weight: 1,
  },
  revokeApiKey: {
    method: 'DELETE',
    path: '/api/users/me/api-keys/:id',
    security: 'JWT',
    weight: 1,
  },
});
