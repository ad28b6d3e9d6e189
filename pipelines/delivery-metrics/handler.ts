/** Turns the pipeline's events into metrics, which CloudWatch reads from the log. */
import { CodePipelineClient, GetPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type DeliveryRecord, metricsOf, type StageEvent } from './delivery.ts';
import { metricLine } from './metric-line.ts';

const pipelines = new CodePipelineClient();
const parameters = new SSMClient();

/** The bundler puts these in: what the construct that deploys it knows. */
declare const ENVIRONMENTS: readonly string[];
declare const PIPELINE: string;
declare const PREFIX: string;

const nameOf = (environment: string) => `/${PREFIX}/delivery/${environment}/failing-since`;

const record: DeliveryRecord = {
  async committedAt(pipelineExecutionId) {
    const { pipelineExecution } = await pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName: PIPELINE, pipelineExecutionId }),
    );
    const created = pipelineExecution?.artifactRevisions?.[0]?.created;
    if (created === undefined) throw new Error(`${pipelineExecutionId} does not say what it releases`);
    return created.getTime();
  },

  async failingSince(environment) {
    try {
      const { Parameter } = await parameters.send(new GetParameterCommand({ Name: nameOf(environment) }));
      return Number(Parameter?.Value);
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  },

  async setFailingSince(environment, at) {
    const Name = nameOf(environment);
    if (at === undefined) await parameters.send(new DeleteParameterCommand({ Name }));
    else
      await parameters.send(
        new PutParameterCommand({ Name, Value: String(at), Type: 'String', Overwrite: true }),
      );
  },
};

export async function handler(event: StageEvent): Promise<void> {
  const metrics = await metricsOf(event, ENVIRONMENTS, record);
  if (metrics !== undefined) process.stdout.write(metricLine(event, metrics));
}
