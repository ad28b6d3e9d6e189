/** Room for `crossbook-<environment>-preview-<name>` where a service of AWS allows 64 characters. */
const NAME_CHARS_MAX = 24;

/**
 * The name of a branch's preview, fit for a host name: of `preview/New_Order-Types` it is `new-order-types`.
 * @throws when nothing is left of it, or it is no preview's branch.
 */
export function previewName(branch: string): string {
  const [, rest = ''] = /^preview\/(.+)$/.exec(branch) ?? [];
  const name = rest
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, NAME_CHARS_MAX)
    .replaceAll(/-+$/g, '');
  if (name === '')
    throw new Error(`"${branch}" names no preview; call the branch preview/ and a letter or digit at least`);
  return name;
}
