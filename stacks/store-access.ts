import type { IRole } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { bucketNameOf } from './buckets.ts';
import type { DataStack } from './data-stack.ts';
import type { Store } from './services.ts';
import { historyByAsset } from './tables.ts';

/**
 * Lets a service's role use one store, and do there what services do. The statements stand at the role alone: one in
 * the key's own policy would make the stores depend on the services.
 */
export function allow(role: IRole, store: Store, data: DataStack, environment: Environment): void {
  for (const statement of statementsOf(store, data, environment)) role.addToPrincipalPolicy(statement);
  if (store !== 'blobs') return;
  acknowledge(
    role,
    'The engine names its snapshots and days of the journal as it goes; the bucket is its own.',
    `AwsSolutions-IAM5[Resource::${objectsIn(environment)}]`,
  );
}

const objectsIn = (environment: Environment) => `arn:aws:s3:::${bucketNameOf(environment, 'blobs')}/*`;

function statementsOf(store: Store, data: DataStack, environment: Environment): PolicyStatement[] {
  const { database, cache, blobs, stream, tables, key } = data;
  switch (store) {
    case 'database':
      return readSecret(database.secret, data);
    case 'cache':
      return cache ? readSecret(cache.secret, data) : [];
    case 'blobs':
      return [
        statement(['s3:ListBucket'], blobs.bucketArn),
        statement(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objectsIn(environment)),
        statement(['kms:Decrypt', 'kms:GenerateDataKey'], (blobs.encryptionKey ?? key).keyArn),
      ];
    case 'sessions':
      return [
        statement(
          [
            'dynamodb:GetItem',
            'dynamodb:PutItem',
            'dynamodb:UpdateItem',
            'dynamodb:DeleteItem',
            'dynamodb:Query',
          ],
          tables.userSessions.tableArn,
        ),
      ];
    case 'sessions-to-read':
      return [statement(['dynamodb:GetItem'], tables.userSessions.tableArn)];
    case 'stream':
      return [
        statement(['kinesis:PutRecords'], stream.streamArn),
        statement(['kms:GenerateDataKey'], key.keyArn),
      ];
    case 'klines':
      return [statement(['dynamodb:Query'], tables.marketData.tableArn)];
    case 'history': {
      const { tableArn } = tables.transactionHistory;
      return [tableArn, `${tableArn}/index/${historyByAsset}`].map((arn) =>
        statement(['dynamodb:Query'], arn),
      );
    }
    case 'tables':
      return [tables.marketData, tables.transactionHistory].map(({ tableArn }) =>
        statement(
          [
            'dynamodb:BatchGetItem',
            'dynamodb:BatchWriteItem',
            'dynamodb:PutItem',
            'dynamodb:Query',
            'dynamodb:Scan',
          ],
          tableArn,
        ),
      );
  }
}

function readSecret(secret: ISecret, { key }: DataStack): PolicyStatement[] {
  return [
    statement(['secretsmanager:GetSecretValue'], secret.secretArn),
    statement(['kms:Decrypt'], (secret.encryptionKey ?? key).keyArn),
  ];
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] });
}
