import { ListingError, type Listings, listingCommands } from '#domain/markets.ts';
import { ConfigurationError } from '../faults.ts';

/**
 * Refuses markets that the engine would: those whose arithmetic is not exact above all.
 * @throws {ConfigurationError} with file, market or asset, field and fault of everything that is wrong.
 */
export function checkListings(listings: Listings): void {
  try {
    listingCommands(listings);
  } catch (error) {
    if (!(error instanceof ListingError)) throw error;
    const lines = error.message.split('\n').map((line) => `environments/markets.ts: ${line}`);
    throw new ConfigurationError(lines.join('\n'), { cause: error });
  }
}
