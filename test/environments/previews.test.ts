import { describe, expect, it } from '@jest/globals';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { ConfigurationError } from '#environments/faults.ts';
import { checkPreviews, type Previews, previews } from '#environments/previews.ts';
import { prod } from '#environments/prod.ts';
import { previewName } from '#pipelines/preview/preview-name.ts';

const sound: Previews = {
  within: dev,
  hours: 24,
  countMax: 3,
  budgetDollars: 20,
  reachableFrom: ['203.0.113.0/24'],
};

function faultsOf(changes: Partial<Previews>, provider = delivery.provider): string[] {
  try {
    checkPreviews({ ...sound, ...changes }, { provider });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n');
  }
}

describe('previews', () => {
  it('are off as they ship, and accepted so', () => {
    expect(previews).toBeUndefined();
    expect(() => checkPreviews(previews, delivery)).not.toThrow();
  });

  it('are accepted when they are sound', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it.each<[string, Partial<Previews>, string]>([
    ['beside production', { within: prod }, 'within: prod asks for approvals or keeps its data'],
    ['for ever', { hours: 1_000, budgetDollars: 1_000 }, 'hours: 1000 is not a whole number from 1 to 168'],
    ['without end in number', { countMax: 100 }, 'countMax: 100 is not a whole number from 1 to 20'],
    [
      'that cost more than they may',
      { hours: 168, budgetDollars: 20 },
      'budgetDollars: 20 is less than a preview of 168 hours costs, some 27 dollars',
    ],
    ['for nobody', { reachableFrom: [] }, 'reachableFrom: names nobody'],
    [
      'for everybody',
      { reachableFrom: ['0.0.0.0/0'] },
      'reachableFrom: "0.0.0.0/0" is no network, or one of more',
    ],
    ['for a name', { reachableFrom: ['office'] }, 'reachableFrom: "office" is no network'],
  ])('are refused %s', (_, changes, fault) => {
    expect(faultsOf(changes)).toEqual([expect.stringContaining(`environments/previews.ts: ${fault}`)]);
  });

  it('are refused where no branch can start them', () => {
    expect(faultsOf({}, 'CodeCommit')).toEqual([
      expect.stringContaining('CodeCommit cannot start a pipeline'),
    ]);
  });
});

describe('the name of a preview', () => {
  it.each([
    ['preview/New_Order-Types', 'new-order-types'],
    ['preview/feature/42', 'feature-42'],
    ['preview/--a--', 'a'],
    [`preview/${'a'.repeat(23)}-bcd`, 'a'.repeat(23)],
  ])('of %s is fit for a host name', (branch, name) => {
    expect(previewName(branch)).toBe(name);
  });

  it.each(['main', 'preview/', 'preview/___'])('of "%s" there is none', (branch) => {
    expect(() => previewName(branch)).toThrow(`"${branch}" names no preview`);
  });
});
