/** Brings what the engine lists up to what `MARKETS` says. */
import { z } from 'zod';
import { FrameWriter, type Message, readFrame } from '#domain/codec.ts';
import { type Command, marketRules } from '#domain/commands.ts';
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
 * Lists the assets and markets that are not listed yet, and sets the rules of those whose rules differ.
 * @throws {ListingError} when `markets` is malformed, or says otherwise of what cannot change.
 */
export async function listMissing(markets: unknown, sequencer: Sequencer): Promise<void> {
  const parsed = listingsSchema.safeParse(markets);
  if (!parsed.success) throw new ListingError(`MARKETS: ${z.prettifyError(parsed.error)}`);
  const wanted = listingCommands(parsed.data);
  const [, ...listed] = await request(sequencer, { type: 'listings' });
  for (const command of wanted) {
    const known = listed.find((message) => isSameListing(message, command));
    if (known === undefined) await execute(sequencer, command, command);
    else await bringUpToDate(sequencer, known, command);
  }
}

type Listing = ReturnType<typeof listingCommands>[number];

function isSameListing(listed: Message, command: Listing): boolean {
  return command.type === 'listAsset'
    ? listed.type === 'assetListed' && listed.asset === command.asset
    : listed.type === 'marketListed' && listed.market === command.market;
}

/** Rules may change; what every open order is counted in may not. */
async function bringUpToDate(sequencer: Sequencer, listed: Message, command: Listing): Promise<void> {
  const before = listed as unknown as Record<string, unknown>;
  let hasOtherRules = false;
  for (const [field, value] of Object.entries(command)) {
    if (field === 'type' || before[field] === value) continue;
    if (!(field in marketRules)) {
      throw new ListingError(
        `${nameOf(command)}: ${field}: ${value} differs from ${before[field]}, as it was listed; it stays, so restore it or add a new entry`,
      );
    }
    hasOtherRules = true;
  }
  if (!hasOtherRules || command.type !== 'listMarket') return;
  const { base, quote, tick, lot, symbol, ...rules } = command;
  await execute(sequencer, { ...rules, type: 'setMarketRules' }, command);
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
async function request(sequencer: Sequencer, message: Command | Query): Promise<Message[]> {
  const frame = await new Promise<Uint8Array>((resolve) => {
    const requests = new FrameWriter();
    const at = requests.length;
    requests.write(1, 0, message as Message);
    sequencer.submit(requests, at, new ReplyBuffer(resolve));
  });
  return readFrame(frame).records.map((record) => record.message);
}
