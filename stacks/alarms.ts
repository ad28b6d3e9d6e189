import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

/** How often metrics are looked at, unless one says otherwise. */
export const minute = Duration.minutes(1);

export interface Watch {
  /** Which of several things is watched, such as a service; part of the alarm's name. */
  readonly of?: string;
  /** With its own period. */
  readonly metric: IMetric;
  /** It alarms beyond this: a value that is still well. */
  readonly above?: number;
  /** It alarms below this: the least value that is still well. */
  readonly below?: number;
  /** Periods in a row. */
  readonly periods: number;
  /**
   * What no data means. `well`: nothing happened, such as an error that is only counted when there is one.
   * `ill`: what should tell is silent.
   */
  readonly silence: 'well' | 'ill';
  /** One sentence for a person who is woken by it. */
  readonly means: string;
}

/** The alarms of one environment in one region, and the topic that tells people of them. */
export class Alarms extends Construct {
  readonly topic: Topic;
  /** Encrypts the topic; may be used for what else only operators read. */
  readonly key: Key;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.#prefix = prefixOf(environment);
    this.key = this.#key();
    this.topic = this.#topic(environment);
  }

  /** `kind` is the runbook's heading that says what to do, and the end of the alarm's name. */
  watch(kind: string, { of, metric, above, below, periods, silence, means }: Watch): Alarm {
    const alarm = new Alarm(this, nameOf(kind, of), {
      alarmName: `${this.#prefix}-${nameOf(kind, of)}`,
      alarmDescription: describe(kind, means),
      metric,
      threshold: (above ?? below)!,
      comparisonOperator:
        above === undefined
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: silence === 'well' ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  /** One alarm for all that shows that a service is not well. */
  combine(service: string, alarms: readonly IAlarm[]): CompositeAlarm {
    const kind = 'ServiceImpaired';
    const composite = new CompositeAlarm(this, nameOf(kind, service), {
      compositeAlarmName: `${this.#prefix}-${nameOf(kind, service)}`,
      alarmDescription: describe(kind, `${service} does not work as it should.`),
      alarmRule: AlarmRule.anyOf(...alarms),
    });
    composite.addAlarmAction(new SnsAction(this.topic));
    return composite;
  }

  #key(): Key {
    const key = new Key(this, 'Key', {
      alias: `${this.#prefix}-alarms`,
      description: `What alarms of ${this.#prefix} say`,
      enableKeyRotation: true,
    });
    // In a key's own policy the star is this key.
    key.addToResourcePolicy(this.#cloudWatchMay(['kms:Decrypt', 'kms:GenerateDataKey*'], '*'));
    key.addToResourcePolicy(onlyServicesGrant);
    return key;
  }

  #topic({ alarmEmails }: Environment): Topic {
    const topic = new Topic(this, 'Topic', {
      topicName: `${this.#prefix}-alarms`,
      masterKey: this.key,
      enforceSSL: true,
    });
    // A policy of ours takes the place of the one that lets the account's alarms publish.
    topic.addToResourcePolicy(this.#cloudWatchMay(['sns:Publish'], topic.topicArn));
    for (const address of alarmEmails) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
  #cloudWatchMay(actions: string[], resource: string): PolicyStatement {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: `${this.#prefix}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions,
      resources: [resource],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarms },
        StringEquals: { 'aws:SourceAccount': stack.account },
      },
    });
  }
}

/** Nobody hands the key on, but AWS services where they need it themselves. */
const onlyServicesGrant = new PolicyStatement({
  effect: Effect.DENY,
  principals: [new AnyPrincipal()],
  actions: ['kms:CreateGrant'],
  resources: ['*'],
  conditions: {
    BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
  },
});

/**
 * A metric over everything of its kind in this account and region, however many there are and whatever their names:
 * `SELECT MAX(…) FROM SCHEMA("AWS/…", …)`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export function everywhere(query: string, period = minute): MathExpression {
  return new MathExpression({ expression: query, label: query, period });
}

function nameOf(kind: string, of: string | undefined): string {
  return of === undefined ? kind : `${of}-${kind}`;
}

function describe(kind: string, means: string): string {
  return `${means} What to do: docs/runbook.md#${kind.toLowerCase()}`;
}
