import { readFileSync } from 'node:fs';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import { CodeBuildStep, type CodeBuildStepProps } from 'aws-cdk-lib/pipelines';
import { parse } from 'yaml';

export interface BuildspecStepProps extends Omit<CodeBuildStepProps, 'commands' | 'partialBuildSpec'> {
  /** The file in `buildspecs/`, without its ending. */
  readonly buildspec: string;
}

/** A step of the pipeline that runs a file of `buildspecs/`. What it leaves for others, the step's own properties say. */
export function buildspecStep(id: string, { buildspec, ...props }: BuildspecStepProps): CodeBuildStep {
  const { artifacts: _, ...specification } = buildspecOf(buildspec);
  return new CodeBuildStep(id, {
    ...props,
    partialBuildSpec: BuildSpec.fromObject(specification),
    commands: [],
  });
}

/** What `buildspecs/<name>.yml` says. */
export function buildspecOf(name: string): Record<string, unknown> {
  return parse(readFileSync(`buildspecs/${name}.yml`, 'utf8'));
}
