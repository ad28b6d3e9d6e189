import { BuildSpec, ComputeType, LinuxArmBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import {
  Artifact,
  type CfnPipeline,
  ExecutionMode,
  Pipeline,
  PipelineType,
} from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import type { Previews } from '#environments/previews.ts';
import { buildspecOf } from './buildspec-step.ts';
import type { ImageRepositories } from './image-repositories.ts';
import type { PipelineRecords } from './pipeline-records.ts';
import { plain } from './plain-variables.ts';
import { releaseRoleArn } from './release-role.ts';
import { pushTrigger, sourceAction } from './source.ts';

export interface PreviewPipelineProps {
  readonly delivery: Delivery;
  readonly previews: Previews;
  readonly repositories: ImageRepositories;
  readonly records: PipelineRecords;
}

/** Turns a push to a branch `preview/…` into a preview: the image of the whole exchange, and one stack that runs it. */
export class PreviewPipeline extends Construct {
  readonly #props: PreviewPipelineProps;

  constructor(scope: Construct, id: string, props: PreviewPipelineProps) {
    super(scope, id);
    this.#props = props;
    const { delivery, records } = props;
    const source = new Artifact('Source');
    const image = this.#image(source);
    const pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: `${namePrefix}-preview`,
      pipelineType: PipelineType.V2,
      // Branches have nothing to do with one another; two pushes to one of them do.
      executionMode: ExecutionMode.QUEUED,
      artifactBucket: records.artifacts,
      usePipelineRoleForActions: true,
      stages: [
        { stageName: 'Source', actions: [sourceAction(this, delivery, source)] },
        { stageName: 'Image', actions: [image] },
        { stageName: 'Preview', actions: [this.#deployment(source, image)] },
      ],
    });
    (pipeline.node.defaultChild as CfnPipeline).triggers = [
      pushTrigger('Source', { branches: { includes: ['preview/**'] } }),
    ];
  }

  #image(input: Artifact): CodeBuildAction {
    const { delivery, repositories } = this.#props;
    const { account, region } = delivery;
    const project = this.#project('Image', 'preview-image', true);
    for (const statement of repositories.pushStatements('preview')) project.addToRolePolicy(statement);
    return new CodeBuildAction({
      actionName: 'Image',
      project,
      input,
      variablesNamespace: 'Image',
      environmentVariables: plain({
        IMAGE_REPO_URI: `${account}.dkr.ecr.${region}.amazonaws.com`,
        IMAGE_REPO_NAME: `${namePrefix}/preview`,
        COMMIT: '#{Source.CommitId}',
      }),
    });
  }

  #deployment(input: Artifact, image: CodeBuildAction): CodeBuildAction {
    const { within } = this.#props.previews;
    const { account, region } = within;
    const project = this.#project('Deployment', 'preview', false);
    project.addToRolePolicy(
      new PolicyStatement({
        actions: ['sts:AssumeRole'],
        resources: [
          releaseRoleArn(within),
          // Through these the CDK deploys, with whatever qualifier it was bootstrapped.
          ...['deploy', 'file-publishing', 'lookup'].map(
            (role) => `arn:aws:iam::${account}:role/cdk-*-${role}-role-${account}-${region}`,
          ),
        ],
      }),
    );
    return new CodeBuildAction({
      actionName: 'Preview',
      project,
      input,
      environmentVariables: plain({
        BRANCH: '#{Source.BranchName}',
        IMAGE_DIGEST: image.variable('IMAGE_DIGEST'),
        ENVIRONMENT_ROLE: releaseRoleArn(within),
        ENVIRONMENT_REGION: region,
      }),
    });
  }

  #project(id: string, buildspec: string, privileged: boolean): PipelineProject {
    return new PipelineProject(this, id, {
      description: `buildspecs/${buildspec}.yml`,
      buildSpec: BuildSpec.fromObject(buildspecOf(buildspec)),
      logging: { cloudWatch: { logGroup: this.#props.records.log } },
      environment: {
        privileged,
        buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0,
        computeType: ComputeType.MEDIUM,
      },
    });
  }
}
