/** `GET /api/v3/executionRules`: no market here has rules of its own beside its filters. */
import { apiErrors } from '#platform/spot-api/errors.ts';
import type { Parameters } from '#platform/spot-api/parameters.ts';
import { readSelection } from './symbol-selection.ts';
import type { UseCase } from './use-case.ts';

const WEIGHT_EACH = 2;
const WEIGHT_MAX = 40;

/** 2 for each symbol that is named, and 40 at most, which is also what all cost. */
export function executionRulesWeight(parameters: Parameters): number {
  if (parameters.has('symbol')) return WEIGHT_EACH;
  const count = parameters.symbols()?.length ?? Number.POSITIVE_INFINITY;
  return Math.min(count * WEIGHT_EACH, WEIGHT_MAX);
}

export const executionRules: UseCase = ({ listings }, { parameters }) => {
  const hasStatus = parameters.has('symbolStatus');
  const selection = readSelection(parameters, listings);
  parameters.end();
  if (!selection.isAll && hasStatus) throw apiErrors.badCombination();
  return { json: { symbolRules: selection.markets.map(({ symbol }) => ({ symbol, rules: [] })) } };
};
