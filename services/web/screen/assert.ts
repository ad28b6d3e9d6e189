/** What `services/domain` needs of Node's module of that name; `tsconfig.json` puts it in its place in a browser. */

/** @throws when a promise of the code to itself is broken. */
function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

// biome-ignore lint/style/noDefaultExport: as Node's module has it
export default assert;
