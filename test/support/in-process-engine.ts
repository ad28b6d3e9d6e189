/** The real matching engine behind the client's interface, without a journal or a wire. */
import { FrameWriter, readFrame } from '#domain/codec.ts';
import type { Command } from '#domain/commands.ts';
import type { Event } from '#domain/events.ts';
import type { AccountId, AssetId, Seq, TimeUs, Units } from '#domain/ids.ts';
import { type Listings, listingCommands } from '#domain/markets.ts';
import type { Query } from '#domain/queries.ts';
import { rejectionName } from '#domain/rejections.ts';
import { listings as allListings } from '#environments/markets.ts';
import { type Answer, type EngineClient, EngineUnavailable, type Outcome } from '#platform/engine-client.ts';
import { MatchingEngine } from '#services/engine/matching/engine.ts';

export class InProcessEngine implements EngineClient {
  readonly matching = new MatchingEngine();
  /** Every command, in order, as it was executed. */
  readonly commands: Command[] = [];
  readonly #onCommitted: (outcome: Outcome) => Promise<void> | void;
  /** When set, nothing is executed or answered; the value says whether the request counts as sent. */
  unavailable: 'sent' | 'unsent' | undefined;
  #lastTimeUs = 0;
  #deposits = 0;

  private constructor(onCommitted: (outcome: Outcome) => Promise<void> | void) {
    this.#onCommitted = onCommitted;
  }

  /** Lists everything; `onCommitted` hears of each command, these included, before its caller is answered. */
  static async start(
    listings: Listings = allListings,
    onCommitted: (outcome: Outcome) => Promise<void> | void = () => {},
  ): Promise<InProcessEngine> {
    const engine = new InProcessEngine(onCommitted);
    for (const command of listingCommands(listings)) await engine.execute(command);
    return engine;
  }

  async execute(command: Command): Promise<Outcome> {
    this.#requireAvailable();
    this.commands.push(command);
    const seq = (this.matching.lastSeq + 1) as Seq;
    const timeUs = Math.max(Date.now() * 1000, this.#lastTimeUs + 1) as TimeUs;
    this.#lastTimeUs = timeUs;
    const commands = new FrameWriter();
    const at = commands.length;
    commands.write(seq, timeUs, command);
    const events = new FrameWriter();
    const code = this.matching.apply(commands, at, events);
    const outcome: Outcome = {
      seq,
      timeUs,
      rejection: code === 0 ? null : rejectionName(code)!,
      events: recordsOf(events) as Event[],
    };
    await this.#onCommitted(outcome);
    return outcome;
  }

  async ask(query: Query): Promise<Answer> {
    this.#requireAvailable();
    const records = new FrameWriter();
    this.matching.answer(query, records);
    return { seq: this.matching.lastSeq, records: recordsOf(records) };
  }

  async close(): Promise<void> {}

  /** Credits `amount` units. */
  async deposit(account: number, asset: number, amount: number): Promise<void> {
    await this.execute({
      type: 'deposit',
      account: account as AccountId,
      asset: asset as AssetId,
      amount: amount as Units,
      reference: `deposit-${++this.#deposits}`,
    });
  }

  #requireAvailable(): void {
    if (this.unavailable !== undefined)
      throw new EngineUnavailable('the engine is away', this.unavailable === 'sent');
  }
}

function recordsOf(writer: FrameWriter) {
  return readFrame(writer.finish()).records.map(({ message }) => message);
}
