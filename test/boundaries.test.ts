/** The import table of ARCHITECTURE.md is held by .dependency-cruiser.json: one planted breach for each of its rules. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);

/** Rule, the file that imports, and what it must not import. */
const BREACHES = [
  ['domain-is-pure', 'services/domain/money.ts', 'services/platform/env.ts'],
  ['domain-does-no-io', 'services/domain/clock.ts', 'node:fs'],
  ['platform-knows-only-domain', 'services/platform/http.ts', 'services/orders/app.ts'],
  ['services-stand-alone', 'services/orders/place.ts', 'services/engine/engine.ts'],
  ['local-composes-services', 'services/local/main.ts', 'stacks/network-stack.ts'],
  ['environments-are-data', 'environments/dev.ts', 'services/platform/config.ts'],
  ['the-cost-knows-the-services', 'environments/cost/main.ts', 'stacks/network-stack.ts'],
  ['stacks-know-only-the-contracts', 'stacks/services-stack.ts', 'services/accounts/users.ts'],
  ['pipelines-know-stacks-and-environments', 'pipelines/app.ts', 'services/accounts/config.ts'],
  ['nothing-imports-test', 'services/engine/main.ts', 'test/support/fake.ts'],
] as const;

it('refuses a breach of every rule of the import table', async () => {
  const tree = await mkdtemp(join(tmpdir(), 'boundaries-'));
  try {
    for (const [, from, to] of BREACHES) {
      const specifier = to.startsWith('node:') ? to : `./${relative(dirname(from), to)}`;
      await plant(tree, from, `import { value } from '${specifier}';\nexport const own = value;\n`);
      if (specifier !== to) await plant(tree, to, 'export const value = 1;\n');
    }
    const arguments_ = ['--config', resolve('.dependency-cruiser.json'), '--output-type', 'json'];
    const folders = ['services', 'stacks', 'pipelines', 'environments', 'test'];
    const { stdout } = await run(resolve('node_modules/.bin/depcruise'), [...arguments_, ...folders], {
      cwd: tree,
    }).catch((failure: { stdout: string }) => failure);
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { rule: { name: string }; from: string }[] };
    };
    const found = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
    expect(found).toEqual(expect.arrayContaining(BREACHES.map(([rule, from]) => `${rule}: ${from}`)));
  } finally {
    await rm(tree, { recursive: true });
  }
});

async function plant(tree: string, file: string, text: string): Promise<void> {
  const path = join(tree, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { flag: 'a' });
}
