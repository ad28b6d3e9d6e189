import assert from 'node:assert/strict';
import { Duration, PermissionsBoundary, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ComputeType, LinuxArmBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { CfnPipeline, ExecutionMode, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CodePipeline, CodePipelineSource } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Delivery } from '#environments/delivery.ts';
import { type Environment, peerOf } from '#environments/environment.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import manifest from '../package.json' with { type: 'json' };
import { ApprovalStep } from './approval-step.ts';
import { buildspecStep } from './buildspec-step.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';
import { DriftPipeline } from './drift-pipeline.ts';
import { DrillPipeline } from './drill-pipeline.ts';
import { ImageRepositories } from './image-repositories.ts';
import { imageSteps } from './image-steps.ts';
import { proofSteps } from './proof-steps.ts';
import { deploySteps, lockStep, type Release } from './release-steps.ts';

/** The program that publishes files which stacks deploy; only the pipeline runs it, so it is no dependency. */
const cdkAssetsCliVersion = '4.7.3';

const pipelineName = 'crossbook';
/** Made by `npm run bootstrap`; no role of the pipeline can go beyond it. */
const toolsBoundaryName = 'crossbook-tools-boundary';

/** A push that changes these alone releases nothing. */
const unreleasedPaths = ['docs/**', '*.md', 'LICENSE'];

export interface PipelineStackProps {
  readonly delivery: Delivery;
  readonly dev: Environment;
  readonly staging: Environment;
  readonly prod: Environment;
  readonly dr: Environment;
}

/**
 * From a push to every environment: Source → Synth → SelfMutate → Images → dev → staging → approval → prod → approval
 * → DR. Each image is built once, and every environment deploys the same digests.
 */
export class PipelineStack extends Stack {
  readonly #delivery: Delivery;
  readonly #source: CodePipelineSource;
  readonly #approvals: Topic;
  readonly #artifacts: Bucket;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { delivery, dev, staging, prod, dr } = props;
    const { account, region } = delivery;
    super(scope, id, {
      env: { account, region },
      permissionsBoundary: PermissionsBoundary.fromName(toolsBoundaryName),
    });
    this.#delivery = delivery;
    this.#source = this.#repository();
    this.#approvals = this.#approvalTopic();
    this.#artifacts = this.#artifactBucket();

    const environments = [dev, staging, prod, dr];
    const accounts = environments.map((at) => at.account);
    const repositories = new ImageRepositories(this, 'Images', new Set(accounts));

    const pipeline = this.#selfMutatingPipeline();
    const images = imageSteps(this.#source, repositories, delivery);
    pipeline.addWave('Images', { post: [...images.builds, images.release] });

    const release = { source: this.#source, images: images.release, delivery };
    for (const environment of environments)
      this.#deploy(pipeline, release, environment, peerOf(environment, environments));

    pipeline.buildPipeline();
    this.#startOnPush(pipeline);
    this.#rollBackOnFailure(pipeline, [staging, prod, dr]);
    new DeliveryMetrics(this, 'Delivery', {
      pipeline: pipeline.pipeline,
      pipelineName,
      environments: environments.map(({ name }) => name),
    });
    new DriftPipeline(this, 'Drift', {
      delivery,
      environments,
      artifactBucket: this.#artifacts,
      topic: this.#approvals,
    });
    new DrillPipeline(this, 'Drill', {
      delivery,
      environments,
      artifactBucket: this.#artifacts,
      topic: this.#approvals,
    });
  }

  /** A person approves, digests are put down, stacks are deployed, services are shifted, and the release proves itself. */
  #deploy(pipeline: CodePipeline, release: Release, environment: Environment, peer?: Environment): void {
    const lock = lockStep(environment, release);
    const approvals = environment.approval ? [this.#approval(environment)] : [];
    for (const approval of approvals) lock.addStepDependency(approval);
    const deployments = deploySteps(environment, release);
    const proofs = proofSteps(environment, release, deployments);
    pipeline.addStage(new ExchangeStage(this, { environment, peer, registry: this.#delivery }), {
      pre: [...approvals, lock],
      post: [...deployments, ...proofs],
    });
  }

  #selfMutatingPipeline(): CodePipeline {
    return new CodePipeline(this, 'Pipeline', {
      pipelineName,
      pipelineType: PipelineType.V2,
      // A newer release overtakes one that waits for its approval; nothing is in two environments' hands at once, since
      // each stage lets in one release at a time.
      executionMode: ExecutionMode.SUPERSEDED,
      synth: buildspecStep('Synth', {
        buildspec: 'synth',
        input: this.#source,
        primaryOutputDirectory: 'cdk.out',
      }),
      // Unpinned, each would be whatever its registry calls latest on the day.
      cliVersion: manifest.devDependencies['aws-cdk'],
      cdkAssetsCliVersion,
      crossAccountKeys: true,
      enableKeyRotation: true,
      artifactBucket: this.#artifacts,
      role: this.#role(),
      usePipelineRoleForActions: true,
      codeBuildDefaults: {
        buildEnvironment: {
          buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0,
          computeType: ComputeType.LARGE,
        },
        timeout: Duration.minutes(30),
      },
    });
  }

  #repository(): CodePipelineSource {
    const { repository, branch, connectionArn } = this.#delivery;
    // What starts a release is the filter on pushes, not every push.
    return CodePipelineSource.connection(repository, branch, { connectionArn, triggerOnPush: false });
  }

  #approval({ name, account, region }: Environment): ApprovalStep {
    const { repository } = this.#delivery;
    const commit = this.#source.sourceAttribute('CommitId');
    return new ApprovalStep(`approve-${name}`, {
      question: `Release ${commit} to ${name}: account ${account}, ${region}`,
      link: `https://github.com/${repository}/commit/${commit}`,
      topic: this.#approvals,
    });
  }

  #approvalTopic(): Topic {
    const topic = new Topic(this, 'Approvals', {
      displayName: 'Releases that wait for an approval',
      enforceSSL: true,
    });
    for (const address of this.#delivery.approverEmails)
      topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  /** The construct knows pushes to a branch only, and not what they change. */
  #startOnPush(pipeline: CodePipeline): void {
    this.#cfnPipeline(pipeline).triggers = [
      {
        providerType: 'CodeStarSourceConnection',
        gitConfiguration: {
          sourceActionName: sourceActionOf(this.#delivery),
          push: [
            {
              branches: { includes: [this.#delivery.branch] },
              filePaths: { excludes: unreleasedPaths },
            },
          ],
        },
      },
    ];
  }

  /**
   * A stage that fails goes back to the release before, as far as the pipeline itself is still the same. Not dev: what
   * fails there, the next push mends, and until then it is there to be looked at. Nothing is tried again by itself: what
   * failed is in quarantine, and an alarm that rang would ring again.
   * https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
   */
  #rollBackOnFailure(pipeline: CodePipeline, environments: readonly Environment[]): void {
    const cfnPipeline = this.#cfnPipeline(pipeline);
    const stages = pipeline.pipeline.stages.map(({ stageName }) => stageName);
    for (const { name } of environments)
      cfnPipeline.addPropertyOverride(`Stages.${stages.indexOf(name)}.OnFailure`, { Result: 'ROLLBACK' });
  }

  #cfnPipeline(pipeline: CodePipeline): CfnPipeline {
    const { defaultChild } = pipeline.pipeline.node;
    assert(defaultChild instanceof CfnPipeline);
    return defaultChild;
  }

  #artifactBucket(): Bucket {
    return new Bucket(this, 'Artifacts', {
      encryption: BucketEncryption.KMS,
      encryptionKey: new Key(this, 'ArtifactsKey', {
        description: 'Artifacts of the pipeline',
        enableKeyRotation: true,
      }),
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(7) }],
    });
  }

  /** The construct grants the connection's old name; the service asks for the new one, or the old, by provider. */
  #role(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codepipeline.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
        resources: [this.#delivery.connectionArn],
      }),
    );
    return role;
  }
}

/** As the construct names it. */
function sourceActionOf({ repository }: Delivery): string {
  return repository.replaceAll('/', '_');
}
