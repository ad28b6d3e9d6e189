import assert from 'node:assert/strict';
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { Backups } from './backups.ts';
import { Buckets, importedBuckets, type Stores } from './buckets.ts';
import { Cache } from './cache.ts';
import { Database } from './database.ts';
import { EventStream } from './event-stream.ts';
import { MarketDataArchive } from './market-data-archive.ts';
import type { ReplicaStack } from './replica-stack.ts';
import { storeKey } from './store-key.ts';
import { exchangeTables, type Tables } from './tables.ts';

export interface DataStackProps extends StackProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly vpc: IVpc;
  readonly securityGroups: {
    readonly database: ISecurityGroup;
    readonly cache: ISecurityGroup;
    /** Of functions, which may connect to the database: one of them changes its password. */
    readonly functions: ISecurityGroup;
  };
  /** For a primary with a standby: what its data is copied to. */
  readonly replicas?: ReplicaStack;
}

/** The stores of an environment. A standby's follow its primary's: database, tables and buckets are copies. */
export class DataStack extends Stack {
  /** The one key of the environment's stores in this region. */
  readonly key: Key;
  readonly database: Database;
  readonly tables: Tables;
  readonly cache?: Cache;
  readonly stream: IStream;
  readonly deadLetters: IQueue;
  /** The engine's snapshots and old days of its journal. */
  readonly blobs: IBucket;
  readonly #props: DataStackProps;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { environment, peer, replicas, vpc } = props;
    const copied = environment.role === 'primary' && peer !== undefined;
    assert(copied === (replicas !== undefined), 'replicas are for a primary with a standby');
    this.#props = props;
    this.key = storeKey(this, environment, 'stores');
    this.database = this.#database();
    this.tables = exchangeTables(this, environment, peer);
    if (environment.cache)
      this.cache = new Cache(this, 'Cache', {
        environment,
        size: environment.cache,
        vpc,
        securityGroup: props.securityGroups.cache,
        key: this.key,
      });

    const { stream, deadLetters } = new EventStream(this, 'Events', environment, this.key);
    this.stream = stream;
    this.deadLetters = deadLetters;

    const { blobs, archive } = this.#buckets();
    this.blobs = blobs;
    new MarketDataArchive(this, 'MarketDataArchive', { environment, key: this.key, stream, bucket: archive });
    if (environment.role === 'primary') this.#backups();
  }

  #database(): Database {
    const { environment, peer, replicas, vpc, securityGroups } = this.#props;
    return new Database(this, 'Database', {
      environment,
      peer,
      vpc,
      securityGroup: securityGroups.database,
      rotationSecurityGroup: securityGroups.functions,
      key: this.key,
      replicaKey: replicas?.key,
    });
  }

  #buckets(): Stores {
    const { environment, replicas } = this.#props;
    if (environment.role === 'standby') return importedBuckets(this, environment);
    return new Buckets(this, 'Buckets', { environment, key: this.key, replicas });
  }

  #backups(): void {
    const { environment, replicas } = this.#props;
    new Backups(this, 'Backups', {
      environment,
      key: this.key,
      stores: [
        this.database.cluster.clusterArn,
        ...Object.values(this.tables).map(({ tableArn }) => tableArn),
      ],
      copyTo: replicas?.vault,
    });
  }
}
