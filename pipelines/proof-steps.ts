import { Duration } from 'aws-cdk-lib';
import type { CodeBuildStep } from 'aws-cdk-lib/pipelines';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { Load } from '#environments/release-proof.ts';
import { buildspecStep } from './buildspec-step.ts';
import { assumeReleaseRole, type Release, roleOf } from './release-steps.ts';

/**
 * What a release must show in an environment after its services are deployed, before it goes on: bots trade, then a short
 * load is answered well, and no alarm rings meanwhile. None of it where no tasks run, as in a pilot light.
 */
export function proofSteps(
  environment: Environment,
  release: Release,
  deployments: readonly CodeBuildStep[],
): CodeBuildStep[] {
  if (environment.taskSize.tasksMin === 0) return [];
  const { bakeMinutes, load } = environment.proof;
  const acceptance = acceptanceStep(environment, release);
  const first = bakeMinutes > 0 ? [acceptance, bakeStep(environment, release)] : [acceptance];
  for (const step of first) for (const deployment of deployments) step.addStepDependency(deployment);
  if (load === undefined) return first;
  const loaded = loadStep(environment, load, release);
  loaded.addStepDependency(acceptance);
  return [...first, loaded];
}

/** After the services: their alarms are looked at for some minutes, while traders or tests use them. */
function bakeStep(environment: Environment, { source }: Release): CodeBuildStep {
  return buildspecStep(`bake-${environment.name}`, {
    buildspec: 'bake',
    input: source,
    env: {
      PREFIX: prefixOf(environment),
      BAKE_MINUTES: String(environment.proof.bakeMinutes),
      ...roleOf(environment),
    },
    // It waits as long again for what rang before, and may take up to an hour each.
    timeout: Duration.hours(2.5),
    rolePolicyStatements: [assumeReleaseRole(environment)],
  });
}

/** After the services: the libraries that traders use trade on the environment. */
function acceptanceStep(environment: Environment, { source }: Release): CodeBuildStep {
  return buildspecStep(`accept-${environment.name}`, {
    buildspec: 'acceptance',
    input: source,
    env: {
      ENVIRONMENT: environment.name,
      EXCHANGE_URL: `https://${environment.domain}`,
      ...roleOf(environment),
    },
    rolePolicyStatements: [assumeReleaseRole(environment)],
  });
}

/** After that: a short load, whose bounds the environment sets. */
function loadStep(environment: Environment, load: Load, { source }: Release): CodeBuildStep {
  return buildspecStep(`load-${environment.name}`, {
    buildspec: 'load',
    input: source,
    env: {
      ENVIRONMENT: environment.name,
      EXCHANGE_URL: `https://${environment.domain}`,
      SECONDS_OF_LOAD: String(load.seconds),
      ORDERS_PER_SECOND: String(load.ordersPerSecond),
      READS_PER_SECOND: String(load.readsPerSecond),
      CONNECTIONS: String(load.connections),
      ERROR_PERCENT_MAX: String(load.errorPercentMax),
      P99_MS_MAX: String(load.p99MsMax),
      ...roleOf(environment),
    },
    rolePolicyStatements: [assumeReleaseRole(environment)],
  });
}
