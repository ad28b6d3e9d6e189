import assert from 'node:assert/strict';
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type ITableV2,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';

const { STRING, NUMBER } = AttributeType;

/** The index of `transaction-history`, as `services/platform/history-items.ts` has it too. */
export const historyByAsset = 'by-asset';

const definitions = {
  /** Market data by time. A time is in microseconds since 1970, as everywhere: numbers sort and range as they are. */
  marketData: {
    name: 'market-data',
    partitionKey: { name: 'trading_pair', type: STRING },
    sortKey: { name: 'timestamp', type: NUMBER },
  },
  /** Who is logged in. DynamoDB removes what is past `expires_at_seconds` since 1970, within days. */
  userSessions: {
    name: 'user-sessions',
    partitionKey: { name: 'account_id', type: NUMBER },
    sortKey: { name: 'session_id', type: STRING },
    timeToLiveAttribute: 'expires_at_seconds',
  },
  /** What happened to an account, newest or oldest first. `entry_id` begins with the time, in 16 digits. */
  transactionHistory: {
    name: 'transaction-history',
    partitionKey: { name: 'account_id', type: NUMBER },
    sortKey: { name: 'entry_id', type: STRING },
    globalSecondaryIndexes: [
      {
        indexName: historyByAsset,
        // The account and the asset in one, as `42#BTC`: one alone would gather all accounts in one partition.
        partitionKey: { name: 'account_asset', type: STRING },
        sortKey: { name: 'entry_id', type: STRING },
      },
    ],
  },
} as const satisfies Record<string, Definition>;

type Definition = Pick<
  TablePropsV2,
  'partitionKey' | 'sortKey' | 'timeToLiveAttribute' | 'globalSecondaryIndexes'
> & { readonly name: string };

export type Tables = Readonly<Record<keyof typeof definitions, ITableV2>>;

/**
 * The DynamoDB tables, paid by the request. A primary makes them, with replicas in its standby's region that write
 * back and forth; to a standby they are there already, under the primary's names.
 */
export function exchangeTables(scope: Construct, environment: Environment, peer?: Environment): Tables {
  const table =
    environment.role === 'primary'
      ? (id: string, definition: Definition) => made(scope, id, definition, environment, peer)
      : (id: string, definition: Definition) => replica(scope, id, definition, peer);
  return {
    marketData: table('MarketData', definitions.marketData),
    userSessions: table('UserSessions', definitions.userSessions),
    transactionHistory: table('TransactionHistory', definitions.transactionHistory),
  };
}

function made(
  scope: Construct,
  id: string,
  { name, ...shape }: Definition,
  environment: Environment,
  peer?: Environment,
): ITableV2 {
  return new TableV2(scope, id, {
    tableName: `${prefixOf(environment)}-${name}`,
    ...shape,
    billing: Billing.onDemand(),
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // A key of ours would have to exist in each region, for as long as the replica there: DynamoDB gives a replica up
    // whose key it cannot reach. The key that AWS manages for this account is there in all of them.
    encryption: TableEncryptionV2.awsManagedKey(),
    deletionProtection: environment.keepsData,
    removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    replicas: peer && [{ region: peer.region }],
  });
}

function replica(scope: Construct, id: string, { name }: Definition, primary?: Environment): ITableV2 {
  assert(primary, 'a standby has a primary');
  return TableV2.fromTableAttributes(scope, id, {
    tableName: `${prefixOf(primary)}-${name}`,
    grantIndexPermissions: true,
  });
}
