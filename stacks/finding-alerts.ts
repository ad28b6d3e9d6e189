import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { recordKey } from './record-key.ts';

/** https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html */
const guardDutyHigh = 7;

/** Tells people by mail what GuardDuty and Security Hub find, when it is severe. */
export class FindingAlerts extends Construct {
  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const topic = this.#topic(environment);
    const { guardDuty, securityHub } = environment.guards;
    if (guardDuty) this.#guardDuty().addTarget(new SnsTopic(topic));
    if (securityHub) this.#securityHub().addTarget(new SnsTopic(topic));
  }

  #guardDuty(): Rule {
    return new Rule(this, 'GuardDuty', {
      description: 'Findings of GuardDuty of high severity',
      eventPattern: {
        source: ['aws.guardduty'],
        detailType: ['GuardDuty Finding'],
        detail: { severity: Match.greaterThanOrEqual(guardDutyHigh) },
      },
    });
  }

  /** Security Hub repeats GuardDuty's findings, and each of its own twice a day until somebody has looked at it. */
  #securityHub(): Rule {
    return new Rule(this, 'SecurityHub', {
      description: 'Findings of Security Hub of high severity that are new',
      eventPattern: {
        source: ['aws.securityhub'],
        detailType: ['Security Hub Findings - Imported'],
        detail: {
          findings: {
            ProductName: Match.anythingBut('GuardDuty'),
            RecordState: ['ACTIVE'],
            Severity: { Label: ['HIGH', 'CRITICAL'] },
            Workflow: { Status: ['NEW'] },
          },
        },
      },
    });
  }

  #topic(environment: Environment): Topic {
    const name = `${prefixOf(environment)}-findings`;
    const masterKey = recordKey(this, 'Key', {
      name,
      description: `What security findings of ${prefixOf(environment)} say`,
    });
    // No condition on the source, here and in the topic's policy: EventBridge sends none to topics.
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'], // in a key's own policy: this key
      }),
    );
    const topic = new Topic(this, 'Topic', { topicName: name, masterKey, enforceSSL: true });
    for (const address of environment.alarmEmails) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }
}
