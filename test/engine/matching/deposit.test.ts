import { describe, expect, it } from '@jest/globals';
import type { CommandOf } from '#domain/commands.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { DrivenEngine } from './driven-engine.ts';

const CASH = 0 as AssetId;
const ALICE = 1 as AccountId;
const BOB = 2 as AccountId;

function deposit(account: AccountId, amount: number, reference: string): CommandOf<'deposit'> {
  return { type: 'deposit', account, asset: CASH, amount: amount as Units, reference };
}

function withCash(): DrivenEngine {
  const driven = new DrivenEngine();
  driven.accept({ type: 'listAsset', asset: CASH, scale: 0, name: 'CASH' });
  return driven;
}

const balance = (account: AccountId, available: number) => ({
  type: 'balance',
  account,
  asset: CASH,
  available,
  held: 0,
});

describe('a deposit', () => {
  it('credits the account', () => {
    const driven = withCash();
    driven.accept(deposit(ALICE, 5, 'first'));
    const second = deposit(ALICE, 7, 'second');
    expect(driven.apply(second)).toEqual([{ ...second, type: 'deposited' }, balance(ALICE, 12)]);
    expect(driven.ask({ type: 'balances', account: ALICE })).toEqual([balance(ALICE, 12)]);
    expect(driven.ask({ type: 'balances', account: BOB })).toEqual([]);
  });

  it('counts once for an account, an asset and a reference, an empty one too', () => {
    const driven = withCash();
    driven.accept(deposit(ALICE, 5, 'first'));
    driven.accept(deposit(ALICE, 5, ''));
    driven.accept(deposit(BOB, 5, 'first'));
    expect(driven.apply(deposit(ALICE, 5, 'first'))).toBe('duplicateReference');
    expect(driven.apply(deposit(ALICE, 9, 'first'))).toBe('duplicateReference');
    expect(driven.apply(deposit(ALICE, 5, ''))).toBe('duplicateReference');
    expect(driven.ask({ type: 'balances', account: ALICE })).toEqual([balance(ALICE, 10)]);
  });

  it('may be made again under its reference when it was refused', () => {
    const driven = withCash();
    expect(driven.apply(deposit(ALICE, 0, 'first'))).toBe('invalidAmount');
    driven.accept(deposit(ALICE, 1, 'first'));
  });

  it('never brings the whole supply to 2^53 units', () => {
    const driven = withCash();
    driven.accept(deposit(ALICE, Number.MAX_SAFE_INTEGER - 10, 'most'));
    expect(driven.apply(deposit(BOB, 11, 'one too many'))).toBe('supplyOverflow');
    expect(driven.apply(deposit(BOB, Number.MAX_SAFE_INTEGER, 'far too many'))).toBe('supplyOverflow');
    driven.accept(deposit(BOB, 10, 'the last'));
    expect(driven.apply(deposit(ALICE, 1, 'one more'))).toBe('supplyOverflow');
    driven.engine.checkInvariants();
  });

  it.each([0, -1, -Number.MAX_SAFE_INTEGER])('of %i is no amount', (amount) => {
    expect(withCash().apply(deposit(ALICE, amount, 'x'))).toBe('invalidAmount');
  });

  it('goes to no account but a real one', () => {
    expect(withCash().apply(deposit(0 as AccountId, 5, 'x'))).toBe('invalidAmount');
    expect(withCash().apply(deposit(-1 as AccountId, 5, 'x'))).toBe('invalidAmount');
    expect(withCash().apply(deposit((2 ** 31) as AccountId, 5, 'x'))).toBe('invalidAmount');
    expect(withCash().apply(deposit(Number.MAX_SAFE_INTEGER as AccountId, 5, 'x'))).toBe('invalidAmount');
    withCash().accept(deposit((2 ** 31 - 1) as AccountId, 5, 'x'));
  });

  it('is of no asset but a listed one', () => {
    for (const asset of [1, -1, 2 ** 31, Number.MAX_SAFE_INTEGER])
      expect(withCash().apply({ ...deposit(ALICE, 5, 'x'), asset: asset as AssetId })).toBe('unknownAsset');
  });

  it('that is refused leaves no account behind', () => {
    const driven = withCash();
    const before = driven.engine.digest();
    expect(driven.apply(deposit(ALICE, 0, 'x'))).toBe('invalidAmount');
    expect(driven.apply(deposit(-1 as AccountId, 1, 'x'))).toBe('invalidAmount');
    expect(driven.engine.digest()).toBe(before);
  });
});
