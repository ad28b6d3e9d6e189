/** Finds a small part of a failing list that still fails. */

/** Takes out chunks, from half of the list down to single items, as long as what stays still fails. */
export function shrink<T>(items: readonly T[], fails: (items: readonly T[]) => boolean): readonly T[] {
  let failing = items;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = Math.floor(size / 2)) {
    failing = withoutChunks(failing, size, fails);
  }
  // Single items once more, as long as each round finds one that another had kept necessary.
  for (let before = Number.POSITIVE_INFINITY; failing.length < before; ) {
    before = failing.length;
    failing = withoutChunks(failing, 1, fails);
  }
  return failing;
}

/** From the end, since what comes last seldom has to do with what comes before it. */
function withoutChunks<T>(
  items: readonly T[],
  size: number,
  fails: (items: readonly T[]) => boolean,
): readonly T[] {
  let failing = items;
  for (let end = failing.length; end > 0; end -= size) {
    const fewer = [...failing.slice(0, Math.max(0, end - size)), ...failing.slice(end)];
    if (fails(fewer)) failing = fewer;
  }
  return failing;
}
