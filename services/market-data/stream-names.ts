/** The names of streams: `btcusdt@depth@100ms` is a market's depth differences at a tenth of a second. */
import type { MarketId } from '#domain/ids.ts';
import type { Listings } from '#platform/spot-api/listings.ts';

const KINDS = ['trade', 'aggTrade', 'bookTicker', 'depth', 'depth@100ms', 'depth@1000ms'] as const;
const PARTIAL = /^depth(5|10|20)(@100ms|@1000ms)?$/;

type StreamKind = 'trade' | 'aggTrade' | 'bookTicker' | 'depth' | 'partialDepth';

export interface Stream {
  /** As the client wrote it. */
  readonly name: string;
  readonly market: MarketId;
  readonly kind: StreamKind;
  /** How often it speaks; 0 for at once. */
  readonly intervalMs: number;
  /** Levels of a partial depth; 0 otherwise. */
  readonly depth: number;
}

const FAST_MS = 100;
const SLOW_MS = 1_000;

/** The stream of that name, or undefined when there is none. */
export function streamOf(name: string, listings: Listings): Stream | undefined {
  const at = name.indexOf('@');
  if (at < 1) return undefined;
  const symbol = name.slice(0, at);
  const kind = name.slice(at + 1);
  const market = listings.markets.find((listed) => listed.symbol.toLowerCase() === symbol);
  if (market === undefined) return undefined;
  const stream = (kindOf: StreamKind, intervalMs: number, depth = 0): Stream => ({
    name,
    market: market.id,
    kind: kindOf,
    intervalMs,
    depth,
  });
  const intervalMs = kind.endsWith('@100ms') ? FAST_MS : SLOW_MS;
  const partial = PARTIAL.exec(kind);
  if (partial !== null) return stream('partialDepth', intervalMs, Number(partial[1]));
  if (!(KINDS as readonly string[]).includes(kind)) return undefined;
  return kind.startsWith('depth') ? stream('depth', intervalMs) : stream(kind as StreamKind, 0);
}
