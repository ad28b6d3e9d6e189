/** What clients of the dialect ask of its other products, at the paths under `/sapi` that need no account. */
import type { UseCase } from './use-case.ts';

export const systemStatus: UseCase = (_, { parameters }) => {
  parameters.end();
  return { json: { status: 0, msg: 'normal' } };
};
