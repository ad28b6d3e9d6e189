import { describe, it } from '@jest/globals';
import { play } from './scenario.ts';

describe('a transfer', () => {
  it('moves what is available, once under its reference', () => {
    play(`
      alice has 100 USD
      > alice SENDS 30 USD to bob as t1
      t1: 30 USD from alice to bob
      alice has 70 USD
      bob has 30 USD
      > alice SENDS 30 USD to bob as t1
      refused: duplicateReference
      > alice SENDS 31 USD to bob as t1
      refused: conflictingReference
      > bob SENDS 30 USD to alice as t1
      refused: conflictingReference
      > bob SENDS 30 USD to alice as t2
      t2: 30 USD from bob to alice
      alice has 100 USD
      bob has 0 USD
    `);
  });

  it('leaves alone what orders and withdrawals hold', () => {
    play(`
      alice has 100 USD
      > alice BUY LIMIT GTC 0.5 @ 100
      #1 alice NEW 0 of 0.5
      bids at 100: 0.5
      alice has 50 USD, 50 held
      > alice WITHDRAWS 30 USD, fee 1, as w1
      w1 held: 30 USD of alice, fee 1
      alice has 20 USD, 80 held
      > alice SENDS 20.0001 USD to bob as t1
      refused: insufficientBalance
      > alice SENDS 20 USD to bob as t1
      t1: 20 USD from alice to bob
      alice has 0 USD, 80 held
      bob has 20 USD
    `);
  });

  it("is of something, between two accounts that are traders'", () => {
    play(`
      alice has 100 USD
      > alice SENDS 0 USD to bob as t1
      refused: invalidAmount
      > alice SENDS 1 USD to alice as t1
      refused: invalidAmount
      > alice SENDS 1 USD to exchange as t1
      refused: invalidAmount
      > exchange SENDS 1 USD to alice as t1
      refused: invalidAmount
      > alice SENDS 1 BTC to bob as t1
      refused: insufficientBalance
      > carol SENDS 1 USD to bob as t1
      refused: insufficientBalance
      > alice SENDS 1 USD to bob as t1
      t1: 1 USD from alice to bob
      alice has 99 USD
      bob has 1 USD
    `);
  });
});
