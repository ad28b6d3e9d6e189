/** What the tests of faults look for is found when it is there. */
import { describe, expect, it } from '@jest/globals';
import { rejections } from '#domain/rejections.ts';
import { REPEATED } from '#services/engine/matching/engine.ts';
import { checkOutcomes, type Occurrence } from './support/check-outcomes.ts';
import { History } from './support/history.ts';

const times = { askedMs: 0, answeredMs: 1 };

/** One command, number 0, with what its sender was told, and what the journal has of it. */
function faultsOf(told: (history: History) => void, found: readonly Occurrence[]): string[] {
  const history = new History();
  history.issued = 1;
  told(history);
  const faults: string[] = [];
  checkOutcomes(history, new Map(found.length > 0 ? [[0, found]] : []), faults);
  return faults;
}

const acceptedAt = (seq: number) => (history: History) =>
  history.acknowledge(0, { seq, rejection: null, ...times });
const refusedAt = (seq: number) => (history: History) =>
  history.acknowledge(0, { seq, rejection: 'insufficientBalance', ...times });
const failed = (kind: 'sent' | 'unsent') => (history: History) => void history.failed.set(0, kind);
const at = (seq: number, code = 0, request = '1 1'): Occurrence => ({ seq, code, request });

describe('what clients were told is compared with the journal', () => {
  it('and found right', () => {
    expect(faultsOf(acceptedAt(5), [at(5)])).toEqual([]);
    expect(faultsOf(acceptedAt(5), [at(5), at(9, REPEATED)])).toEqual([]);
    expect(faultsOf(refusedAt(5), [at(5, rejections.insufficientBalance)])).toEqual([]);
    expect(
      faultsOf(refusedAt(9), [at(5, rejections.insufficientBalance), at(9, rejections.insufficientBalance)]),
    ).toEqual([]);
    expect(faultsOf(failed('sent'), [])).toEqual([]);
    expect(faultsOf(failed('sent'), [at(5)])).toEqual([]);
    expect(faultsOf(failed('unsent'), [])).toEqual([]);
    expect(faultsOf(failed('unsent'), [at(5, rejections.unknownSession)])).toEqual([]);
  });

  it.each([
    ['lost', acceptedAt(5), []],
    ['at another sequence', acceptedAt(5), [at(6)]],
    ['refused instead', acceptedAt(5), [at(5, rejections.insufficientBalance)]],
    ['accepted instead', refusedAt(5), [at(5)]],
    ['executed twice', acceptedAt(5), [at(5), at(9)]],
    ['executed twice under two numbers', failed('sent'), [at(5), at(9, 0, '1 2')]],
    ['sent again as another request', acceptedAt(5), [at(5), at(9, rejections.insufficientBalance, '1 2')]],
    ['with two outcomes', refusedAt(9), [at(5), at(9, rejections.insufficientBalance)]],
    ['repeated before it was executed', failed('sent'), [at(5, REPEATED)]],
    ['executed though unsent', failed('unsent'), [at(5)]],
    ['never answered', () => {}, [at(5)]],
  ] as const)('and found %s', (_, told, found) => {
    expect(faultsOf(told, found)).not.toEqual([]);
  });

  it('and a command that nobody sent is found', () => {
    const faults: string[] = [];
    checkOutcomes(new History(), new Map([[3, [at(5)]]]), faults);
    expect(faults).toHaveLength(1);
  });
});
