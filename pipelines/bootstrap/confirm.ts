import { createInterface } from 'node:readline/promises';
import { BootstrapError } from './command-line.ts';

/** Where a person can be asked: a terminal, in both directions. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Whether a person agrees.
 * @throws {BootstrapError} when nobody can be asked.
 */
export async function confirmed(question: string, { input, output }: Terminal): Promise<boolean> {
  if (!input.isTTY || !output.isTTY)
    throw new BootstrapError(
      'Nothing was run: this is no terminal to ask at. Add --yes to agree, or --print to see.',
    );
  const terminal = createInterface({ input, output });
  try {
    return (await terminal.question(`${question} [yes/no] `)).trim() === 'yes';
  } finally {
    terminal.close();
  }
}
