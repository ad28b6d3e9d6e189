/**
 * Ends with 1 when somebody changed an environment by hand: `node check-drift.ts crossbook-prod`. What releases change
 * themselves is passed over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentCli } from '../aws-cli.ts';
import { type ResourceDrift, unmeantDifferences } from './owned-by-releases.ts';

const PAUSE_MS = 5_000;
/** Large stacks take minutes; 120 pauses are ten. */
const PAUSES_MAX = 120;

const [prefix = ''] = process.argv.slice(2);

interface Stacks {
  readonly StackSummaries: readonly { readonly StackName: string }[];
}

interface Detection {
  readonly DetectionStatus: string;
  readonly DetectionStatusReason?: string;
}

function stackNames(): string[] {
  const finished = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];
  const { StackSummaries } = environmentCli<Stacks>(
    'cloudformation',
    'list-stacks',
    '--stack-status-filter',
    ...finished,
  );
  // Previews come and go, and are nobody's to keep.
  return StackSummaries.map(({ StackName }) => StackName).filter(
    (name) => name.startsWith(`${prefix}-`) && !name.startsWith(`${prefix}-preview-`),
  );
}

/** @throws when the detection itself fails. */
async function detect(stack: string): Promise<void> {
  const named = ['--stack-name', stack];
  const { StackDriftDetectionId } = environmentCli<{ StackDriftDetectionId: string }>(
    'cloudformation',
    'detect-stack-drift',
    ...named,
  );
  const detection = ['--stack-drift-detection-id', StackDriftDetectionId];
  for (let pauses = 0; pauses < PAUSES_MAX; pauses++) {
    const { DetectionStatus, DetectionStatusReason } = environmentCli<Detection>(
      'cloudformation',
      'describe-stack-drift-detection-status',
      ...detection,
    );
    if (DetectionStatus === 'DETECTION_COMPLETE') return;
    if (DetectionStatus === 'DETECTION_FAILED') throw new Error(`${stack}: ${DetectionStatusReason}`);
    await sleep(PAUSE_MS);
  }
  throw new Error(`${stack}: its drift was not detected within ten minutes`);
}

function drifts(stack: string): readonly ResourceDrift[] {
  const filter = ['--stack-resource-drift-status-filters', 'MODIFIED', 'DELETED'];
  return environmentCli<{ StackResourceDrifts: readonly ResourceDrift[] }>(
    'cloudformation',
    'describe-stack-resource-drifts',
    '--stack-name',
    stack,
    ...filter,
  ).StackResourceDrifts;
}

const stacks = stackNames();
for (const stack of stacks) {
  await detect(stack);
  const differences = drifts(stack).flatMap(unmeantDifferences);
  process.stdout.write(`${stack}: ${differences.length === 0 ? 'as it was deployed' : 'changed by hand'}\n`);
  for (const difference of differences) process.stderr.write(`  ${difference}\n`);
  if (differences.length > 0) process.exitCode = 1;
}
if (stacks.length === 0) {
  process.stderr.write(`no stack is named ${prefix}-…: is this the environment's account and region?\n`);
  process.exitCode = 1;
}
