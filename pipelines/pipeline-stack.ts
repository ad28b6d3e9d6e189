import assert from 'node:assert/strict';
import { Duration, PermissionsBoundary, Stack } from 'aws-cdk-lib';
import { ComputeType, LinuxArmBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { CfnPipeline, ExecutionMode, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CodeBuildStep, CodePipeline, type CodePipelineSource } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import { type Environment, peerOf } from '#environments/environment.ts';
import type { Previews } from '#environments/previews.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { PeopleGroups } from '#stacks/people-groups.ts';
import manifest from '../package.json' with { type: 'json' };
import { ApprovalStep } from './approval-step.ts';
import { buildspecStep } from './buildspec-step.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';
import { DriftPipeline } from './drift-pipeline.ts';
import { DrillPipeline } from './drill-pipeline.ts';
import { ImageRepositories } from './image-repositories.ts';
import { imageSteps } from './image-steps.ts';
import { PipelineRecords } from './pipeline-records.ts';
import { PreviewPipeline } from './preview-pipeline.ts';
import { proofSteps } from './proof-steps.ts';
import { changesStep, deploySteps, lockStep, type Release } from './release-steps.ts';
import { commitPage, connectionStatements, releaseSource, startOnPush } from './source.ts';
import { bundleStep, type Pages, webStep } from './web-steps.ts';

/** The program that publishes files which stacks deploy; only the pipeline runs it, so it is no dependency. */
const cdkAssetsCliVersion = '4.7.3';

const pipelineName = namePrefix;
/** Made by `npm run bootstrap`; no role of the pipeline can go beyond it. */
const toolsBoundaryName = `${namePrefix}-tools-boundary`;

export interface PipelineStackProps {
  readonly delivery: Delivery;
  readonly dev: Environment;
  readonly staging: Environment;
  readonly prod: Environment;
  readonly dr: Environment;
  readonly previews?: Previews;
}

/**
 * From a push to every environment: Source → Synth → SelfMutate → Images → dev → staging → approval → prod → approval
 * → DR. Each image is built once, and every environment deploys the same digests.
 */
export class PipelineStack extends Stack {
  readonly #delivery: Delivery;
  readonly #source: CodePipelineSource;
  readonly #records: PipelineRecords;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { delivery, dev, staging, prod, dr, previews } = props;
    const { account, region } = delivery;
    super(scope, id, {
      env: { account, region },
      permissionsBoundary: PermissionsBoundary.fromName(toolsBoundaryName),
    });
    this.#delivery = delivery;
    this.#source = releaseSource(this, delivery);
    this.#records = new PipelineRecords(this, 'Records', delivery.approverEmails);
    if (delivery.people)
      new PeopleGroups(this, 'People', { prefix: `${namePrefix}-tools`, environments: [] });

    const environments = [dev, staging, prod, dr];
    const accounts = environments.map((at) => at.account);
    const repositories = new ImageRepositories(this, 'Images', {
      accounts: new Set(accounts),
      others: previews ? ['preview'] : [],
    });

    const pipeline = this.#selfMutatingPipeline();
    const images = imageSteps(this.#source, repositories, delivery);
    const bundle = bundleStep(this.#source);
    pipeline.addWave('Images', { post: [...images.builds, images.release, bundle] });

    const release = {
      source: this.#source,
      assembly: pipeline.cloudAssemblyFileSet,
      images: images.release,
      bundle,
      delivery,
    };
    for (const environment of environments)
      this.#deploy(pipeline, release, environment, peerOf(environment, environments));

    pipeline.buildPipeline();
    startOnPush(this.#cfnPipeline(pipeline), delivery);
    this.#rollBackOnFailure(pipeline, [staging, prod, dr]);
    new DeliveryMetrics(this, 'Delivery', {
      pipeline: pipeline.pipeline,
      pipelineName,
      environments: environments.map(({ name }) => name),
      logKey: this.#records.logKey,
    });
    new DriftPipeline(this, 'Drift', {
      delivery,
      environments,
      records: this.#records,
    });
    new DrillPipeline(this, 'Drill', { delivery, environments, records: this.#records });
    if (previews)
      new PreviewPipeline(this, 'Previews', { delivery, previews, repositories, records: this.#records });
  }

  /**
   * What changes is shown, a person approves, digests are put down, stacks are deployed, services are shifted, the pages
   * follow, and the release proves itself.
   */
  #deploy(
    pipeline: CodePipeline,
    release: Release & Pages,
    environment: Environment,
    peer?: Environment,
  ): void {
    const changes = changesStep(environment, release);
    // A stage of their own: a no is not a failure of the environment, which would go back to the release before.
    if (environment.approval)
      pipeline.addWave(`approve-${environment.name}`, {
        pre: [changes, this.#approval(environment, changes)],
      });
    const lock = lockStep(environment, release);
    if (!environment.approval) lock.addStepDependency(changes);
    const stage = new ExchangeStage(this, { environment, peer, registry: this.#delivery });
    const services = deploySteps(environment, release);
    const web = webStep(environment, stage.pages, release);
    // The pages show what the services answer.
    for (const service of services) web.addStepDependency(service);
    const deployments = [...services, web];
    const proofs = proofSteps(environment, release, deployments);
    pipeline.addStage(stage, {
      pre: environment.approval ? [lock] : [changes, lock],
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
      artifactBucket: this.#records.artifacts,
      role: this.#role(),
      usePipelineRoleForActions: true,
      codeBuildDefaults: {
        buildEnvironment: {
          buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0,
          computeType: ComputeType.LARGE,
        },
        timeout: Duration.minutes(30),
        logging: { cloudWatch: { logGroup: this.#records.log } },
      },
    });
  }

  #approval({ name, account, region }: Environment, changes: CodeBuildStep): ApprovalStep {
    const commit = commitPage(this.#delivery, this.#source.sourceAttribute('CommitId'));
    return new ApprovalStep(`approve-${name}`, {
      question: `Release ${commit} to ${name} (account ${account}, ${region})? ${changes.exportedVariable('CHANGES')}`,
      link: changes.exportedVariable('CHANGES_PAGE'),
      topic: this.#records.approvals,
    });
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

  #role(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codepipeline.amazonaws.com'),
    });
    for (const statement of connectionStatements(this.#delivery)) role.addToPolicy(statement);
    return role;
  }
}
