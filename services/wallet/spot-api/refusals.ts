/** What the wallet refuses, in the words of the dialect. */
import { Refusal } from '#platform/people-api/refusal.ts';
import { type ApiError, apiErrors } from '#platform/spot-api/errors.ts';

const retryAfterMs = ({ headers }: Refusal) => Number(headers['Retry-After']) * 1_000;

/** By the code that people are told; each mends what it says in the words that people are told. */
const errors: Readonly<Record<string, (refusal: Refusal) => ApiError>> = {
  INSUFFICIENT_BALANCE: ({ message }) => apiErrors.tooLittleBalance(message),
  OVER_DAILY_LIMIT: ({ message }) => apiErrors.overDailyMax(message),
  SUSPENDED: ({ message }) => apiErrors.withdrawalLimited(message),
  UNKNOWN_ADDRESS: ({ message }) => apiErrors.notInAddressBook(message),
  ADDRESS_COOLING_DOWN: (refusal) => apiErrors.newAddress(retryAfterMs(refusal)),
  CLIENT_ID_TAKEN: () => apiErrors.withdrawOrderIdTaken(),
  EXCHANGE_UNAVAILABLE: (refusal) => apiErrors.overloaded(retryAfterMs(refusal), refusal.cause),
};

/** What is no refusal, or none that a bot should meet, stays what it is. */
export function inDialect(error: unknown): unknown {
  return error instanceof Refusal ? (errors[error.code]?.(error) ?? error) : error;
}
