/** A blue/green deployment of one service by CodeDeploy. */
import { containerPort } from '#stacks/services.ts';

/** What a task runs, as `aws ecs describe-task-definition` tells it. */
export interface TaskDefinition {
  readonly taskDefinitionArn: string;
  readonly containerDefinitions: readonly { readonly name: string; readonly image: string }[];
}

/**
 * Why this task definition is not what was released, or undefined. Each environment registers its own, so it is
 * compared with the release: a service never runs an image that was not tested where it was before.
 */
export function lockFault(
  service: string,
  { taskDefinitionArn, containerDefinitions }: TaskDefinition,
  digest: string,
): string | undefined {
  const image = containerDefinitions.find(({ name }) => name === service)?.image;
  if (image?.endsWith(`@${digest}`)) return;
  return `${taskDefinitionArn} runs ${image ?? 'nothing'}, and the release is ${digest}`;
}

/**
 * The application specification of a deployment, which CodeDeploy reads as YAML, so as JSON too. `hook` is the function
 * that looks at the new tasks while only the test listener leads to them.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
 */
export function appSpec(service: string, taskDefinitionArn: string, hook: string): string {
  return JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinitionArn,
            LoadBalancerInfo: { ContainerName: service, ContainerPort: containerPort },
          },
        },
      },
    ],
    Hooks: [{ AfterAllowTestTraffic: hook }],
  });
}
