import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type IStream, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

/** Committed events, from the engine to whoever follows, and where those end up that a follower cannot read. */
export class EventStream extends Construct {
  readonly stream: IStream;
  readonly deadLetters: IQueue;

  constructor(scope: Construct, id: string, environment: Environment, key: IKey) {
    super(scope, id);
    const removalPolicy = environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.stream = new Stream(this, 'Stream', {
      streamName: `${prefixOf(environment)}-market-data-stream`,
      streamMode: StreamMode.ON_DEMAND,
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      // A consumer may stand still over a long weekend; what is older is in the journal.
      retentionPeriod: Duration.days(7),
      removalPolicy,
    });
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14), // as long as SQS keeps anything
      removalPolicy,
    });
    Validations.of(this.stream).acknowledge({
      id: 'AwsSolutions-KDS3',
      reason:
        'Encrypted by the key of the stores, whose use is logged and can be ended, rather than by the one of AWS.',
    });
    for (const id of ['AwsSolutions-SQS3', 'cdk-validator-cfnguard::sqs_dlq_check'])
      Validations.of(this.deadLetters).acknowledge({
        id,
        reason: 'It is the dead-letter queue, of a function rather than of a queue.',
      });
  }
}
