/** What a release changes in the stacks of an environment: the templates of the release beside those that are deployed. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { formatDifferences, fullDiff, ResourceImpact, type TemplateDiff } from '@aws-cdk/cloudformation-diff';

export type Template = Readonly<Record<string, unknown>>;

export interface StackChange {
  /** As CloudFormation knows the stack. */
  readonly name: string;
  readonly diff: TemplateDiff;
}

/** What a resource's data may not survive. */
const replacing: ReadonlySet<ResourceImpact> = new Set([
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
]);

/** `deployed` is undefined for a stack that is new. */
export function stackChange(name: string, deployed: Template | undefined, released: Template): StackChange {
  return { name, diff: fullDiff({ ...deployed }, { ...released }) };
}

/** The stack in a few words, such as `services +1 ~3 -0, replaces Cluster (AWS::ECS::Cluster), changes permissions`. */
export function inShort({ name, diff }: StackChange): string {
  const changes = Object.entries(diff.resources.changes);
  const count = (is: 'isAddition' | 'isUpdate' | 'isRemoval') =>
    changes.filter(([, change]) => change[is]).length;
  const replaced = changes
    .filter(([, change]) => change.isUpdate && replacing.has(change.changeImpact))
    .map(([id, change]) => `${id} (${change.newResourceType ?? change.oldResourceType})`);
  return [
    `${name} +${count('isAddition')} ~${count('isUpdate')} -${count('isRemoval')}`,
    ...(replaced.length > 0 ? [`may replace ${replaced.join(', ')}`] : []),
    ...(diff.permissionsAnyChanges ? ['changes permissions'] : []),
  ].join(', ');
}

/** The stack in full, as `cdk diff` shows it, without colours. */
export async function inFull({ name, diff }: StackChange): Promise<string> {
  const stream = new PassThrough();
  const formatted = text(stream);
  formatDifferences(stream, diff);
  stream.end();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences.
  return `Stack ${name}\n${(await formatted).replace(/\u001b\[\d+m/g, '')}`;
}
