import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import { ManualApprovalAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  type CodePipelineActionFactoryResult,
  type ICodePipelineActionFactory,
  type ProduceActionOptions,
  Step,
} from 'aws-cdk-lib/pipelines';

export interface ApprovalStepProps {
  /** What is asked, with what the answer needs: where the release goes, and what it is. */
  readonly question: string;
  /** A page that shows more. */
  readonly link: string;
  /** Gets the question. */
  readonly topic: ITopic;
}

/** Waits for a person, who is asked by mail and answers in the console; within seven days, or the release ends. */
export class ApprovalStep extends Step implements ICodePipelineActionFactory {
  readonly #props: ApprovalStepProps;

  constructor(id: string, props: ApprovalStepProps) {
    super(id);
    this.#props = props;
    // Both may name what other steps found out.
    this.discoverReferencedOutputs({ question: props.question, link: props.link });
  }

  produceAction(stage: IStage, options: ProduceActionOptions): CodePipelineActionFactoryResult {
    const { question, link, topic } = this.#props;
    stage.addAction(
      new ManualApprovalAction({
        actionName: options.actionName,
        runOrder: options.runOrder,
        additionalInformation: question,
        externalEntityLink: link,
        notificationTopic: topic,
      }),
    );
    return { runOrdersConsumed: 1 };
  }
}
