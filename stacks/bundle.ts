import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

export interface Bundle {
  /** The program, from the root of the repository. */
  readonly entry: string;
  /** Where the one file that comes out of it is looked for; `index.js` unless it says so. */
  readonly file?: string;
  /** The oldest Node that runs it, as esbuild calls it. */
  readonly target?: string;
  /** Packages that the runtime has already. */
  readonly external?: readonly string[];
  /** Values of what the program declares and does not define. */
  readonly constants?: Readonly<Record<string, unknown>>;
}

/** A program as a function's code, bundled right here. By its output: the same program is the same asset everywhere. */
export function bundledCode(bundle: Bundle): Code {
  return Code.fromAsset(dirname(bundle.entry), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'), // never asked for
      // Never run: by it the library tells apart the programs of one folder, of which it would bundle only the first.
      command: [JSON.stringify(bundle)],
      local: {
        tryBundle: (directory) => {
          writeBundle(bundle, directory);
          return true;
        },
      },
    },
  });
}

/** Writes the program as one file, which needs no package beside it. */
export function writeBundle(
  { entry, file = 'index.js', target = 'node24', external = [], constants = {} }: Bundle,
  directory: string,
): void {
  buildSync({
    entryPoints: [entry],
    outfile: join(directory, file),
    bundle: true,
    platform: 'node',
    target,
    format: 'cjs',
    external: [...external],
    define: Object.fromEntries(
      Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    minify: true,
    legalComments: 'none',
  });
}
