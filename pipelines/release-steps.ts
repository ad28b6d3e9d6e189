import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CodeBuildStep, IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { type Delivery, pipelineStackName } from '#environments/delivery.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { releaseCheckName } from '#stacks/release-check.ts';
import { services } from '#stacks/services.ts';
import { buildspecStep } from './buildspec-step.ts';
import { addToQuarantine, readQuarantine } from './quarantine.ts';
import { releaseRoleArn } from './release-role.ts';

/** What every step in an environment needs. */
export interface Release {
  readonly source: IFileSetProducer;
  /** What synthesis left. */
  readonly assembly: IFileSetProducer;
  /** Leaves `images.json`. */
  readonly images: CodeBuildStep;
  readonly delivery: Delivery;
}

/** Before all else, and before a person is asked: what the release changes in the environment. Nothing is changed by it. */
export function changesStep(environment: Environment, { source, assembly, images }: Release): CodeBuildStep {
  return buildspecStep(`changes-of-${environment.name}`, {
    buildspec: 'changes',
    input: source,
    additionalInputs: { 'cdk.out': assembly, release: images },
    env: {
      ENVIRONMENT: environment.name,
      ASSEMBLY: `cdk.out/assembly-${pipelineStackName}-${environment.name}`,
      ...roleOf(environment),
    },
    rolePolicyStatements: [assumeReleaseRole(environment)],
  });
}

/** Before the stacks: the environment's task definitions name the release's images. */
export function lockStep(environment: Environment, { source, images, delivery }: Release): CodeBuildStep {
  return buildspecStep(`lock-${environment.name}`, {
    buildspec: 'lock',
    input: source,
    additionalInputs: { release: images },
    env: { ENVIRONMENT: environment.name, ...roleOf(environment) },
    rolePolicyStatements: [assumeReleaseRole(environment), readQuarantine(delivery)],
  });
}

/** After the stacks, side by side: CodeDeploy or ECS deploys each service that changed. */
export function deploySteps(environment: Environment, release: Release): CodeBuildStep[] {
  return Object.keys(services).map((service) => deployStep(environment, service, release));
}

function deployStep(
  environment: Environment,
  service: string,
  { source, images, delivery }: Release,
): CodeBuildStep {
  const prefix = prefixOf(environment);
  const { tasksMin } = environment.taskSizes?.[service] ?? environment.taskSize;
  return buildspecStep(`deploy-${service}-to-${environment.name}`, {
    buildspec: 'deploy',
    input: source,
    additionalInputs: { release: images },
    env: {
      PREFIX: prefix,
      SERVICE: service,
      ...(tasksMin > 0 && { HOOK: releaseCheckName(environment) }),
      ...roleOf(environment),
    },
    // Longer than a deployment may take: it shifts traffic for minutes and keeps the old tasks for an hour.
    timeout: Duration.hours(4),
    rolePolicyStatements: [assumeReleaseRole(environment), addToQuarantine(delivery)],
  });
}

/** What a build specification makes the profile `environment` of. */
export function roleOf(environment: Environment): Record<string, string> {
  return { ENVIRONMENT_ROLE: releaseRoleArn(environment), ENVIRONMENT_REGION: environment.region };
}

export function assumeReleaseRole(environment: Environment): PolicyStatement {
  return new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [releaseRoleArn(environment)] });
}
