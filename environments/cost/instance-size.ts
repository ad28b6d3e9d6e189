/** In eighths of `large`, which `micro`, the smallest, is one of: sizes double from one to the next. */
const named: Readonly<Record<string, number>> = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16 };

/** How large an instance of `family.size` is, in eighths of `large`; its price is in proportion. */
export function eighthsOfLarge(instance: string): number {
  const size = instance.slice(instance.indexOf('.') + 1);
  // The others are `<n>xlarge`.
  return named[size] ?? 16 * Number.parseInt(size, 10);
}

/** `large` has two, and so have those below. */
export function vCpus(instance: string): number {
  return Math.max(2, eighthsOfLarge(instance) / 4);
}
