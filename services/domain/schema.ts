/**
 * How a message is declared: once, as a table of fields. The TypeScript type and the binary layout (`codec.ts`)
 * both follow from it, so that they cannot differ. A number takes one 8-byte word; a text its length in one
 * word and its UTF-8 bytes in as many as they need.
 */

/** `T` is the field's TypeScript type; it has no value at run time. */
export interface Field<T> {
  readonly kind: 'int' | 'optional' | 'choice' | 'text';
  /** The texts of a `choice`; its word is the index. */
  readonly choices?: readonly string[];
  /** Most UTF-8 bytes of a `text`. */
  readonly bytesMax?: number;
  readonly phantom?: T;
}

/** A safe integer. */
export const int = <T extends number = number>(): Field<T> => ({ kind: 'int' });
/** A safe integer or null. */
export const optional = <T extends number = number>(): Field<T | null> => ({
  kind: 'optional',
});
/** One text of a fixed, append-only list. */
export const choice = <const C extends readonly string[]>(choices: C): Field<C[number]> => ({
  kind: 'choice',
  choices,
});
/** A short text; the empty one stands for none. */
export const text = (bytesMax: number): Field<string> => ({
  kind: 'text',
  bytesMax,
});

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A message's permanent number on the wire, and its fields in order. */
export interface Shape<F extends Fields = Fields> {
  readonly code: number;
  readonly fields: F;
}

export type Shapes = Readonly<Record<string, Shape>>;

export function shape<const F extends Fields>(code: number, fields: F): Shape<F> {
  return { code, fields };
}

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The union of the messages that `S` declares, told apart by `type`. */
export type MessageOf<S extends Shapes> = {
  [Name in keyof S]: { readonly type: Name } & {
    readonly [K in keyof S[Name]['fields']]: ValueOf<S[Name]['fields'][K]>;
  };
}[keyof S];
