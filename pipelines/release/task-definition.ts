/** What a service runs, and whether that is what was released. */
import { environmentCli } from '../aws-cli.ts';

/** As `aws ecs describe-task-definition` tells it. */
export interface TaskDefinition {
  readonly taskDefinitionArn: string;
  readonly containerDefinitions: readonly { readonly name: string; readonly image: string }[];
}

/** A task definition by its ARN; by its family, such as `crossbook-prod-orders`, the newest of them. */
export function taskDefinition(named: string): TaskDefinition {
  return environmentCli<{ taskDefinition: TaskDefinition }>(
    'ecs',
    'describe-task-definition',
    '--task-definition',
    named,
  ).taskDefinition;
}

/** The image of a service in its task definition; undefined when it is not in there. */
export function imageOf(service: string, { containerDefinitions }: TaskDefinition): string | undefined {
  return containerDefinitions.find(({ name }) => name === service)?.image;
}

/**
 * Why this task definition is not what was released, or undefined. Each environment registers its own, so it is
 * compared with the release: a service never runs an image that was not tested where it was before.
 */
export function lockFault(service: string, definition: TaskDefinition, digest: string): string | undefined {
  const image = imageOf(service, definition);
  if (image?.endsWith(`@${digest}`)) return;
  return `${definition.taskDefinitionArn} runs ${image ?? 'nothing'}, and the release is ${digest}`;
}
