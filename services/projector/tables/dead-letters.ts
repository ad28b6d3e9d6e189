/** Where records of the stream are named that nobody can read: see DeadLetters in docs/runbook.md. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** The record itself stays in the stream for its retention, and what it was made of in the journal. */
export interface DeadLetter {
  readonly partitionKey: string;
  /** The stream's own number of the record. */
  readonly sequenceNumber: string;
  /** What is wrong with it. */
  readonly reason: string;
}

export interface DeadLetters {
  send(letter: DeadLetter): Promise<void>;
}

export class SqsDeadLetters implements DeadLetters {
  readonly #client = new SQSClient();
  readonly #queueUrl: string;

  constructor(queueUrl: string) {
    this.#queueUrl = queueUrl;
  }

  async send(letter: DeadLetter): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(letter) }),
    );
  }
}
