/** What clients of the dialect ask of its other products, at the paths under `/sapi` that need no account. */
import type { UseCase } from './use-case.ts';

export const systemStatus: UseCase = (_, { parameters }) => {
  parameters.end();
  return { json: { status: 0, msg: 'normal' } };
};

/** There is no margin here. Some clients sign the question and others do not: parameters are passed over. */
export const marginPairs: UseCase = () => ({ json: [] });
