/** What each event that moves value does to the ledger. Pure. */
import type { EventOf } from '#domain/events.ts';
import type { AccountId, AssetId, Units } from '#domain/ids.ts';
import {
  CUSTODY_ACCOUNT,
  LEDGER_EVENTS,
  type LedgerAccount,
  type LedgerEvent,
  type Movement,
} from '#domain/ledger.ts';

export type ValueEvent = EventOf<LedgerEvent>;

/** What a market's trades are paid in. */
export interface TradedAssets {
  readonly base: AssetId;
  readonly quote: AssetId;
}

const VALUE_TYPES: ReadonlySet<string> = new Set(LEDGER_EVENTS);
const NO_FEE = 0 as Units;
const custody: LedgerAccount = { kind: 'custody', account: CUSTODY_ACCOUNT };
const own = (account: AccountId): LedgerAccount => ({ kind: 'account', account });
const withdrawn = (account: AccountId): LedgerAccount => ({ kind: 'withdrawal', account });

export function movesValue(event: { readonly type: string }): event is ValueEvent {
  return VALUE_TYPES.has(event.type);
}

/** One movement of each asset at most. */
export function movementsOf(
  event: ValueEvent,
  assetsOf: (market: EventOf<'trade'>['market']) => TradedAssets,
): Movement[] {
  switch (event.type) {
    case 'trade':
      return tradeMovements(event, assetsOf(event.market));
    case 'deposited': {
      const { account, asset, amount } = event;
      return [{ asset, from: custody, to: own(account), amount, fee: NO_FEE }];
    }
    case 'withdrawalHeld': {
      const { account, asset, amount } = event;
      return [{ asset, from: own(account), to: withdrawn(account), amount, fee: NO_FEE }];
    }
    case 'withdrawalReleased': {
      const { account, asset, amount } = event;
      return [{ asset, from: withdrawn(account), to: own(account), amount, fee: NO_FEE }];
    }
    case 'withdrawalSettled': {
      const { account, asset, amount, fee } = event;
      return [{ asset, from: withdrawn(account), to: custody, amount, fee }];
    }
    case 'transferred': {
      const { from, to, asset, amount } = event;
      return [{ asset, from: own(from), to: own(to), amount, fee: NO_FEE }];
    }
  }
}

/** Each side pays its fee out of what it receives: the buyer in base, the seller in quote. */
function tradeMovements(trade: EventOf<'trade'>, { base, quote }: TradedAssets): Movement[] {
  const { quantity, quoteQuantity, makerFee, takerFee } = trade;
  const [taker, maker] = [own(trade.takerAccount), own(trade.makerAccount)];
  return trade.takerSide === 'BUY'
    ? [
        { asset: base, from: maker, to: taker, amount: quantity, fee: takerFee },
        { asset: quote, from: taker, to: maker, amount: quoteQuantity, fee: makerFee },
      ]
    : [
        { asset: base, from: taker, to: maker, amount: quantity, fee: makerFee },
        { asset: quote, from: maker, to: taker, amount: quoteQuantity, fee: takerFee },
      ];
}
