/**
 * Bugs to plant in the engine, each of which its tests must notice. `from` stands in the file exactly once; where the
 * engine has changed so that it does not, the bug is to be planted anew.
 */
const ENGINE = 'services/engine/matching/';

export interface PlantedBug {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What would go wrong, in plain words. */
  readonly breaks: string;
}

/** Text, what takes its place, and what that breaks. */
type Plant = readonly [from: string, to: string, breaks: string];

const plants: Readonly<Record<string, readonly Plant[]>> = {
  'services/domain/money.ts': [
    ['Math.floor(product / MILLION)', 'Math.ceil(product / MILLION)', 'a fee is rounded up'],
    ['(high * rate + Math.floor(', '(high * rate + Math.ceil(', 'the fee of a huge amount is rounded up'],
  ],

  [`${ENGINE}taking.ts`]: [
    ['!isFillable(state', 'limitTicks < 0 && !isFillable(state', 'a FOK trades what it can get'],
    [
      'reach.fills <= FILLS_MAX',
      'reach.fills < FILLS_MAX',
      'a FOK that needs as many makers as may be is refused',
    ],
    [
      'fills < FILLS_MAX && taker.remaining',
      'fills <= FILLS_MAX && taker.remaining',
      'one maker too many is met',
    ],
    [
      'if (isFirst) market.lastAggregateId++',
      'market.lastAggregateId++',
      'each fill is an aggregate trade of its own',
    ],
    [
      'tellOrder(state, outcome, maker);\n    tradedInList(state, outcome, market, maker);',
      'tellOrder(state, outcome, maker);',
      'an OCO stays whole when one of its orders trades in part',
    ],
    [
      'taker.quoteLeft < market.quoteUnits(market.lastTicks, 1)',
      'taker.quoteLeft <= market.quoteUnits(market.lastTicks, 1)',
      'an amount that pays one lot more is spent enough',
    ],
    [
      'if (isFirst && market.breaker.wouldHalt',
      'if (priceAt === 0 && market.breaker.wouldHalt',
      'only the first price of a run may halt the market',
    ],
    ['market.breaker.addTrade(outcome.timeUs, ticks);', '', 'the circuit breaker hears of no trade'],
    ['market.average.addTrade(outcome.timeUs, ticks, lots);', '', 'the average hears of no trade'],
    [
      'const status = isPrevented ? EXPIRED_IN_MATCH : EXPIRED;',
      'const status = EXPIRED;',
      'who is ended by self-trade prevention is told as merely expired',
    ],
  ],

  [`${ENGINE}settling.ts`]: [
    [
      'makerTier === 0 ? rules.makerFee :',
      'makerTier === 0 ? rules.takerFee :',
      'a maker pays the rate of takers',
    ],
    [
      '(takerTier === 0 ? rules.takerFee : state.fees.takerFee(takerTier))',
      'rules.takerFee',
      "a taker's tier is ignored",
    ],
    ['state.fees.makerFee(makerTier)', 'state.fees.makerFee(takerTier)', "a maker pays its taker's tier"],
    ['balances.touch(makerReceiving);', '', 'what a trade brings its maker is not told'],
  ],

  [`${ENGINE}book.ts`]: [
    [
      'levels.unlink(orders, level, slot);\n  levels.append(orders, level, slot);',
      '',
      'a new slice of an iceberg keeps the place of the last',
    ],
    [
      'Math.min(icebergs.sliceLots(iceberg), hidden)',
      'hidden',
      'an iceberg shows all once its first slice is gone',
    ],
    [
      'Math.min(lots, icebergs.hiddenLots(iceberg))',
      'Math.min(Math.max(0, lots + 1 - orders.lots(slot)), icebergs.hiddenLots(iceberg))',
      'shortening an iceberg takes what it shows first',
    ],
    ['best <= limitTicks', 'best < limitTicks', 'a BUY at the best ask does not trade'],
    ['best >= limitTicks', 'best > limitTicks', 'a SELL at the best bid does not trade'],
    [
      'levels.lots(level) + levels.hiddenLots(level)',
      'levels.lots(level)',
      'hidden lots do not count for the bound of a level',
    ],
    [
      'resting + lots <= market.lotsMax',
      'resting + lots < market.lotsMax',
      'a level may not be as full as it can be',
    ],
    ['levels.append(orders, level, slot);\n  levels.addLots', 'levels.addLots', 'an order rests in no queue'],
    [
      'if (ticks === 0 || orders.timeInForce(slot) !== GTC) return false;',
      'if (ticks === 0) return false;',
      'an IOC rests',
    ],
  ],

  [`${ENGINE}amending.ts`]: [
    [
      'shorten(state, outcome, slot, lots);',
      `{
        shorten(state, outcome, slot, lots);
        const level = orders.level(slot);
        state.levels.unlink(orders, level, slot);
        state.levels.append(orders, level, slot);
      }`,
      'an amended order loses its place',
    ],
    ['if (released > 0) ', 'if (released < 0) ', 'an amendment does not release what is held too much'],
    ['+ gone) * lot ||', '+ gone + 1) * lot ||', 'an amendment may leave the quantity as it is'],
    ['quantity <= gone * lot', 'quantity < gone * lot', 'an order may be amended to what it has executed'],
    [
      'amendments >= rules.amendsMax',
      'amendments > rules.amendsMax',
      'one amendment too many is let through',
    ],
    ['details.list(row) !== 0', 'details.list(row) < 0', 'an order of a list may be amended'],
    ['other !== NONE && other !== slot', 'other === -2', 'an amendment takes an id that another order has'],
    ['clientIds.add(slot);', '', "an amended order does not answer to its new client's id"],
    [
      'executed + (prevented.get(slot) ?? 0)',
      'executed',
      'what was prevented does not count for an amendment',
    ],
  ],

  [`${ENGINE}ending.ts`]: [
    [
      'if (held > 0) state.balances.release(payingBalance(state, slot), held);',
      '',
      'a cancel does not release what the order held',
    ],
    [
      'if (pair?.includes(legOf(list, slot))) endOthers',
      'if (pair === undefined && legOf(list, slot) === 9) endOthers',
      'the other order of an OCO stays when one trades',
    ],
    [
      'if (pair?.includes(legOf(list, slot))) endOthers',
      'if (pair === undefined && legOf(list, slot) === 0) enqueue(state, market, list.slots[1]!);\n  else if (pair?.includes(legOf(list, slot))) endOthers',
      'an OTO is activated when its first order is filled in part',
    ],
    [
      'LEGS, slot, CANCELED);',
      'LEGS, slot, EXPIRED);',
      'orders of a list that was cancelled are told as expired',
    ],
    [
      'else if (leg === 0) endOthers(state, outcome, market, list, LEGS, slot, EXPIRED);',
      '',
      'pending orders stay when the one that they wait for expires',
    ],
    ['leg === 0 && status === FILLED', 'leg === 0', 'pending orders are activated by any end of the first'],
    [
      'state.positions.addLists(state.orders.position(slot), -1);',
      '',
      'a list that is done still counts for the bound of open lists',
    ],
    ['if (!isOfList) outcome.cancelId = null;', '', "the cancel's id is told of orders that it did not name"],
    [
      'if (slot === NONE || slot === exceptSlot) continue;',
      'if (slot === NONE) continue;',
      'an order ends twice',
    ],
  ],

  [`${ENGINE}order-amounts.ts`]: [
    [
      'return Math.max(first, second) - otherNeed;',
      'return 0;',
      'of an OCO, what only the ended order needed stays held',
    ],
    [
      'return Math.max(first, second) - Math.max(...list.pairNeeds);',
      'return released;',
      'an OCO releases what its other order still needs',
    ],
    ['Math.max(...list.pairNeeds!)', 'list.pairNeeds![0]', 'an OCO holds only what its first order needs'],
    [
      'market.quoteUnits(limitTicksOf(state, slot), lots)',
      'market.quoteUnits(market.lastTicks || limitTicksOf(state, slot), lots)',
      'a BUY holds its value at the last price, not at its limit',
    ],
    [
      '(iceberg === NONE ? 0 : icebergs.hiddenLots(iceberg));',
      '0;',
      'hidden lots are no part of what remains of an order',
    ],
  ],

  [`${ENGINE}stops.ts`]: [
    ['rising.best <= ticks', 'rising.best < ticks', 'a rising stop is not triggered at its very price'],
    ['falling.best >= ticks', 'falling.best > ticks', 'a falling stop is not triggered at its very price'],
    [
      'if (extreme === 0 || (isBuy ? ticks < extreme : ticks > extreme)) {',
      'if (extreme === 0) {',
      'a trailing stop keeps the first price that it saw as its best',
    ],
    [
      'ticks * BASIS_POINTS >= extreme * (BASIS_POINTS + delta)',
      'ticks * BASIS_POINTS > extreme * (BASIS_POINTS + delta)',
      'a trailing BUY is not triggered when the price has risen by just its delta',
    ],
    [
      'ticks * BASIS_POINTS <= extreme * (BASIS_POINTS - delta)',
      'ticks * BASIS_POINTS < extreme * (BASIS_POINTS - delta)',
      'a trailing SELL is not triggered when the price has fallen by just its delta',
    ],
    [
      'trail(state, market, slot, ticks);',
      'trail(state, market, slot, 0);',
      'trailing does not begin at the price that reached the stop',
    ],
    [
      `  while (rising.best !== 0 && rising.best <= ticks) reachStop(state, outcome, market, rising, ticks);
  while (falling.best !== 0 && falling.best >= ticks) reachStop(state, outcome, market, falling, ticks);`,
      `  while (falling.best !== 0 && falling.best >= ticks) reachStop(state, outcome, market, falling, ticks);
  while (rising.best !== 0 && rising.best <= ticks) reachStop(state, outcome, market, rising, ticks);`,
      'falling stops are triggered before rising ones',
    ],
    [
      'enqueue(state, market, slot);\n  tradedInList(state, outcome, market, slot);',
      'enqueue(state, market, slot);',
      'the other order of an OCO stays when one is triggered',
    ],
    ['next !== NONE && orders.id(next) === following', 'next !== NONE', 'an order that has ended is trailed'],
  ],

  [`${ENGINE}cascade.ts`]: [
    [
      'const slot = market.queueFirst;',
      'const slot = market.queueLast;',
      'the last order triggered starts first',
    ],
    [
      'outcome.started < TRIGGERS_MAX',
      'outcome.started <= TRIGGERS_MAX',
      'a command starts one order too many',
    ],
    ['outcome.fills < FILLS_MAX', 'outcome.fills < Infinity', 'a cascade fills without a bound'],
    ['market.status === TRADING &&', '', 'triggered orders start while the market is halted'],
    [
      'if (held > 0) balances.release(payingBalance(state, slot), held);',
      '',
      'a triggered order cannot use what it held',
    ],
    [
      'details.setWorkingAt(row, outcome.timeUs);\n  tellOrder',
      'tellOrder',
      'a triggered order is told as still waiting',
    ],
    [
      '(waitsForRise(side, type) ? stopTicks <= lastTicks',
      '(waitsForRise(side, type) ? stopTicks < lastTicks',
      'an activated stop starts to wait for the price that there is',
    ],
    [
      'if (isPriceless(type) && !isConditional(type) && side === BUY) return canPayBook(state, market, slot);',
      '',
      'an activated MARKET order to buy is not checked against the balance',
    ],
    [
      'else if (type === LIMIT_MAKER && crosses(market, side, ticks)) return false;\n  ',
      '',
      'an activated LIMIT_MAKER takes',
    ],
  ],

  [`${ENGINE}circuit-breaker.ts`]: [
    ['price > this', 'price >= this', 'a rise by just what is allowed halts the market'],
    ['price < this', 'price <= this', 'a fall by just what is allowed halts the market'],
    ['this.length) - BUCKETS;', 'this.length) - BUCKETS + 1;', "the breaker's window is an eighth too short"],
    ['if (ticks < buckets[at + 1]!) buckets[at + 1] = ticks;', '', 'the breaker forgets the lowest price'],
  ],

  [`${ENGINE}average-price.ts`]: [
    ['<= number - BUCKETS', '< number - BUCKETS', "the average's window is a twelfth too long"],
    ['Math.floor(sum / lots)', 'Math.ceil(sum / lots)', 'the average is rounded up'],
    ['    this.computedAt = -1;', '', 'a trade is no part of the average that was computed before it'],
    ['if (sum >= SUM_MAX) return;', '', 'a bucket may grow until its sum is inexact'],
  ],

  [`${ENGINE}terms.ts`]: [
    ['terms.price < rules.priceMin', 'terms.price <= rules.priceMin', 'the lowest price allowed is refused'],
    [
      'terms.stopPrice > rules.priceMax',
      'terms.stopPrice >= rules.priceMax',
      'the highest stop allowed is refused',
    ],
    [
      'quantity > rules.quantityMax)',
      'quantity >= rules.quantityMax)',
      'the largest quantity allowed is refused',
    ],
    [
      'quantity > rules.marketQuantityMax',
      'quantity >= rules.marketQuantityMax',
      'the largest MARKET order is refused',
    ],
    ['> rules.icebergPartsMax', '>= rules.icebergPartsMax', 'an iceberg of the most parts is refused'],
    ['value < rules.notionalMin', 'value <= rules.notionalMin', 'the lowest value allowed is refused'],
    [
      'estimate > rules.notionalMax',
      'estimate >= rules.notionalMax',
      'the highest estimate allowed is refused',
    ],
    [
      'trailingDelta <= rules.trailingAboveMax',
      'trailingDelta < rules.trailingAboveMax',
      'the largest delta is refused',
    ],
    [
      'trailingDelta >= rules.trailingBelowMin',
      'trailingDelta > rules.trailingBelowMin',
      'the smallest delta is refused',
    ],
    [
      '? rules.bidUp : rules.askUp',
      '? rules.askUp : rules.bidUp',
      'bids are compared with the bound of asks',
    ],
    ['price <= average * up', 'price < average * up', 'a price just at its bound is refused'],
    ['supply + terms.value >', 'terms.value >', 'a SELL may come to receive more than is exact'],
  ],

  [`${ENGINE}admission.ts`]: [
    [
      'open + added.orders > rules.ordersMax',
      'open + added.orders >= rules.ordersMax',
      'the last order allowed is refused',
    ],
    ['algoOrders + added.algoOrders >', 'added.algoOrders >', 'conditional orders are not counted'],
    [
      'market.trailing + added.trailing > TRAILING_MAX',
      'market.trailing > TRAILING_MAX',
      'one order too many is trailed',
    ],
    ['total > positionMax ?', 'total >= positionMax ?', 'the largest position allowed is refused'],
    ['+ balances.held(row)', '', 'what sell orders hold is no part of a position'],
    [
      'orders.status(slot) !== PENDING_NEW',
      'orders.status(slot) >= 0',
      'pending orders count for a position',
    ],
    ['? stopTicks <= lastTicks', '? stopTicks < lastTicks', 'a stop that the price has reached is accepted'],
    [
      'prevention === DECREMENT ? EXPIRE_MAKER',
      'prevention < 0 ? EXPIRE_MAKER',
      'a DECREMENT taker need not pay what is behind its own',
    ],
  ],

  [`${ENGINE}self-trade.ts`]: [
    ['if (mode === EXPIRE_TAKER || mode', 'if (mode', 'EXPIRE_TAKER lets the taker go on'],
    [
      'mode === EXPIRE_TAKER ? 0 : makerLots',
      'mode !== EXPIRE_MAKER ? 0 : makerLots',
      'EXPIRE_BOTH leaves the maker',
    ],
    ['mode === EXPIRE_MAKER ? 0 : Math.min', 'Math.min', 'EXPIRE_MAKER tells the taker as prevented'],
    ['mode === EXPIRE_TAKER || mode === EXPIRE_BOTH', 'mode !== DECREMENT', 'EXPIRE_MAKER ends the taker'],
    [
      'const ofTaker = mode === DECREMENT ? both',
      'const ofTaker = mode < 0 ? both',
      'DECREMENT takes all from the taker',
    ],
    [
      'const fromMaker = mode === DECREMENT ? both',
      'const fromMaker = mode < 0 ? both',
      'DECREMENT takes all from the maker',
    ],
    [
      'const makerLots = remainingLots(state, maker)',
      'const makerLots = orders.lots(maker)',
      'hidden lots of its own stay in the way',
    ],
    ['if (held > 0) balances.release(paying, held);', '', 'a maker that expires in a match keeps its hold'],
    [
      'balances.release(paying, lessenHold(state, maker, needBefore));',
      '',
      'a maker that is lessened keeps its whole hold',
    ],
    [
      'endedInList(state, outcome, market, maker, EXPIRED_IN_MATCH);',
      '',
      'the list of a maker that expires in a match goes on',
    ],
  ],

  [`${ENGINE}liquidity.ts`]: [
    [
      'positions.account(orders.position(slot)) === account) {',
      'positions.account(orders.position(slot)) < 0) {',
      "a FOK counts its account's own orders",
    ],
    [
      'if (prevention === EXPIRE_MAKER) continue;',
      '',
      'an EXPIRE_MAKER taker sees nothing behind its own orders',
    ],
    ['offer.lots = shown;', 'offer.lots = all;', 'hidden lots count though an own order comes before them'],
    ['taken < offer.lots || offer.isBlocked', 'taken < offer.lots', 'what is behind an own order counts'],
  ],

  [`${ENGINE}order-ids.ts`]: [
    [
      'if (length <= 8) return (at + 2) | 0;',
      'if (length < 8) return (at + 2) | 0;',
      'an id of eight characters is told longer than it is',
    ],
    [
      '(length + 3) >> 2;\n    for (let index = HEAD',
      '(length + 3) >> 3;\n    for (let index = HEAD',
      'a long id is told cut short',
    ],
    [
      'if (this.int(slot, index) !== records.ints[(source + index) | 0]) return false;',
      'if (index < 4 && this.int(slot, index) !== records.ints[(source + index) | 0]) return false;',
      'long ids that begin alike pass for one',
    ],
  ],

  [`${ENGINE}client-ids.ts`]: [
    [
      'while (ids.next(before) !== slot) before = ids.next(before);\n    ids.setNext(before, next);',
      'ids.setNext(before, next);',
      'an id in the middle of its chain takes others with it',
    ],
    ['chains[chain] = next + 1;', 'chains[chain] = 0;', 'an id behind one that left is not found any more'],
    [
      '        slot = next;',
      '        slot = NONE;',
      'of each chain only the first id is found after more came',
    ],
  ],

  [`${ENGINE}open-orders.ts`]: [
    ['positions.account(position) !== account ||', '', 'an account may cancel the order of another'],
    [
      '!state.orderIds.is(slot, records, at)',
      'state.orderIds.length(slot) === 0',
      'two names of different orders pass for one',
    ],
    ['.trailing += by', '.trailing += 1', 'trailing orders that ended still count'],
    [
      'if (details.iceberg(row) !== NONE) positions.addIcebergs(position, by);',
      '',
      'icebergs are not counted',
    ],
  ],

  [`${ENGINE}placing.ts`]: [
    [
      'if (state.clientIds.find(account, records, idAt) !== NONE) return rejections.duplicateClientOrderId;',
      '',
      "a client's id names two open orders",
    ],
    ['terms.side === BUY) {', 'terms.side !== BUY) {', 'the largest position bounds sellers'],
    ['need > availableFor', 'need >= availableFor', 'all that an account has is not enough'],
  ],

  [`${ENGINE}placing-lists.ts`]: [
    [
      'above.quantity !== below.quantity',
      'above.quantity < 0',
      'the orders of an OCO may differ in quantity',
    ],
    [
      'lists >= market.rules.orderListsMax',
      'lists > market.rules.orderListsMax',
      'one list too many is accepted',
    ],
    ['names.has(name) ||', '', 'two orders of one list share an id'],
    [
      'need = Math.max(need,',
      'need = Math.min(need,',
      'an OCO is accepted though the balance does not cover it',
    ],
    [
      'for (const slot of list.slots) register(state, slot);\n  for (const slot of list.slots) tell',
      'register(state, list.slots[0]!);\n  for (const slot of list.slots) tell',
      'pending orders cannot be found',
    ],
  ],

  [`${ENGINE}pairs.ts`]: [
    ['upperTicks <= lowerTicks', 'upperTicks < lowerTicks', 'both orders of an OCO may have one price'],
    ['upperTicks > lastTicks', 'upperTicks >= lastTicks', 'an OCO may start with an order at the last price'],
    [
      'Math.max(needOf(state, first), needOf(state, second)) > available',
      'needOf(state, first) > available',
      'an activated OCO is accepted though the balance does not cover its second order',
    ],
  ],

  [`${ENGINE}cancelling.ts`]: [
    [
      'restriction === ONLY_NEW && status !== NEW',
      'restriction === ONLY_NEW && status < 0',
      'a cancel only of a new order cancels any',
    ],
    [
      'status === TRADING || status === CANCEL_ONLY',
      'status === TRADING',
      'a market for cancels only takes none',
    ],
    [
      "isById && clientId !== '' && list.clientId !== clientId",
      'isById && list.id < 0',
      'two names of different lists pass for one',
    ],
  ],

  [`${ENGINE}replacing.ts`]: [
    [
      'cancelCode !== 0 && words',
      'cancelCode < 0 && words',
      'a replacement is placed though the cancel failed',
    ],
  ],

  [`${ENGINE}market.ts`]: [
    ['if (averageMinutes !== this.average.minutes) ', '', 'other rules make the average begin afresh'],
    ['|| breakerSeconds !== this.breaker.seconds', '', 'the breaker keeps its old window'],
  ],

  [`${ENGINE}listing.ts`]: [
    [
      'if (market.status === TRADING) market.breaker.reset();',
      '',
      'a market that was halted halts again at once',
    ],
    ['tier > 0 && !state.fees.isDefined(tier)', 'tier < 0', 'an account is put in a tier that is not there'],
  ],

  [`${ENGINE}funding.ts`]: [
    [
      'asset.references.get(account)?.has(reference)',
      'asset.references.size < 0',
      'a deposit is credited twice',
    ],
    ['asset.supply += amount;', '', 'the supply of an asset is not counted'],
    [
      'if (before !== undefined) return comingAgain(before, { account',
      'if (before?.status === "held") return comingAgain(before, { account',
      'a withdrawal that has ended is held again',
    ],
    [
      'before[name] === now[name]',
      'true',
      'another withdrawal under the same reference is taken for the same',
    ],
    [
      'state.balances.available(row) < amount) return rejections.insufficientBalance;\n\n  state.balances.hold(row, amount);\n  state.balances.spend',
      'false) return rejections.insufficientBalance;\n\n  state.balances.hold(row, amount);\n  state.balances.spend',
      'an account sends what it does not have',
    ],
    ['amount > fee)', 'amount >= fee)', 'a withdrawal is all fee'],
    ['listed.supply -= amount - fee;', 'listed.supply -= amount;', 'a fee leaves the exchange'],
    ['state.balances.credit(listed.feeBalance, fee);', '', 'the fee of a withdrawal is lost'],
    ["{ ...withdrawal, status: 'settled' }", 'withdrawal', 'a withdrawal that has left is released too'],
    ['from !== to', 'from > 0', 'an account sends to itself'],
  ],

  [`${ENGINE}engine.ts`]: [
    ['remember(session, request, {', 'void ({', 'a session forgets what became of its requests'],
    ['if (code !== 0) return code;', '', 'a refused request, sent again, is told as executed'],
    ['remembered > request', 'remembered < request', 'a request older than what is remembered is executed'],
    [
      'if (market.queueFirst >= 0) cascade',
      'if (market.queueFirst > 0) cascade',
      'the order in slot 0 is not started',
    ],
  ],

  [`${ENGINE}sessions.ts`]: [
    [
      'session.lastUsed = seq;\n  session.outcomes',
      'session.outcomes',
      'a session in use makes room for another',
    ],
    ['this.open.size >= SESSIONS_MAX', 'this.open.size > SESSIONS_MAX', 'one session too many stays open'],
  ],

  [`${ENGINE}ladder.ts`]: [
    ['if (from > 63) return 0;', 'if (from > 62) return 0;', "an ask at a page's last price is passed over"],
    ['high & (-1 >>> (63 - last))', 'high & (-1 >>> (62 - last))', 'the next lower bid is passed over'],
    ['low & (-1 << from)', 'low & (-1 << (from + 1))', 'the next higher ask is passed over'],
    [
      'this.highest ? PAGE_TICKS : -1',
      'this.highest ? PAGE_TICKS - 1 : -1',
      "a bid at a page's last price is passed over",
    ],
    [
      'if (this.cachedNumbers[number & (CACHED - 1)] === number)\n      ',
      'if (number < 0)\n      ',
      'a page that was removed is still found',
    ],
    ['if (ints[tick] !== NONE) return;', '', 'a page is removed though it has a level'],
  ],

  [`${ENGINE}order-index.ts`]: [
    ['this.baseId += first * PAGE_IDS;', '', 'orders are not found once the index was moved'],
    ['this.counts[page] = this.freePage;', '', 'pages of the index that were freed are lost'],
  ],

  [`${ENGINE}plain-placing.ts`]: [
    ['words[(terms + TIME_IN_FORCE) | 0] !== GTC ||', '', 'an IOC by the short way rests'],
    ['quantity > rules.marketQuantityMax ||', '', 'the short way lets MARKET orders too large pass'],
    [
      'side === BUY ? bookDemands(state, market, BUY, lots, Infinity, account, prevention) : quantity;',
      'side === BUY ? 0 : quantity;',
      'the short way lets a MARKET order buy what the balance does not cover',
    ],
    [
      'if (up !== 0 && ticks * MILLION > average * up) return NONE;',
      '',
      'the short way lets prices too high pass',
    ],
    [
      'pi[ofPosition + 6]! >= rules.ordersMax',
      'pi[ofPosition + 6]! > rules.ordersMax',
      'the short way lets one order too many pass',
    ],
    [
      'if (state.balances.floats[row * 4]! < (side === BUY ? value : quantity)) return NONE;',
      '',
      'the short way places what the balance does not cover',
    ],
    ['asks.best <= ticks', 'asks.best < ticks', 'the short way lets a crossing bid rest'],
    ['if (rules.positionMax !== Infinity) return NONE;', '', 'the short way ignores the largest position'],
    [
      'if (mark !== 0 && state.clientIds.findMarked(mark, account, records, idAt) !== NONE) return NONE;\n  return position;\n}\n\n/** The same for',
      'return position;\n}\n\n/** The same for',
      'the short way accepts an id twice',
    ],
  ],

  [`${ENGINE}plain-orders.ts`]: [
    [
      'if (left === 0) ((flags & 1) === BUY ? market.bids : market.asks).hide(ticks);',
      '',
      'the short cancel leaves an empty level at the touch',
    ],
    [
      'pi[ofPosition + 6] = pi[ofPosition + 6]! - 1;',
      '',
      'orders that left by the short way still count for the bound of open orders',
    ],
  ],

  [`${ENGINE}plain-cancelling.ts`]: [
    [
      'return row === NONE || state.details.isPlain(row) ? slot : NONE;',
      'return slot;',
      'the short cancel forgets lists and icebergs',
    ],
    ['pi[ofPosition] !== words[(at + ACCOUNT) | 0] ||', '', "the short cancel ends other accounts' orders"],
  ],

  [`${ENGINE}snapshot.ts`]: [
    ['state.prevented = saved.prevented;', '', 'a snapshot leaves out what was prevented'],
    ['Object.assign(state.icebergs, saved.icebergs);', '', 'a snapshot leaves out icebergs'],
    ['state.lists.lastId = lastListId!;', '', 'a snapshot leaves out the last list id'],
    ['state.fees.rates = saved.rates;', '', 'a snapshot leaves out fee tiers'],
    ['{ buckets: saved.average }', '{}', 'a snapshot leaves out the average'],
    ['{ buckets: saved.breaker }', '{}', "a snapshot leaves out the breaker's prices"],
    ['state.sessions.open = saved.sessions;', '', 'a snapshot leaves out sessions'],
    ['      queueFirst,\n', '', 'a snapshot leaves out what was triggered'],
    ['Object.assign(state.clientIds, saved.clientIds);', '', "a snapshot leaves out client's ids"],
  ],
};

export const PLANTED: readonly PlantedBug[] = Object.entries(plants).flatMap(([file, bugs]) =>
  bugs.map(([from, to, breaks]) => ({ file, from, to, breaks })),
);
