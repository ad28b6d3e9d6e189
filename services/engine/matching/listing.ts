/** Listing assets and markets. */
import type { CommandOf } from '#domain/commands.ts';
import { marketFault, quoteUnitsPerStep } from '#domain/markets.ts';
import { SCALE_MAX } from '#domain/money.ts';
import { rejections } from '#domain/rejections.ts';
import { Market } from './market.ts';
import { OrderBook } from './order-book.ts';
import { Asset, type Outcome, type State } from './state.ts';

export function listAsset(state: State, command: CommandOf<'listAsset'>, outcome: Outcome): number | null {
  const { assets } = state;
  if (command.asset < assets.length || assets.some(({ listing }) => listing.name === command.name)) {
    return rejections.alreadyListed;
  }
  if (command.asset !== assets.length) return rejections.invalidListing;
  if (command.name === '' || command.scale < 0 || command.scale > SCALE_MAX) return rejections.invalidListing;
  assets.push(new Asset(command));
  outcome.write({ ...command, type: 'assetListed' });
  return null;
}

export function listMarket(state: State, command: CommandOf<'listMarket'>, outcome: Outcome): number | null {
  const { assets, books } = state;
  if (command.market < books.length || books.some(({ market }) => market.listing.symbol === command.symbol)) {
    return rejections.alreadyListed;
  }
  if (command.market !== books.length) return rejections.invalidListing;
  const base = assets[command.base];
  if (base === undefined || assets[command.quote] === undefined) return rejections.unknownAsset;
  const { scale } = base.listing;
  if (command.symbol === '' || command.base === command.quote || marketFault(command, scale) !== undefined) {
    return rejections.invalidListing;
  }
  books.push(new OrderBook(new Market(command, quoteUnitsPerStep(command, scale)!)));
  outcome.write({ ...command, type: 'marketListed' });
  return null;
}
