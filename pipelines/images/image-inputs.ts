/** What a service's image is made of, and the tag that follows from it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Enough that no two inputs meet: 2^128. The rest of a tag's 128 characters would only make it harder to read. */
const TAG_CHARS = 32;

/** Every file that `services/Dockerfile` copies whole into the image of `service`, from the root of the repository. */
function copiedFiles(root: string, service: string): string[] {
  const folders = ['services/domain', 'services/platform', `services/${service}`];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return [join(root, 'services/Dockerfile'), ...files];
}

interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly dev?: true; readonly optional?: true; readonly devOptional?: true }>
  >;
}

/** What `npm ci` installs into an image: a tool for development may change without a new image. */
function installed(root: string): unknown {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const { type, imports, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packages = Object.entries(lockfile.packages).filter(
    ([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional,
  );
  return { type, imports, dependencies, packages: packages.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/**
 * The tag of the image of `service` as the working tree has it: 32 hex digits of the SHA-256 of all that goes into it.
 * The same inputs give the same tag on every machine, so an image that exists under it need not be built again.
 * @throws when there is no such service.
 */
export function imageTag(root: string, service: string): string {
  const hash = createHash('sha256').update(JSON.stringify(installed(root)));
  const names = copiedFiles(root, service).map((path) => path.slice(root.length).replaceAll('\\', '/'));
  for (const name of names.sort()) {
    const content = createHash('sha256')
      .update(readFileSync(join(root, name)))
      .digest('hex');
    hash.update(`${name}\n${content}\n`);
  }
  return hash.digest('hex').slice(0, TAG_CHARS);
}
