import type { CodeBuildStep, IFileSetProducer } from 'aws-cdk-lib/pipelines';
import type { Environment } from '#environments/environment.ts';
import type { PagesOutputs } from '#stacks/edge-stack.ts';
import { webBucketName } from '#stacks/web-bucket.ts';
import { buildspecStep } from './buildspec-step.ts';
import { assumeReleaseRole, roleOf } from './release-steps.ts';

/** What a release of the pages is made of. */
export interface Pages {
  readonly source: IFileSetProducer;
  /** Leaves the files, and `release.json`, which says what each must be. */
  readonly bundle: CodeBuildStep;
}

/** Before any environment: bundles the pages, once. Every environment gets these files and no others. */
export function bundleStep(source: IFileSetProducer): CodeBuildStep {
  return buildspecStep('bundle-web', {
    buildspec: 'web-bundle',
    input: source,
    primaryOutputDirectory: 'web',
  });
}

/** Puts the pages where CloudFront takes them from. */
export function webStep(
  environment: Environment,
  { distributionId, url }: PagesOutputs,
  { source, bundle }: Pages,
): CodeBuildStep {
  return buildspecStep(`web-to-${environment.name}`, {
    buildspec: 'web',
    input: source,
    additionalInputs: { web: bundle },
    env: { BUCKET: webBucketName(environment), ...roleOf(environment) },
    envFromCfnOutputs: { DISTRIBUTION: distributionId, PAGES_URL: url },
    rolePolicyStatements: [assumeReleaseRole(environment)],
  });
}
