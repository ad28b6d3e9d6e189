/** Which services a drill gave a task: a file, so that they are scaled down whatever becomes of the program. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const file = 'raised.json';

/** To be called before the first of them is raised. */
export function noteRaised(services: readonly string[]): void {
  writeFileSync(file, JSON.stringify(services));
}

/** Empty when no drill has begun to raise any. */
export function raised(): readonly string[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
}
