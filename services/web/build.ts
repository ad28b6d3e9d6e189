/** Writes the trading screen and `release.json`, which says what it is made of: `npm run build:web -- <folder>`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleScreen, releaseManifest } from './bundle.ts';

const [folder = 'web'] = process.argv.slice(2);
const bundle = await bundleScreen();
for (const [path, { content }] of bundle) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  process.stdout.write(`${path} ${content.length} bytes\n`);
}
await writeFile(join(folder, 'release.json'), releaseManifest(bundle));
