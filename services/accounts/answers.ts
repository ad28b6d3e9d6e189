/** What this service answers with. */
import { z } from 'zod';
import { rolesUpTo } from '#platform/access-token.ts';
import { type Answers, id, milliseconds } from '#platform/people-api/answers.ts';
import type { requests } from './requests.ts';

const role = z.enum(Object.keys(rolesUpTo) as (keyof typeof rolesUpTo)[]);
const accessToken = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int().meta({ description: 'In seconds.' }),
});
const tokens = accessToken.extend({ refreshToken: z.string() });
/** The same for an address that has an account. */
const mailed = z.object({ email: z.string() });
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
const apiKey = z.object({
  id,
  label: z.string(),
  type: z.enum(['HMAC', 'ED25519', 'RSA']),
  publicKey: z.string().optional(),
  apiKey: z.string(),
  canTrade: z.boolean(),
  canWithdraw: z.boolean(),
  ipAllowList: z.array(z.string()),
  createdAt: milliseconds,
  lastUsedAt: milliseconds.nullable(),
  lastUsedFrom: z.string().nullable(),
});

export const answers = {
  jwks: z.object({
    keys: z.array(
      z.object({
        kty: z.string(),
        crv: z.string(),
        x: z.string(),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.string(),
      }),
    ),
  }),
  openapi: z.looseObject({ openapi: z.string() }),
  signUp: mailed,
  resendVerification: mailed,
  requestPasswordReset: mailed,
  logIn: tokens,
  refresh: tokens,
  changePassword: tokens,
  stepUp: accessToken,
  me: z.object({
    accountId: id,
    email: z.string(),
    emailVerified: z.boolean(),
    role,
    twoFactor: z.boolean(),
    sessionId: z.string(),
  }),
  sessions: z.array(
    z.object({
      id: z.string(),
      current: z.boolean(),
      address: z.string(),
      userAgent: z.string(),
      createdAt: milliseconds,
      refreshedAt: milliseconds,
      expiresAt: milliseconds,
    }),
  ),
  securityEvents: z.array(
    z.object({
      id,
      event: z.string(),
      detail: z.string(),
      address: z.string(),
      userAgent: z.string(),
      happenedAt: milliseconds,
    }),
  ),
  startTwoFactor: z.object({ secret: z.string(), uri: z.string() }),
  enableTwoFactor: recoveryCodes,
  renewRecoveryCodes: recoveryCodes,
  createApiKey: apiKey.extend({ secret: z.string().optional() }),
  apiKeys: z.array(apiKey),
  users: z.array(
    z.object({
      accountId: id,
      email: z.string(),
      role,
      emailVerified: z.boolean(),
      frozen: z.boolean(),
      createdAt: milliseconds,
    }),
  ),
} satisfies { readonly [K in keyof typeof requests]?: Answers[string] };
