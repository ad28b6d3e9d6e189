/**
 * Makes or renews the preview of a branch: `node deploy-preview.ts preview/new-order-types sha256:…`. From now on it has
 * its whole time again. Ends with 1, and nothing is changed, where there are as many others as there may be.
 */
import { spawnSync } from 'node:child_process';
import { delivery } from '#environments/delivery.ts';
import { checkPreviews, previews } from '#environments/previews.ts';
import { previewStackName } from '#stacks/preview-stack.ts';
import { environmentCli } from '../aws-cli.ts';
import { previewName } from './preview-name.ts';

interface Stacks {
  readonly Stacks: readonly { readonly StackName: string }[];
}

const HOUR_MS = 3_600_000;
const [branch = '', digest = ''] = process.argv.slice(2);

function deploy(): string | undefined {
  checkPreviews(previews, delivery);
  if (previews === undefined) return 'environments/previews.ts says that there are none';
  const name = previewName(branch);
  const stack = previewStackName(previews, name);
  const prefix = previewStackName(previews, '');
  const others = environmentCli<Stacks>('cloudformation', 'describe-stacks')
    .Stacks.map(({ StackName }) => StackName)
    .filter((other) => other.startsWith(prefix) && other !== stack);
  if (others.length >= previews.countMax)
    return `there are ${others.length} previews already: ${others.join(', ')}; wait until one has gone, or delete its stack`;
  const expires = new Date(Date.now() + previews.hours * HOUR_MS).toISOString();
  const app = `node pipelines/preview/app.ts ${name} ${digest} ${expires}`;
  const { status } = spawnSync('cdk', ['deploy', '--app', app, '--require-approval', 'never', stack], {
    stdio: 'inherit',
  });
  if (status !== 0) return `cdk deploy ended with ${status}`;
  process.stdout.write(`https://${name}.preview.${previews.within.domain} until ${expires}\n`);
  return undefined;
}

const failure = deploy();
if (failure !== undefined) {
  process.stderr.write(`${branch}: ${failure}\n`);
  process.exitCode = 1;
}
