/** What clients saw of their numbered commands. */
import type { Command } from '#domain/commands.ts';
import type { RejectionName } from '#domain/rejections.ts';

/** The engine's word on a command. */
export interface Acknowledgement {
  readonly seq: number;
  readonly rejection: RejectionName | null;
  /** When it was first asked for, and when the answer came, on this process's clock. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

export class History {
  /** Numbers handed out so far: from 0 to one less. */
  issued = 0;
  /** By number. */
  readonly acknowledged = new Map<number, Acknowledgement>();
  /** By number: `unsent` was certainly not executed, of `sent` nobody knows. */
  readonly failed = new Map<number, 'sent' | 'unsent'>();
  /** Deposits that their sender asked for again by the same reference. */
  askedAgain = 0;
  readonly #listeners = new Set<() => void>();

  acknowledge(number: number, acknowledgement: Acknowledgement): void {
    this.acknowledged.set(number, acknowledgement);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves with the next acknowledgement but `count` less one. */
  moreAcknowledged(count: number): Promise<void> {
    const target = this.acknowledged.size + count;
    return new Promise((resolve) => {
      const look = () => {
        if (this.acknowledged.size < target) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  /** The highest sequence that anyone was told of. */
  get lastSeq(): number {
    let last = 0;
    for (const { seq } of this.acknowledged.values()) last = Math.max(last, seq);
    return last;
  }

  get latenciesMs(): number[] {
    return [...this.acknowledged.values()].map(({ askedMs, answeredMs }) => answeredMs - askedMs);
  }

  /** For a line of the test's output. */
  get summary(): string {
    const failures = [...this.failed.values()];
    const sent = failures.filter((kind) => kind === 'sent').length;
    const rejected = [...this.acknowledged.values()].filter(({ rejection }) => rejection !== null).length;
    return (
      `${this.issued} commands, ${this.acknowledged.size} acknowledged (${rejected} refused), ` +
      `${failures.length - sent} unsent, ${sent} unknown, ${this.askedAgain} deposits asked again`
    );
  }
}

/** The number that a trader gave a command; undefined when it is none of theirs. */
export function numberOf(command: Command): number | undefined {
  const text =
    command.type === 'deposit'
      ? command.reference
      : command.type === 'place'
        ? command.clientOrderId
        : command.type === 'cancel'
          ? command.newClientOrderId
          : '';
  const digits = /^n(\d+)$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
