/**
 * `npm run bench:projector`: what the read models of a traded order cost, with the double-entry ledger and without it,
 * in turns on one PostgreSQL; medians of the rounds. Every other order trades with the one before, and both pay fees.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { type Frame, FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Seq } from '#domain/ids.ts';
import { listingCommands } from '#domain/markets.ts';
import { listings } from '#environments/markets.ts';
import type { Database } from '#platform/database.ts';
import { migrate, openDatabase } from '#platform/postgres.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';
import { FOLDED_TYPES, fold } from '#services/projector/fold.ts';
import { applyFrames } from '#services/projector/handler.ts';
import { migrations } from '#services/projector/migrations.ts';
import { writeChanges } from '#services/projector/write-changes.ts';
import { newOrder } from '#test/support/commands.ts';
import { startTestServer } from '#test/support/postgres-server.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    orders: { type: 'string', default: '20000' },
    accounts: { type: 'string', default: '100' },
    /** Orders in a transaction: what the projector finds waiting under load. */
    batch: { type: 'string', default: '100' },
  },
});
const [rounds, orders, accounts, batch] = [
  options.rounds,
  options.orders,
  options.accounts,
  options.batch,
].map(Number) as [number, number, number, number];
const print = (line: string) => process.stdout.write(`${line}\n`);
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

const BTC = 100_000_000;
const USD = 1_000_000;

function* commands(): Generator<Command> {
  yield* listingCommands(listings);
  for (let account = 1; account <= accounts; account++) {
    for (const asset of [0, 1])
      yield { type: 'deposit', account, asset, amount: 10_000 * BTC, reference: 'opening' } as Command;
  }
  for (let order = 0; order < orders; order++) {
    yield newOrder({
      account: 1 + (order % accounts),
      side: order % 2 === 0 ? 'BUY' : 'SELL',
      price: 60_000 * USD,
      quantity: BTC / 1_000,
      clientOrderId: `order-${order}`,
    });
  }
}

/** A frame for every batch of orders, as the projector reads it; the first has the listings and deposits. */
function framesOf(): Frame[] {
  const engine = new MatchingEngine();
  const frames: Frame[] = [];
  const events = new FrameWriter();
  let firstSeq = 1;
  const cut = () => {
    frames.push(readFrame(events.finish(firstSeq, engine.lastSeq), FOLDED_TYPES));
    events.clear();
    firstSeq = engine.lastSeq + 1;
  };
  let placed = 0;
  for (const command of commands()) {
    if (command.type === 'place' && placed++ % batch === 0) cut();
    const written = new FrameWriter();
    const at = written.length;
    written.write(engine.lastSeq + 1, 1e15 + engine.lastSeq, command);
    engine.apply(written, at, events);
  }
  cut();
  return frames;
}

/** As `applyFrames` does it, but for the ledger. */
async function applyWithoutLedger(db: Kysely<Database>, [{ records, lastSeq }]: readonly [Frame]) {
  await db.transaction().execute(async (transaction) => {
    await transaction.selectFrom('projector.position').select('seq').forUpdate().execute();
    await writeChanges(transaction, fold(records));
    await transaction
      .updateTable('projector.position')
      .set({ seq: lastSeq as Seq })
      .execute();
  });
}

const subjects = { 'with the ledger': applyFrames, 'without it': applyWithoutLedger } as const;
type Subject = keyof typeof subjects;

/** Microseconds for an order, in tables of its own. */
async function measure(db: Kysely<Database>, subject: Subject, frames: readonly Frame[]): Promise<number> {
  await sql`drop schema if exists projector cascade`.execute(db);
  await migrate(db, 'projector', migrations);
  const [first, ...rest] = frames;
  await subjects[subject](db, [first!]);
  const began = performance.now();
  for (const frame of rest) await subjects[subject](db, [frame]);
  return ((performance.now() - began) * 1_000) / orders;
}

const server = await startTestServer();
const db = openDatabase(server.url, { connectionsMax: 1, settings: { synchronous_commit: 'off' } });
try {
  const frames = framesOf();
  print(`${orders} orders a round, of ${accounts} accounts, ${batch} in a transaction`);
  const results: Record<Subject, number[]> = { 'with the ledger': [], 'without it': [] };
  // The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const subject of Object.keys(subjects) as Subject[]) {
      const microseconds = await measure(db, subject, frames);
      if (round === 0) continue;
      results[subject].push(microseconds);
      print(`round ${round}: ${subject.padEnd(16)} ${microseconds.toFixed(1).padStart(8)} µs an order`);
    }
  }
  const withLedger = results['with the ledger'];
  const ratio = median(withLedger.map((value, round) => value / results['without it'][round]!));
  print(`median: with the ledger ${median(withLedger).toFixed(1)} µs an order`);
  print(`with the ledger / without it: ${ratio.toFixed(2)}`);
  if (options.json !== undefined) {
    const entry = {
      name: 'projector/order',
      value: Number(median(withLedger).toFixed(1)),
      unit: 'µs',
      ratios: { 'without-ledger': Number(ratio.toFixed(3)) },
    };
    await writeFile(options.json, `${JSON.stringify([entry], null, 2)}\n`);
  }
} finally {
  await db.destroy();
  await server.stop();
}
