/** Dead letters on this machine: a file with a line for each. */
import { appendFile } from 'node:fs/promises';
import type { DeadLetter, DeadLetters } from '#services/projector/tables/dead-letters.ts';

export class FileDeadLetters implements DeadLetters {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async send(letter: DeadLetter): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(letter)}\n`, { mode: 0o600 });
  }
}
