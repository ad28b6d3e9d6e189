/** One change of one file, which makes the engine wrong. */
export interface Mutation {
  readonly file: string;
  /** Where in the file's text, from 0. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** What it breaks; of a random one, the change and the line. */
  readonly about: string;
}

export function mutated(source: string, { at, from, to }: Mutation): string {
  return source.slice(0, at) + to + source.slice(at + from.length);
}

/** The line where it is, from 1. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}
