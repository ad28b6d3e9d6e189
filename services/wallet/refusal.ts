/** What this service refuses, beside what every service may. */
import { refusals as common, Refusal } from '#platform/people-api/refusal.ts';

const retryAfter = (ms: number) => ({ 'Retry-After': String(Math.ceil(ms / 1_000)) });

export const refusals = {
  ...common,
  insufficientBalance: () =>
    new Refusal(409, 'INSUFFICIENT_BALANCE', 'Not so much is available: see balances.', { field: 'amount' }),
  overDailyLimit: (left: string, asset: string) =>
    new Refusal(409, 'OVER_DAILY_LIMIT', `Within 24 hours no more than ${left} ${asset} may leave now.`, {
      field: 'amount',
    }),
  /** While money that was credited has vanished from its chain, and after it was lost until an operator has looked. */
  suspended: () =>
    new Refusal(
      409,
      'SUSPENDED',
      'A deposit of this account is missing from its chain: wait, or write to us.',
    ),
  unknownAddress: () =>
    new Refusal(404, 'UNKNOWN_ADDRESS', 'There is no such address of yours for this asset: list them.'),
  addressCoolingDown: (ms: number) =>
    new Refusal(409, 'ADDRESS_COOLING_DOWN', 'The address is new: wait for as long as Retry-After says.', {
      field: 'addressId',
      headers: retryAfter(ms),
    }),
  addressExists: () =>
    new Refusal(409, 'ADDRESS_EXISTS', 'This address is in your address book already: list them.', {
      field: 'address',
    }),
  tooManyAddresses: (most: number) =>
    new Refusal(409, 'TOO_MANY_ADDRESSES', `There are ${most} addresses already: remove one first.`),
  clientIdTaken: () =>
    new Refusal(409, 'CLIENT_ID_TAKEN', 'This clientId was used for something else: choose another.', {
      field: 'clientId',
    }),
  unknownWithdrawal: () =>
    new Refusal(404, 'UNKNOWN_WITHDRAWAL', 'There is no such withdrawal, or it is not yours: list them.'),
  tooLate: (status: string) =>
    new Refusal(409, 'TOO_LATE', `The withdrawal is ${status}: that cannot be changed any more.`),
  unknownDeposit: () =>
    new Refusal(404, 'UNKNOWN_DEPOSIT', 'There is no such deposit that waits for an operator: list them.'),
  ownDeposit: () =>
    new Refusal(403, 'OWN_DEPOSIT', 'This deposit is your own: another operator must release it.'),
  ownWithdrawal: () =>
    new Refusal(403, 'OWN_WITHDRAWAL', 'This withdrawal is your own: another operator must decide.'),
  ownLimits: () =>
    new Refusal(403, 'OWN_LIMITS', 'These are your own limits: another operator must change them.'),
  unknownAccount: (field?: string) =>
    new Refusal(404, 'UNKNOWN_ACCOUNT', 'There is no such account: check the number.', {
      ...(field === undefined ? {} : { field }),
    }),
  overFaucetLimit: (left: string, asset: string) =>
    new Refusal(409, 'OVER_FAUCET_LIMIT', `Within 24 hours no more than ${left} ${asset} is left for you.`, {
      field: 'amount',
    }),
  faucetIsOff: () => new Refusal(403, 'FAUCET_IS_OFF', 'Nothing is given away here.'),
  exchangeUnavailable: (cause: unknown) =>
    new Refusal(503, 'EXCHANGE_UNAVAILABLE', 'The exchange does not answer: try again in a moment.', {
      headers: retryAfter(1_000),
      cause,
    }),
} as const;
