import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const program = fileURLToPath(new URL('../services/authorizer', import.meta.url));

/** By its output, so that the same program is the same asset on every machine. */
export function authorizerCode(): Code {
  return Code.fromAsset(program, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'), // bundled right here, always
      local: {
        tryBundle: (directory) => {
          bundleAuthorizer(directory);
          return true;
        },
      },
    },
  });
}

/** Writes the program as the one file that Lambda loads. */
export function bundleAuthorizer(directory: string): void {
  buildSync({
    entryPoints: [join(program, 'main.ts')],
    outfile: join(directory, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
  });
}
