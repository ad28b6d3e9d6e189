import { parseArgs } from 'node:util';
import { ForkError } from './fork-error.ts';
import type { Question } from './questions.ts';

/** How `npm run fork` was called. */
export interface CommandLine {
  /** By the flag of the question. */
  readonly answers: ReadonlyMap<string, string>;
  /** What no flag answers stays as it is, or follows from those that do; nobody is asked. */
  readonly yes: boolean;
  /** Show what would change, and change nothing. */
  readonly dryRun: boolean;
  readonly help: boolean;
}

/** @throws {ForkError} that lists the flags when one is unknown or has no value. */
export function parseCommandLine(args: readonly string[], questions: readonly Question[]): CommandLine {
  const options = Object.fromEntries(
    questions.map(({ flag }) => [flag, { type: 'string' } as { type: 'string' | 'boolean' }]),
  );
  for (const flag of ['yes', 'dry-run', 'help']) options[flag] = { type: 'boolean' };
  try {
    const { values } = parseArgs({ args: [...args], options });
    const answers = Object.entries(values).flatMap(([flag, value]) =>
      typeof value === 'string' ? [[flag, value] as const] : [],
    );
    const { yes = false, 'dry-run': dryRun = false, help = false } = values;
    return { answers: new Map(answers), yes: yes === true, dryRun: dryRun === true, help: help === true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ForkError(`${reason}\n\n${usageOf(questions)}`, { cause: error });
  }
}

export function usageOf(questions: readonly Question[]): string {
  const lines = questions.map(({ flag, text }) => `  --${flag.padEnd(16)} ${text}`);
  return [
    'npm run fork -- [--dry-run] [--yes] [--<flag> <answer>]…',
    '',
    '  --dry-run          show what would change',
    '  --yes              ask for nothing: what has no flag stays as it is, or follows from what has',
    ...lines,
  ].join('\n');
}
