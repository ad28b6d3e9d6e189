import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import type { EnvironmentOf } from '#platform/env.ts';
import type { functionConfig } from '#services/projector/config.ts';
import type { DataStack } from './data-stack.ts';
import { StreamFunction } from './stream-function.ts';

/** Records a call: at 250 KB at most far more than the 6 MB that a call takes, so that the size decides. */
const recordsPerCallMax = 500;
/** Lanes of a shard that are read side by side; each is in order, since all of its records have one partition key. */
const lanesPerShard = 4;
/**
 * A store that is away is waited for this long; then records are given up on and named in the dead letters. The stream
 * keeps them for a week.
 */
const recordAgeMax = Duration.days(1);

export interface TableProjectorProps {
  readonly environment: Environment;
  readonly data: DataStack;
}

/** Keeps klines and history in DynamoDB, from the stream of events. */
export class TableProjector extends Construct {
  constructor(scope: Construct, id: string, { environment, data }: TableProjectorProps) {
    super(scope, id);
    const { stream, deadLetters, tables } = data;
    const variables: EnvironmentOf<typeof functionConfig> = {
      MARKET_DATA_TABLE: tables.marketData.tableName,
      TRANSACTION_HISTORY_TABLE: tables.transactionHistory.tableName,
      DEAD_LETTERS_URL: deadLetters.queueUrl,
    };
    const { function: projector } = new StreamFunction(this, 'Projector', {
      environment,
      name: 'table-projector',
      entry: 'services/projector/function.ts',
      variables: { ...variables },
      may: rights(data),
      memoryMiB: 512,
      timeout: Duration.minutes(1),
    });
    new EventSourceMapping(this, 'Mapping', {
      target: projector,
      eventSourceArn: stream.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: recordsPerCallMax,
      parallelizationFactor: lanesPerShard,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      maxRecordAge: recordAgeMax,
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    });
  }
}

function rights({ stream, deadLetters, tables, key }: DataStack): PolicyStatement[] {
  const allow = (actions: string[], ...resources: string[]) => new PolicyStatement({ actions, resources });
  return [
    allow(
      [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      stream.streamArn,
    ),
    allow(
      [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ],
      tables.marketData.tableArn,
    ),
    allow(['dynamodb:BatchWriteItem'], tables.transactionHistory.tableArn),
    allow(['sqs:SendMessage'], deadLetters.queueArn),
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn),
  ];
}
