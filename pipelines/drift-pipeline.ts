import { BuildSpec, LinuxArmBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact, Pipeline, PipelineNotificationEvents, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { CodePipeline as PipelineTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { buildspecOf } from './buildspec-step.ts';
import type { PipelineRecords } from './pipeline-records.ts';
import { plain } from './plain-variables.ts';
import { releaseRoleArn } from './release-role.ts';
import { sourceAction } from './source.ts';

export interface DriftPipelineProps {
  readonly delivery: Delivery;
  readonly environments: readonly Environment[];
  readonly records: PipelineRecords;
}

/** Looks at every environment once a day, whether it is what was deployed. */
export class DriftPipeline extends Construct {
  constructor(scope: Construct, id: string, props: DriftPipelineProps) {
    super(scope, id);
    const { delivery, environments, records } = props;
    const source = new Artifact('Source');
    const pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: `${namePrefix}-drift`,
      pipelineType: PipelineType.V2,
      artifactBucket: records.artifacts,
      usePipelineRoleForActions: true,
      stages: [
        { stageName: 'Source', actions: [sourceAction(this, delivery, source)] },
        {
          stageName: 'Environments',
          actions: environments.map((environment) => this.#check(environment, source, records)),
        },
      ],
    });
    new Rule(this, 'Daily', {
      schedule: Schedule.cron({ hour: '5', minute: '0' }),
      targets: [new PipelineTarget(pipeline)],
    });
    pipeline.notifyOn('Failed', records.approvals, {
      events: [PipelineNotificationEvents.PIPELINE_EXECUTION_FAILED],
    });
  }

  #check(environment: Environment, input: Artifact, { log }: PipelineRecords): CodeBuildAction {
    const { name, region } = environment;
    const project = new PipelineProject(this, name, {
      description: `Whether somebody changed ${name} by hand`,
      buildSpec: BuildSpec.fromObject(buildspecOf('drift')),
      logging: { cloudWatch: { logGroup: log } },
      environment: { buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0 },
      environmentVariables: plain({
        PREFIX: prefixOf(environment),
        ENVIRONMENT_ROLE: releaseRoleArn(environment),
        ENVIRONMENT_REGION: region,
      }),
    });
    project.addToRolePolicy(
      new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [releaseRoleArn(environment)] }),
    );
    return new CodeBuildAction({ actionName: `drift-of-${name}`, project, input });
  }
}
