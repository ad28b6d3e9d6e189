/** Everything the engine knows. Each part has a file of its own. */
import type { CommandOf } from '#domain/commands.ts';
import { FEE_ACCOUNT } from '#domain/ids.ts';
import { Accounts } from './accounts.ts';
import { Balances } from './balances.ts';
import { ClientIds } from './client-ids.ts';
import { FeeTiers } from './fees.ts';
import { Icebergs } from './icebergs.ts';
import { LadderPages } from './ladder.ts';
import { Levels } from './levels.ts';
import type { Market } from './market.ts';
import { OrderDetails } from './order-details.ts';
import { OrderIds } from './order-ids.ts';
import { OrderIndex } from './order-index.ts';
import { kinds } from './order-kinds.ts';
import { OrderLists } from './order-list.ts';
import { OrderPool } from './order-pool.ts';
import { Positions } from './positions.ts';
import type { Transfer, Withdrawal } from './references.ts';
import { Sessions } from './sessions.ts';

const { NONE } = kinds;

/** A listed asset and what came in from outside. */
export class Asset {
  readonly listing: CommandOf<'listAsset'>;
  /** All deposits less what has left, in units, below 2^53: no balance or sum of balances can be more. */
  supply = 0;
  /** The references under which each account was credited. */
  references = new Map<number, Set<string>>();
  /** Where its trading fees are collected. */
  readonly feeBalance: number;

  constructor(listing: CommandOf<'listAsset'>, feeBalance: number) {
    this.listing = listing;
    this.feeBalance = feeBalance;
  }
}

/** The only behaviour there is so far; `activateLogic` switches to the next. */
export const LOGIC_LATEST = 1;

export class State {
  assets: Asset[] = [];
  markets: Market[] = [];
  readonly accounts = new Accounts();
  readonly balances = new Balances();
  readonly positions = new Positions();
  readonly orders = new OrderPool();
  readonly details = new OrderDetails();
  readonly icebergs = new Icebergs();
  /** Lots that self-trade prevention took out of an order that is still open; the fewest have any. */
  prevented = new Map<number, number>();
  readonly orderIndex = new OrderIndex();
  readonly orderIds = new OrderIds(this.orders);
  readonly clientIds = new ClientIds(this.orders, this.orderIds, this.positions);
  readonly levels = new Levels();
  readonly pages = new LadderPages();
  readonly lists = new OrderLists();
  readonly fees = new FeeTiers();
  readonly sessions = new Sessions();
  /** By reference. What has ended stays: a reference counts once, however late it comes again. */
  withdrawals = new Map<string, Withdrawal>();
  transfers = new Map<string, Transfer>();
  lastOrderId = 0;
  logicVersion = LOGIC_LATEST;

  /** The account's row of an asset, made when it has none. */
  balanceRow(account: number, asset: number): number {
    const found = this.balances.find(account, asset);
    if (found !== NONE) return found;
    const accountRow = this.accounts.findOrAdd(account);
    const row = this.balances.add(account, asset, this.accounts.firstBalance(accountRow));
    this.accounts.setFirstBalance(accountRow, row);
    return row;
  }

  /** The account's row on a market, made when it has none. */
  positionRow(account: number, market: Market): number {
    const found = this.positions.find(account, market.id);
    if (found !== NONE) return found;
    const base = this.balanceRow(account, market.listing.base);
    const quote = this.balanceRow(account, market.listing.quote);
    const accountRow = this.accounts.findOrAdd(account);
    const first = this.accounts.firstPosition(accountRow);
    const row = this.positions.add(account, market.id, accountRow, base, quote, first);
    this.accounts.setFirstPosition(accountRow, row);
    return row;
  }

  feeBalanceOf(asset: number): number {
    return this.balanceRow(FEE_ACCOUNT, asset);
  }
}
