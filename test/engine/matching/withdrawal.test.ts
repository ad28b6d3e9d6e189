import { describe, expect, it } from '@jest/globals';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import { DrivenEngine } from './driven-engine.ts';
import { play } from './scenario.ts';

describe('a withdrawal', () => {
  it("holds the whole amount until it has left, when its fee is the exchange's", () => {
    play(`
      alice has 100 USD
      > alice WITHDRAWS 60 USD, fee 1, as w1
      w1 held: 60 USD of alice, fee 1
      alice has 40 USD, 60 held
      > wallet settles w1
      w1 settled: 60 USD of alice, fee 1
      alice has 40 USD
      exchange has 1 USD
    `);
  });

  it('that is released is available again, all of it', () => {
    play(`
      alice has 100 USD
      > alice WITHDRAWS 100 USD, fee 1, as w1
      w1 held: 100 USD of alice, fee 1
      alice has 0 USD, 100 held
      > wallet releases w1
      w1 released: 100 USD of alice, fee 1
      alice has 100 USD
    `);
  });

  it('and an order never hold the same money', () => {
    play(`
      alice has 100 USD
      > alice BUY LIMIT GTC 0.6 @ 100
      #1 alice NEW 0 of 0.6
      bids at 100: 0.6
      alice has 40 USD, 60 held
      > alice WITHDRAWS 40.1 USD, fee 0, as w1
      refused: insufficientBalance
      > alice WITHDRAWS 40 USD, fee 0, as w1
      w1 held: 40 USD of alice, fee 0
      alice has 0 USD, 100 held
      > alice BUY LIMIT GTC 0.2 @ 100
      refused: insufficientBalance
      > alice CANCEL #1
      #1 alice CANCELED 0 of 0.6
      bids at 100: 0
      alice has 60 USD, 40 held
      > wallet settles w1
      w1 settled: 40 USD of alice, fee 0
      alice has 60 USD
    `);
  });

  it('counts once under its reference, whatever became of it', () => {
    play(`
      alice has 100 USD
      bob has 100 USD
      > alice WITHDRAWS 60 USD, fee 1, as w1
      w1 held: 60 USD of alice, fee 1
      alice has 40 USD, 60 held
      > alice WITHDRAWS 60 USD, fee 1, as w1
      refused: duplicateReference
      > alice WITHDRAWS 60 USD, fee 2, as w1
      refused: conflictingReference
      > bob WITHDRAWS 60 USD, fee 1, as w1
      refused: conflictingReference
      > wallet settles w1
      w1 settled: 60 USD of alice, fee 1
      alice has 40 USD
      exchange has 1 USD
      > wallet settles w1
      refused: duplicateReference
      > wallet releases w1
      refused: withdrawalEnded
      > alice WITHDRAWS 60 USD, fee 1, as w1
      refused: duplicateReference
      > alice WITHDRAWS 40 USD, fee 1, as w2
      w2 held: 40 USD of alice, fee 1
      alice has 0 USD, 40 held
      > wallet releases w2
      w2 released: 40 USD of alice, fee 1
      alice has 40 USD
      > wallet releases w2
      refused: duplicateReference
      > wallet settles w2
      refused: withdrawalEnded
      > wallet settles w3
      refused: unknownWithdrawal
      > wallet releases w3
      refused: unknownWithdrawal
    `);
  });

  it('is of something beyond its fee, and of what there is', () => {
    play(`
      alice has 100 USD
      > alice WITHDRAWS 0 USD, fee 0, as w1
      refused: invalidAmount
      > alice WITHDRAWS 1 USD, fee 1, as w1
      refused: invalidAmount
      > exchange WITHDRAWS 1 USD, fee 0, as w1
      refused: invalidAmount
      > alice WITHDRAWS 1 BTC, fee 0, as w1
      refused: insufficientBalance
      > bob WITHDRAWS 1 USD, fee 0, as w1
      refused: insufficientBalance
      > alice WITHDRAWS 100.0001 USD, fee 0, as w1
      refused: insufficientBalance
      > alice WITHDRAWS 100 USD, fee 99.9999, as w1
      w1 held: 100 USD of alice, fee 99.9999
      alice has 0 USD, 100 held
    `);
  });

  it('makes room below 2^53 units for what comes in later', () => {
    const driven = new DrivenEngine();
    const [account, asset] = [1 as AccountId, 0 as AssetId];
    const amount = Number.MAX_SAFE_INTEGER as Units;
    driven.accept({ type: 'listAsset', asset, scale: 0, name: 'CASH' });
    driven.accept({ type: 'deposit', account, asset, amount, reference: 'all' });
    driven.accept({ type: 'holdWithdrawal', account, asset, amount, fee: 5 as Units, reference: 'w' });
    const more = (amount: number) =>
      driven.apply({ type: 'deposit', account, asset, amount: amount as Units, reference: 'more' });
    expect(more(1)).toBe('supplyOverflow');
    driven.accept({ type: 'settleWithdrawal', reference: 'w' });
    // The fee has stayed.
    expect(more(amount - 4)).toBe('supplyOverflow');
    expect(more(amount - 5)).toBeInstanceOf(Array);
    driven.engine.checkInvariants();
  });

  it.each(['unknownAsset', 'invalidAmount'] as const)('that is refused (%s) leaves no trace', (reason) => {
    const driven = new DrivenEngine();
    driven.accept({ type: 'listAsset', asset: 0 as AssetId, scale: 0, name: 'CASH' });
    const before = driven.engine.digest();
    const asset = (reason === 'unknownAsset' ? 1 : 0) as AssetId;
    const amount = 5 as Units;
    const fee = -1 as Units;
    const account = (2 ** 31) as AccountId;
    expect(driven.apply({ type: 'holdWithdrawal', account, asset, amount, fee, reference: 'w' })).toBe(
      reason,
    );
    expect(driven.engine.digest()).toBe(before);
  });
});
