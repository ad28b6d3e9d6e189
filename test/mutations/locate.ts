/** Where the planted bugs belong in the sources as they are now. */
import type { Mutation } from './mutation.ts';
import type { PlantedBug } from './planted.ts';

/** Why a bug cannot be planted; undefined when it can. */
export function plantingFault(source: string, { file, from, to }: PlantedBug): string | undefined {
  const count = source.split(from).length - 1;
  if (count !== 1) return `${file} has ${count} times, not once: ${from}`;
  return from === to ? `${file} is not changed by: ${to}` : undefined;
}

/** @throws {Error} when the list is out of date. */
export function located(bugs: readonly PlantedBug[], sources: ReadonlyMap<string, string>): Mutation[] {
  const faults = bugs.flatMap((bug) => plantingFault(sources.get(bug.file) ?? '', bug) ?? []);
  if (faults.length > 0) throw new Error(`planted.ts is out of date:\n${faults.join('\n')}`);
  return bugs.map(({ file, from, to, breaks }) => ({
    file,
    at: sources.get(file)!.indexOf(from),
    from,
    to,
    about: breaks,
  }));
}
