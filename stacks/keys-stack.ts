import assert from 'node:assert/strict';
import { Aspects, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { letLogsUse, recordKey } from './record-key.ts';

export interface KeysStackProps extends StackProps {
  readonly environment: Environment;
}

/** The key that encrypts an environment's logs in one region. Stores have a key of their own, in the data stack. */
export class KeysStack extends Stack {
  readonly logs: Key;

  constructor(scope: Construct, id: string, props: KeysStackProps) {
    super(scope, id, props);
    const prefix = prefixOf(props.environment);
    this.logs = recordKey(this, 'Logs', {
      name: `${prefix}-logs`,
      description: `Logs of ${prefix}`,
      // Logs that are kept must stay readable.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    letLogsUse(this.logs);
  }
}

/** Encrypts every log group below `scope`, those of constructs that offer no such option too. */
export function encryptLogs(scope: IConstruct, keys: readonly KeysStack[]): void {
  const keyIn = new Map(keys.map(({ region, logs }) => [region, logs]));
  Aspects.of(scope).add({
    visit(node) {
      if (!(node instanceof CfnLogGroup) || node.kmsKeyId !== undefined) return;
      const key = keyIn.get(Stack.of(node).region);
      assert(key, `no key encrypts the logs of ${Stack.of(node).region}`);
      node.kmsKeyId = key.keyArn;
    },
  });
}
