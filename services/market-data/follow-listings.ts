/** Keeps the listings as new as the feed: a market's listing, rules or status may change while it is traded. */
import type { Frame, Message } from '#domain/codec.ts';
import type { Listings } from '#platform/spot-api/listings.ts';
import type { Books } from './books.ts';

const LISTING_TYPES: ReadonlySet<Message['type']> = new Set([
  'marketListed',
  'marketRulesSet',
  'marketStatus',
] as const);

export function followListings(books: Books, listings: Listings): void {
  books.onFrame((frame) => {
    // Away from the engine, the next regular look finds what has changed.
    if (changesListings(frame)) listings.refresh().catch(() => {});
  });
}

function changesListings({ records }: Frame): boolean {
  return records.some(({ message }) => LISTING_TYPES.has(message.type));
}
