/** Brings what the engine lists up to what `MARKETS` says. */
import { z } from 'zod';
import { FrameWriter, type Message, readFrame } from '#domain/codec.ts';
import { type Command, marketRules } from '#domain/commands.ts';
import { ListingError, listingCommands } from '#domain/markets.ts';
import { rejectionName } from '#domain/rejections.ts';
import type { MatchingEngine } from './matching/engine.ts';
import { ReplyBuffer } from './reply-buffer.ts';
import type { Sequencer } from './sequencer.ts';

const listingsSchema = z.strictObject({
  assets: z.array(z.strictObject({ name: z.string(), scale: z.number() })),
  markets: z.array(
    z.strictObject({
      symbol: z.string(),
      base: z.string(),
      quote: z.string(),
      tickSize: z.string(),
      priceMin: z.string(),
      priceMax: z.string(),
      lotSize: z.string(),
      quantityMin: z.string(),
      quantityMax: z.string(),
      marketQuantityMax: z.string(),
      notionalMin: z.string(),
      notionalMax: z.string(),
      bidDownPpm: z.number(),
      bidUpPpm: z.number(),
      askDownPpm: z.number(),
      askUpPpm: z.number(),
      averageMinutes: z.number(),
      ordersMax: z.number(),
      algoOrdersMax: z.number(),
      icebergOrdersMax: z.number(),
      orderListsMax: z.number(),
      icebergPartsMax: z.number(),
      amendsMax: z.number(),
      positionMax: z.string().nullable(),
      trailingAboveMin: z.number(),
      trailingAboveMax: z.number(),
      trailingBelowMin: z.number(),
      trailingBelowMax: z.number(),
      breakerMovePpm: z.number(),
      breakerSeconds: z.number(),
      makerFeePpm: z.number(),
      takerFeePpm: z.number(),
    }),
  ),
});

/**
 * The commands that bring what `engine` lists up to what `markets` says: what is not listed yet, and the rules that
 * differ. Looks at all of it before any is executed: what cannot be is refused as a whole.
 * @throws {ListingError} when `markets` is malformed, or says otherwise of what cannot change.
 */
export function dueListings(markets: unknown, engine: Pick<MatchingEngine, 'answer'>): DueListing[] {
  const parsed = listingsSchema.safeParse(markets);
  if (!parsed.success) throw new ListingError(`MARKETS: ${z.prettifyError(parsed.error)}`);
  const records = new FrameWriter();
  engine.answer({ type: 'listings' }, records);
  const listed = readFrame(records.finish()).records.map(({ message }) => message);
  return listingCommands(parsed.data).flatMap((listing) => {
    const known = listed.find((message) => isSameListing(message, listing));
    const command = known === undefined ? listing : changeOf(known, listing);
    return command === undefined ? [] : [{ listing, command }];
  });
}

/** @throws {ListingError} when the engine refuses one. */
export async function executeListings(due: readonly DueListing[], sequencer: Sequencer): Promise<void> {
  for (const { listing, command } of due) await execute(sequencer, command, listing);
}

export interface DueListing {
  readonly listing: Listing;
  readonly command: Command;
}

type Listing = ReturnType<typeof listingCommands>[number];

function isSameListing(listed: Message, command: Listing): boolean {
  return command.type === 'listAsset'
    ? listed.type === 'assetListed' && listed.asset === command.asset
    : listed.type === 'marketListed' && listed.market === command.market;
}

/** The command that brings a listing's rules up to date. What every open order is counted in may not change. */
function changeOf(listed: Message, listing: Listing): Command | undefined {
  const before = listed as unknown as Record<string, unknown>;
  const changed = Object.entries(listing).filter(
    ([field, value]) => field !== 'type' && before[field] !== value,
  );
  for (const [field, value] of changed) {
    if (field in marketRules) continue;
    throw new ListingError(
      `${nameOf(listing)}: ${field}: ${value} differs from ${before[field]}, as it was listed; it stays, so restore it or add a new entry`,
    );
  }
  if (changed.length === 0 || listing.type !== 'listMarket') return undefined;
  const { base, quote, tick, lot, symbol, ...rules } = listing;
  return { ...rules, type: 'setMarketRules' };
}

async function execute(sequencer: Sequencer, command: Command, listing: Listing): Promise<void> {
  const [reply] = await request(sequencer, command);
  if (reply?.type !== 'rejected') return;
  throw new ListingError(`${nameOf(listing)}: the engine refuses it: ${rejectionName(reply.code)}`);
}

function nameOf(command: Listing): string {
  return command.type === 'listAsset' ? `asset ${command.name}` : `market ${command.symbol}`;
}

/** The reply and its records. */
async function request(sequencer: Sequencer, message: Command): Promise<Message[]> {
  const frame = await new Promise<Uint8Array>((resolve) => {
    const requests = new FrameWriter();
    const at = requests.length;
    requests.write(1, 0, message as Message);
    sequencer.submit(requests, at, new ReplyBuffer(resolve));
  });
  return readFrame(frame).records.map((record) => record.message);
}
