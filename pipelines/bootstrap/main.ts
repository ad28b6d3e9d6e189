/**
 * `npm run bootstrap`: prepares every account and region, so that the pipeline can deploy to it. It prints what it will run,
 * asks, and stops at the first failure; it may be run again at any time.
 */
import { checkDelivery, delivery, pipelineStackName } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { checkEnvironments } from '#environments/environment.ts';
import { ConfigurationError } from '#environments/faults.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { BootstrapError, type CommandLine, parseCommandLine, usage } from './command-line.ts';
import { confirmed } from './confirm.ts';
import { checkCredentials } from './credentials.ts';
import { planFor, restricted, type Step, tools } from './plan.ts';
import { lineOf, runSteps } from './run-steps.ts';

const environments = [dev, staging, prod, dr];
const namesKnown = [tools, ...environments.map(({ name }) => name)];
const done = `Done: the pipeline can deploy to these accounts. Deploy it once: npx cdk deploy ${pipelineStackName}`;
const unlocked = 'Done: releases may change permission boundaries. Lock them again soon: npm run bootstrap';
const tell = (line: string) => void process.stdout.write(`${line}\n`);

function print(steps: readonly Step[], profiles: ReadonlyMap<string, string>): void {
  tell(`${steps.length} steps:`);
  for (const [index, step] of steps.entries())
    tell(`\n# ${index + 1}. ${step.title}\n${lineOf(step, profiles)}`);
}

async function bootstrap({ names, profiles, yes, unlockBoundaries, ...line }: CommandLine): Promise<void> {
  checkDelivery(delivery);
  checkEnvironments(environments);
  const all = planFor(delivery, environments, { unlocked: unlockBoundaries });
  const steps = names.length > 0 ? restricted(all, names) : all;
  print(steps, profiles);
  if (line.print) return;
  checkCredentials(new Set(steps.map(({ account }) => account)), profiles);
  const terminal = { input: process.stdin, output: process.stdout };
  if (!yes && !(await confirmed(`\nRun these ${steps.length} steps?`, terminal)))
    return tell('Nothing was run.');
  runSteps(steps, profiles, tell);
  tell(`\n${unlockBoundaries ? unlocked : done}`);
}

try {
  const line = parseCommandLine(process.argv.slice(2), namesKnown);
  if (line.help) tell(usage);
  else await bootstrap(line);
} catch (error) {
  if (!(error instanceof BootstrapError || error instanceof ConfigurationError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
