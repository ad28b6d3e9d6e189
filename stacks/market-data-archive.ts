import { Duration, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import {
  Database,
  DataFormat,
  PartitionProjectionConfiguration,
  S3Table,
  S3TableStorage,
  Schema,
} from 'aws-cdk-lib/aws-glue';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import {
  Compression,
  DeliveryStream,
  EnableLogging,
  KinesisStreamSource,
  LambdaFunctionProcessor,
  S3Bucket,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { StreamFunction } from './stream-function.ts';

/** Folders of the archive's bucket. */
export const eventsFolder = 'events/';
export const queriesFolder = 'queries/';
const failuresFolder = 'events-failed/';

/** Athena bills by what it reads: this much is some 50 cents. */
const bytesPerQueryMax = 100 * 1024 ** 3;
/** The day of the oldest event that a query can find. */
const firstDay = '2026-01-01';

export interface MarketDataArchiveProps {
  readonly environment: Environment;
  readonly key: IKey;
  readonly stream: IStream;
  readonly bucket: IBucket;
}

/**
 * What went over the stream, for good: compressed lines of JSON in S3, a folder for each day (UTC), which Athena reads
 * as a table. Lines rather than Parquet: they take events of any kind, and need no schema to be delivered.
 */
export class MarketDataArchive extends Construct {
  readonly #props: MarketDataArchiveProps;

  constructor(scope: Construct, id: string, props: MarketDataArchiveProps) {
    super(scope, id);
    this.#props = props;
    this.#delivery();
    this.#table();
    this.#workGroup();
  }

  #delivery(): void {
    const { environment, stream, bucket } = this.#props;
    const log = new LogGroup(this, 'Log', {
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const lines = this.#lines();
    const role = this.#role(log, lines);
    const delivery = new DeliveryStream(this, 'Delivery', {
      role,
      source: new KinesisStreamSource(stream),
      destination: new S3Bucket(bucket, {
        role,
        dataOutputPrefix: `${eventsFolder}day=!{timestamp:yyyy-MM-dd}/`,
        errorOutputPrefix: `${failuresFolder}!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/`,
        compression: Compression.GZIP,
        fileExtension: '.json.gz',
        // A megabyte of records becomes some three of lines; six is what a function may answer.
        processors: [new LambdaFunctionProcessor(lines, { bufferSize: Size.mebibytes(1) })],
        // Large files are what Athena reads quickly: five minutes or 128 MiB, whichever is first.
        bufferingInterval: Duration.minutes(5),
        bufferingSize: Size.mebibytes(128),
        loggingConfig: new EnableLogging(log),
      }),
    });
    Validations.of(delivery).acknowledge({
      id: 'AwsSolutions-KDF1',
      reason: 'Firehose refuses a key where its source is a Kinesis stream: that one is encrypted.',
    });
  }

  /** Records of the stream are frames of our own; a function makes lines of them. */
  #lines(): IFunction {
    const { function: lines } = new StreamFunction(this, 'Lines', {
      environment: this.#props.environment,
      name: 'archiver',
      entry: 'services/archiver/main.ts',
      variables: {},
      may: [],
      memoryMiB: 256,
      timeout: Duration.minutes(1),
    });
    return lines;
  }

  /** Narrower than what the constructs would grant, and complete, so that they add nothing. */
  #role(log: LogGroup, lines: IFunction): IRole {
    const { stream, bucket, key } = this.#props;
    const allow = (actions: string[], ...resources: string[]) => new PolicyStatement({ actions, resources });
    const objects = 'events*'; // both folders
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
      inlinePolicies: {
        deliver: new PolicyDocument({
          statements: [
            allow(
              [
                'kinesis:DescribeStream',
                'kinesis:GetShardIterator',
                'kinesis:GetRecords',
                'kinesis:ListShards',
              ],
              stream.streamArn,
            ),
            allow(
              ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
              bucket.bucketArn,
            ),
            allow(['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'], bucket.arnForObjects(objects)),
            allow(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn),
            allow(['logs:PutLogEvents'], log.logGroupArn),
            allow(['lambda:InvokeFunction'], lines.functionArn),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${this.#bucketAsFound()}/${objects}]`,
      reason: 'Firehose makes the names of objects, in the two folders that it writes to.',
    });
    return role.withoutPolicyUpdates();
  }

  /** How cdk-nag writes the bucket's ARN: what CloudFormation will know stands in angle brackets. */
  #bucketAsFound(): string {
    const arn = Stack.of(this).resolve(this.#props.bucket.bucketArn);
    return typeof arn === 'string' ? arn : `<${arn['Fn::GetAtt'].join('.')}>`;
  }

  /** Days are computed rather than listed, so that a new one needs no crawler to be found. */
  #table(): void {
    const { environment, bucket } = this.#props;
    const prefix = prefixOf(environment);
    const database = new Database(this, 'Database', {
      databaseName: prefix.replaceAll('-', '_'),
      description: `What happened on ${prefix}`,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new S3Table(this, 'Table', {
      database,
      tableName: 'events',
      description:
        'An event a line, as the engine published it; what the kinds differ in is the JSON in `data`.',
      storage: S3TableStorage.fromBucket(bucket),
      s3Prefix: eventsFolder,
      dataFormat: DataFormat.JSON,
      compressed: true,
      hasEncryptedData: false, // by the client, that is: S3 encrypts it
      columns: [
        { name: 'seq', type: Schema.BIG_INT, comment: 'sequence of the command' },
        { name: 'time_us', type: Schema.BIG_INT, comment: 'microseconds since 1970' },
        { name: 'event', type: Schema.STRING, comment: 'its kind, as in services/domain/events.ts' },
        { name: 'market', type: Schema.INTEGER },
        { name: 'account', type: Schema.BIG_INT },
        { name: 'data', type: Schema.STRING, comment: 'all its fields' },
      ],
      partitionKeys: [{ name: 'day', type: Schema.STRING }],
      partitionProjection: {
        day: PartitionProjectionConfiguration.date({ min: firstDay, max: 'NOW', format: 'yyyy-MM-dd' }),
      },
    });
  }

  #workGroup(): void {
    const { environment, bucket, key } = this.#props;
    new CfnWorkGroup(this, 'Queries', {
      name: prefixOf(environment),
      description: `Questions to the archive of ${prefixOf(environment)}`,
      recursiveDeleteOption: true, // of the queries' history; results are in the bucket
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: bytesPerQueryMax,
        resultConfiguration: {
          outputLocation: bucket.s3UrlForObject(queriesFolder),
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
  }
}
