/** Brings what the engine lists up to what `MARKETS` says. */
import { z } from 'zod';
import { type Message, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import { ListingError, listingCommands } from '#domain/markets.ts';
import type { Query } from '#domain/queries.ts';
import { rejectionName } from '#domain/rejections.ts';
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
      ordersMax: z.number(),
      makerFeePpm: z.number(),
      takerFeePpm: z.number(),
    }),
  ),
});

/**
 * Lists the assets and markets that are not listed yet. What is listed stays as it is.
 * @throws {ListingError} when `markets` is malformed or says otherwise of what is listed.
 */
export async function listMissing(markets: unknown, sequencer: Sequencer): Promise<void> {
  const parsed = listingsSchema.safeParse(markets);
  if (!parsed.success) throw new ListingError(`MARKETS: ${z.prettifyError(parsed.error)}`);
  const wanted = listingCommands(parsed.data);
  const [, ...listed] = await request(sequencer, { type: 'listings' });
  for (const command of wanted) {
    const known = listed.find((message) => isSameListing(message, command));
    if (known === undefined) await list(sequencer, command);
    else requireEqual(known, command);
  }
}

type Listing = ReturnType<typeof listingCommands>[number];

function isSameListing(listed: Message, command: Listing): boolean {
  return command.type === 'listAsset'
    ? listed.type === 'assetListed' && listed.asset === command.asset
    : listed.type === 'marketListed' && listed.market === command.market;
}

async function list(sequencer: Sequencer, command: Listing): Promise<void> {
  const [reply] = await request(sequencer, command);
  if (reply?.type !== 'rejected') return;
  throw new ListingError(`${nameOf(command)}: the engine refuses it: ${rejectionName(reply.code)}`);
}

function requireEqual(listed: Message, command: Listing): void {
  const before = listed as unknown as Record<string, unknown>;
  for (const [field, value] of Object.entries(command)) {
    if (field === 'type' || before[field] === value) continue;
    throw new ListingError(
      `${nameOf(command)}: ${field}: ${value} differs from ${before[field]}, as it was listed; what is listed stays, so restore it or add a new entry`,
    );
  }
}

function nameOf(command: Listing): string {
  return command.type === 'listAsset' ? `asset ${command.name}` : `market ${command.symbol}`;
}

/** The reply and its records. */
async function request(sequencer: Sequencer, message: Command | Query): Promise<Message[]> {
  const frame = await new Promise<Uint8Array>((resolve) => {
    sequencer.submit(1, message, new ReplyBuffer(resolve));
  });
  return readFrame(frame).records.map((record) => record.message);
}
