import { Cache, ComputeType, LinuxArmBuildImage, LocalCacheMode } from 'aws-cdk-lib/aws-codebuild';
import type { CodeBuildStep, IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import { services } from '#stacks/services.ts';
import { buildspecStep } from './buildspec-step.ts';
import type { ImageRepositories } from './image-repositories.ts';
import { readQuarantine } from './quarantine.ts';

/** The steps that build each service's image once, side by side, and the one that says which images a release is. */
export interface ImageSteps {
  readonly builds: readonly CodeBuildStep[];
  /** Leaves `images.json`, which every environment deploys. */
  readonly release: CodeBuildStep;
}

export function imageSteps(
  source: IFileSetProducer,
  repositories: ImageRepositories,
  delivery: Delivery,
): ImageSteps {
  const { account, region } = delivery;
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const builds = Object.keys(services).map((service) =>
    buildspecStep(`build-${service}`, {
      buildspec: 'image',
      input: source,
      env: {
        AWS_ACCOUNT_ID: account,
        IMAGE_REPO_URI: registry,
        IMAGE_REPO_NAME: `${namePrefix}/${service}`,
        CONTAINER_NAME: service,
      },
      // The only projects that may: building an image needs a Docker daemon.
      buildEnvironment: {
        privileged: true,
        buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0,
        computeType: ComputeType.LARGE,
      },
      // Layers of the build before, where the same machine still has them.
      cache: Cache.local(LocalCacheMode.DOCKER_LAYER),
      rolePolicyStatements: repositories.pushStatements(service),
    }),
  );
  const release = buildspecStep('release-images', {
    buildspec: 'release-images',
    input: source,
    primaryOutputDirectory: 'release',
    rolePolicyStatements: [repositories.readStatement(), readQuarantine(delivery)],
  });
  for (const build of builds) release.addStepDependency(build);
  return { builds, release };
}
