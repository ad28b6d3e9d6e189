import { RemovalPolicy } from 'aws-cdk-lib';
import type { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgeCaller } from './aws-caller.ts';

/** The only rule of a listener that has no others: its first answer. */
const arnField = 'Rules.0.RuleArn';

/**
 * Finds the default rules of listeners. ECS moves rules, and CloudFormation tells nobody the name of the one that every
 * listener has. A rule of our own beside it would be one more thing that CodeDeploy does not move.
 */
export class DefaultRules extends Construct {
  readonly #logGroup: LogGroup;

  constructor(scope: Construct, id: string, { logRetentionDays }: Environment) {
    super(scope, id);
    this.#logGroup = new LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** The ARN of the rule, once the stack is deployed. */
  arnOf(id: string, listener: ApplicationListener): string {
    const lookup = new AwsCustomResource(this, id, {
      // At the start too.
      onUpdate: {
        service: 'elastic-load-balancing-v2',
        action: 'describeRules',
        parameters: { ListenerArn: listener.listenerArn },
        outputPaths: [arnField],
        physicalResourceId: PhysicalResourceId.fromResponse(arnField),
      },
      logGroup: this.#logGroup,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ['elasticloadbalancing:DescribeRules'], resources: ['*'] }),
      ]),
    });
    acknowledge(lookup, 'Rules are described all or not at all.', 'AwsSolutions-IAM5[Resource::*]');
    acknowledgeCaller(this, 'Elastic Load Balancing');
    return lookup.getResponseField(arnField);
  }
}
