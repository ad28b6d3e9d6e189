/** Makes the files of the trading screen from `screen/`: the same sources give the same bytes on every machine. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { cacheControl } from './headers.ts';

const SCREEN = join(import.meta.dirname, 'screen');
/** The page, which names all others by their hashes. */
const INDEX = 'index.html';
/** What the page names, as `%name%`. */
const ENTRIES = ['main.ts', 'styles/main.css', 'favicon.svg'];

interface WebFile {
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** By path, such as `index.html` and `assets/main-3F2A….js`. */
export type WebBundle = ReadonlyMap<string, WebFile>;

/** @throws when a source does not compile, or the page names what there is not. */
export async function bundleScreen(): Promise<WebBundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: SCREEN,
    entryPoints: ENTRIES,
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    tsconfig: join(SCREEN, 'tsconfig.json'),
    loader: { '.svg': 'copy' },
    minify: true,
    metafile: true,
    write: false,
  });
  const contents = new Map(
    outputFiles.map(({ path, contents }) => [relative(SCREEN, path).replaceAll('\\', '/'), contents]),
  );
  contents.set(INDEX, Buffer.from(await index(metafile)));
  return new Map(
    [...contents]
      .sort(([one], [other]) => one.localeCompare(other, 'en'))
      .map(([path, content]) => [
        path,
        { content, contentType: contentType(path), cacheControl: cacheControl(path) },
      ]),
  );
}

/** The page, with the names that its files got. */
async function index({ outputs }: Metafile): Promise<string> {
  const names = new Map(Object.entries(outputs).map(([path, { entryPoint }]) => [entryPoint, path]));
  const source = await readFile(join(SCREEN, INDEX), 'utf8');
  return source.replaceAll(/%([\w./-]+)%/g, (_, entry: string) => {
    const path = names.get(entry);
    if (path === undefined) throw new Error(`${INDEX} names ${entry}, which is no entry of bundle.ts`);
    return `/${path}`;
  });
}

/**
 * What a release of the pages is made of, as text: how each file is to be served, and its digest. The digest of this text
 * is the release's own: one for the same files, whoever built them.
 */
export function releaseManifest(bundle: WebBundle): string {
  const files = [...bundle].map(([path, { content, ...served }]) => [
    path,
    { digest: sha256(content), ...served },
  ]);
  return `${JSON.stringify({ files: Object.fromEntries(files) }, undefined, 2)}\n`;
}

function sha256(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function contentType(path: string): string {
  const type = TYPES[extname(path)];
  if (type === undefined) throw new Error(`${path} has an ending that bundle.ts does not know`);
  return type;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
