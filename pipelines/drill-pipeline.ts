import { Duration } from 'aws-cdk-lib';
import { BuildSpec, LinuxArmBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact, Pipeline, PipelineNotificationEvents, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { CodePipeline as PipelineTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Delivery, namePrefix } from '#environments/delivery.ts';
import { type Environment, peerOf, prefixOf } from '#environments/environment.ts';
import { buildspecOf } from './buildspec-step.ts';
import type { PipelineRecords } from './pipeline-records.ts';
import { plain } from './plain-variables.ts';
import { drillRoleArn } from './release-role.ts';
import { sourceAction } from './source.ts';

export interface DrillPipelineProps {
  readonly delivery: Delivery;
  readonly environments: readonly Environment[];
  /** Its approvals are who hears how a drill went. */
  readonly records: PipelineRecords;
}

/** Beside what the standby may take to start: to look, to tell, and to take the tasks away again. */
const minutesBeside = 30;

/** Finds out once a month, and whenever somebody starts it, whether each standby could take over from its primary. */
export class DrillPipeline extends Construct {
  constructor(scope: Construct, id: string, props: DrillPipelineProps) {
    super(scope, id);
    const { delivery, environments, records } = props;
    const source = new Artifact('Source');
    const pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: `${namePrefix}-drill`,
      pipelineType: PipelineType.V2,
      artifactBucket: records.artifacts,
      usePipelineRoleForActions: true,
      stages: [
        { stageName: 'Source', actions: [sourceAction(this, delivery, source)] },
        {
          stageName: 'Standbys',
          actions: environments.flatMap((environment) => this.#drill(environment, source, props)),
        },
      ],
    });
    new Rule(this, 'Monthly', {
      description: 'Whether the standbys could take over',
      schedule: Schedule.cron({ weekDay: 'TUE#1', hour: '8', minute: '0' }),
      targets: [new PipelineTarget(pipeline)],
    });
    // A drill tells itself how it went; this is for one that could not.
    pipeline.notifyOn('Failed', records.approvals, {
      events: [PipelineNotificationEvents.PIPELINE_EXECUTION_FAILED],
    });
  }

  #drill(
    standby: Environment,
    input: Artifact,
    { environments, records: { approvals: topic, log } }: DrillPipelineProps,
  ): CodeBuildAction[] {
    const primary = peerOf(standby, environments);
    if (standby.role !== 'standby' || primary === undefined) return [];
    const { name, region, recovery } = standby;
    const project = new PipelineProject(this, name, {
      description: `Whether ${name} could take over from ${primary.name}`,
      buildSpec: BuildSpec.fromObject(buildspecOf('drill')),
      logging: { cloudWatch: { logGroup: log } },
      environment: { buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_4_0 },
      timeout: Duration.minutes(recovery.rtoMinutes + minutesBeside),
      environmentVariables: plain({
        ENVIRONMENT: name,
        ENVIRONMENT_REGION: region,
        PREFIX: prefixOf(standby),
        PRIMARY: primary.name,
        PRIMARY_PREFIX: prefixOf(primary),
        PRIMARY_REGION: primary.region,
        DRILL_ROLE: drillRoleArn(standby),
        RPO_SECONDS: String(recovery.rpoSeconds),
        RTO_MINUTES: String(recovery.rtoMinutes),
        TOPIC: topic.topicArn,
      }),
    });
    project.addToRolePolicy(
      new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [drillRoleArn(standby)] }),
    );
    topic.grantPublish(project);
    return [new CodeBuildAction({ actionName: `drill-of-${name}`, project, input })];
  }
}
