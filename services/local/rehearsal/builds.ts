/** What blue and green are made of: a commit, and the working tree, which may get a planted fault. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ordersServer = { file: 'services/orders/main.ts', text: 'await listen(orders.app,' };
/** An app in front of the service that does `what` to requests for orders, and hands on all others. */
const before = (what: string) =>
  `await listen({ fetch: async (request, env) => {
    if (request.url.includes('/order')) ${what}
    return orders.app.fetch(request, env);
  } },`;

/** Faults to plant in green, to see that they are noticed. Each replaces a text in a file, which must be there. */
const faults = {
  '5xx': {
    ...ordersServer,
    by: before("if (Math.random() < 0.3) return new Response('planted', { status: 500 });"),
  },
  slow: { ...ordersServer, by: before('await new Promise((resume) => setTimeout(resume, 1_500));') },
  diverge: {
    file: 'services/engine/matching/settling.ts',
    text: 'const makerFee = feeOf(given, makerRate);',
    by: 'const makerFee = feeOf(given, makerRate) + 1;',
  },
} as const;

export type Fault = keyof typeof faults;
export const faultNames = Object.keys(faults) as readonly Fault[];

/** The services as `commit` has them, in `folder`. @throws when git, or the commit, is not there. */
export function checkOut(root: string, commit: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', commit, 'services', 'package.json'], {
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** The services as they lie in the working tree, with a fault planted if one is given. */
export function copyWorkingTree(root: string, folder: string, fault: Fault | undefined): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'services'), join(folder, 'services'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  if (fault === undefined) return;
  const { file, text, by } = faults[fault];
  const path = join(folder, file);
  const content = readFileSync(path, 'utf8');
  if (!content.includes(text))
    throw new Error(`${file} no longer has "${text}", where ${fault} would be planted`);
  writeFileSync(path, content.replace(text, by));
}
