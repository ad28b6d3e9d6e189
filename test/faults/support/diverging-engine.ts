/** The engine as a build with a planted change of behaviour: every hundredth trade's fee is one unit less. */
import { offsetsOf } from '#domain/codec.ts';
import { events as shapes } from '#domain/events.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';

const { tradeId: TRADE_ID, takerFee: TAKER_FEE } = offsetsOf(shapes.trade);
const { apply } = MatchingEngine.prototype;

MatchingEngine.prototype.apply = function (records, at, events) {
  const from = events.end;
  const code = apply.call(this, records, at, events);
  for (let each = from; each < events.end; each += events.ints[each * 2 + 1]!)
    if (events.ints[each * 2] === shapes.trade.code && events.words[each + TRADE_ID]! % 100 === 0)
      events.words[each + TAKER_FEE]! -= 1;
  return code;
};

await import('#services/engine/main.ts');
