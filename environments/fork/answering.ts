import { createInterface } from 'node:readline/promises';
import { type Configuration, faultsOf } from './configuration.ts';
import { ForkError } from './fork-error.ts';
import type { Question } from './questions.ts';

export interface Answers {
  /** By the flag of the question: not asked for. */
  readonly given: ReadonlyMap<string, string>;
  /** Takes what is proposed for all others. */
  readonly yes: boolean;
}

/**
 * The configuration with all questions answered. A wrong answer of a person is asked for again, with what is wrong.
 * @throws {ForkError} when an answer that was given beforehand is wrong, or when answers end too early.
 */
export async function answered(
  questions: readonly Question[],
  present: Configuration,
  { given, yes }: Answers,
): Promise<Configuration> {
  const person = new Person();
  try {
    let configuration = present;
    for (const [index, question] of questions.entries()) {
      const answer = given.get(question.flag) ?? (yes ? question.proposed(configuration) : undefined);
      configuration =
        answer === undefined
          ? await asked(question, questions.slice(index + 1), configuration, person)
          : taken(question, configuration, answer);
    }
    return configuration;
  } finally {
    person.leave();
  }
}

async function asked(
  question: Question,
  later: readonly Question[],
  configuration: Configuration,
  person: Person,
): Promise<Configuration> {
  const proposed = question.proposed(configuration);
  for (;;) {
    const answer = await person.ask(`${question.text} [${proposed}]: `);
    const next = put(question, configuration, answer === '' ? proposed : answer);
    const faults = new Set([...faultsFor(question, next), ...faultsOfNobody(later, configuration, next)]);
    if (faults.size === 0) return next;
    person.tell([...faults].map((fault) => `  ${fault}\n`).join(''));
  }
}

function taken(question: Question, configuration: Configuration, answer: string): Configuration {
  const next = put(question, configuration, answer.trim());
  const faults = faultsFor(question, next);
  if (faults.length > 0) throw new ForkError([`--${question.flag} ${answer}:`, ...faults].join('\n  '));
  return next;
}

/** An answer that is there already changes nothing, and what follows from it neither. */
function put(question: Question, configuration: Configuration, answer: string): Configuration {
  return answer === question.proposed(configuration) ? configuration : question.put(configuration, answer);
}

function faultsFor({ fields }: Question, configuration: Configuration): string[] {
  return faultsOf(configuration).filter((fault) => isIn(fields, fault));
}

/** What an answer breaks in fields that nobody is asked for any more, such as two environments in one account. */
function faultsOfNobody(later: readonly Question[], before: Configuration, after: Configuration): string[] {
  const known = faultsOf(before);
  const fields = later.flatMap((question) => question.fields);
  return faultsOf(after).filter((fault) => !known.includes(fault) && !isIn(fields, fault));
}

function isIn(fields: readonly string[], fault: string): boolean {
  return fields.some((field) => fault.startsWith(`${field}:`) || fault.startsWith(`${field}.`));
}

/** Who sits at the other end of the standard streams, or a program that answers like one. */
class Person {
  readonly #terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Lines of a pipe arrive all at once; read one by one, none is lost.
  readonly #lines = this.#terminal[Symbol.asyncIterator]();

  async ask(question: string): Promise<string> {
    this.#terminal.setPrompt(question);
    this.#terminal.prompt();
    const { done, value } = await this.#lines.next();
    if (done) throw new ForkError('\nThe answers ended before the questions. Nothing was changed.');
    return value.trim();
  }

  tell(text: string): void {
    process.stdout.write(text);
  }

  leave(): void {
    this.#terminal.close();
  }
}
